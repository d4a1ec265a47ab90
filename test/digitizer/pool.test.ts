import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { digitize } from "../../src/digitizer/digitize.ts";
import { openDigitizerPool } from "../../src/digitizer/pool.ts";
import { PlotRejected } from "../../src/model/errors.ts";
import { createPlotPainter } from "../../src/source/demo/draw-plot.ts";
import { noisyRows, START_MS } from "../support/drawn-trace.ts";

const painter = await createPlotPainter();
const plots = [1, 2, 3].map((seed) =>
  painter.draw({
    samples: noisyRows(1008, { seed }).map((row, k) => ({
      timeMs: START_MS + k * 600_000,
      rmsMv: 0.4 * 10 ** ((row - 100) / 140),
    })),
  }),
);

describe("a digitizer pool", () => {
  test("reads each plot as it would be read alone", async () => {
    await using pool = openDigitizerPool({ workers: 2 });
    const readings = await Promise.all(Array.from({ length: 8 }, (_, k) => pool.read(plots[k % plots.length]!)));
    for (const [k, reading] of readings.entries()) assert.deepEqual(reading, digitize(plots[k % plots.length]!));
  });

  test("hands on when the plot was fetched", async () => {
    await using pool = openDigitizerPool({ workers: 1 });
    const fetchedMs = START_MS + 7 * 86_400_000;
    assert.deepEqual(await pool.read(plots[0]!, fetchedMs), digitize(plots[0]!, { fetchedMs }));
  });

  test("refuses what isn't a PNG as digitize does, and goes on", async () => {
    await using pool = openDigitizerPool({ workers: 1 });
    const html = new TextEncoder().encode("<html>");
    const [refused, read] = await Promise.allSettled([pool.read(html), pool.read(plots[1]!)]);
    assert.equal(read.status, "fulfilled");
    assert.ok(refused.status === "rejected" && refused.reason instanceof PlotRejected);
    assert.throws(() => digitize(html), { message: refused.reason.message });
  });

  test("answers in the order of the questions where one thread works alone", async () => {
    await using pool = openDigitizerPool({ workers: 1 });
    const answered: number[] = [];
    await Promise.all([0, 1, 2, 3, 4].map((k) => pool.read(plots[k % plots.length]!).then(() => answered.push(k))));
    assert.deepEqual(answered, [0, 1, 2, 3, 4]);
  });

  test("rejects what it hadn't answered when it is closed", async () => {
    const pool = openDigitizerPool({ workers: 1 });
    const unanswered = Promise.allSettled([0, 1, 2].map(() => pool.read(plots[0]!)));
    await pool[Symbol.asyncDispose]();
    for (const { status } of await unanswered) assert.equal(status, "rejected");
  });
});
