/** How an export is named before it is made. */
import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { exportTag } from "../../src/api/tremor-export.ts";
import { sliceRecord, type RecordColumns } from "../../src/catalog/packed-day.ts";

const STEP_MS = 600_000;

function recordOf(count: number): RecordColumns {
  const timesMs = Float64Array.from({ length: count }, (_, at) => at * STEP_MS);
  const rmsMv = timesMs.map((timeMs) => 0.5 + (timeMs % 7));
  return { timesMs, rmsMv, clipped: new Uint8Array(count), support: new Uint8Array(count).fill(0x33) };
}

const range = { startMs: 0, endMs: 1000 * STEP_MS };
const tagOf = (samples: RecordColumns): string =>
  exportTag("csv", { range, stepMs: STEP_MS, samples, pieces: [] }, "1.0.0");

describe("an export's tag", () => {
  test("tells each stretch of one memory from any other, and is the same for the same samples elsewhere", () => {
    const whole = recordOf(1000);
    const stretches = [
      [0, 1000],
      [0, 999],
      [1, 1000],
      [1, 999],
      [500, 500],
    ] as const;
    const tags = stretches.map(([from, to]) => tagOf(sliceRecord(whole, from, to)));
    assert.equal(new Set(tags).size, tags.length);
    const elsewhere = stretches.map(([from, to]) => tagOf(sliceRecord(recordOf(1000), from, to)));
    assert.deepEqual(elsewhere, tags);
  });

  test("is made once of the samples, which nobody may change, while the same memory is asked about", () => {
    const whole = recordOf(1000);
    const before = tagOf(whole);
    whole.rmsMv[0] = 9;
    assert.equal(tagOf(whole), before);
    assert.notEqual(tagOf({ ...whole, timesMs: whole.timesMs.slice() }), before);
  });
});
