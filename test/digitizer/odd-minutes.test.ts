import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitOn, tryOtherMinutes } from "../../src/digitizer/odd-minutes.ts";
import { createAreaPen } from "../../src/digitizer/pens.ts";
import { createSampleGrid } from "../../src/digitizer/sample-grid.ts";
import { CADENCE_MS, drawTrace, noisyRows } from "../support/drawn-trace.ts";

const MINUTE_MS = 60_000;

describe("samples five minutes off the clock", () => {
  // The part of the picture that minutes are judged by thinks another one likelier for two of them.
  for (const seed of [1, 2, 3])
    test(`are found in quiet line ${seed}, drawn two pixels wide through whole columns`, () => {
      const rows = noisyRows(300, { seed, spread: 3 });
      const { trace, reading } = drawTrace(createAreaPen(2, 0, true), rows, { spacing: 1.0713 });
      const { time } = reading.calibration;
      const late = {
        ...time,
        startMs: time.startMs + 5 * MINUTE_MS,
        endMs: time.endMs + 5 * MINUTE_MS,
        originMs: time.originMs + 5 * MINUTE_MS,
      };
      const calibration = { ...reading.calibration, time: late };
      const onClock = fitOn(trace, calibration, createSampleGrid(calibration, 0));
      const { grid } = tryOtherMinutes(trace, calibration, onClock);
      assert.equal(grid.firstMs % CADENCE_MS, 5 * MINUTE_MS);
    });
});

test("samples on the clock stay there where the line is drawn around middles of pixels, though around corners those half a column later draw nearly the same", () => {
  const rows = noisyRows(200, { seed: 2, spread: 10 }).map((row, k) => row + ((k * 37) % 100) / 100);
  const { trace, reading } = drawTrace(createAreaPen(2, 0.5), rows, { spacing: 0.63 });
  const { calibration } = reading;
  const found = fitOn(trace, calibration, createSampleGrid(calibration, 0));
  const { grid, fit } = tryOtherMinutes(trace, calibration, found);
  assert.deepEqual([grid.firstMs % CADENCE_MS, fit.pen.offsetPx], [0, 0.5]);
});
