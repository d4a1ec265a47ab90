import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createPlainPen } from "../../src/digitizer/pens.ts";
import { synthesizePlain } from "../../src/digitizer/plain-synthesis.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

describe("synthesizePlain", () => {
  for (const { name, rows, spacing = 0.9014, median, p95 } of [
    { name: "a plot of seven days", rows: noisyRows(300, { seed: 5 }), median: 0, p95: 4 },
    { name: "a plot of five days", rows: noisyRows(200, { seed: 6 }), spacing: 1.26, median: 0, p95: 4 },
    { name: "a plot of one day", rows: noisyRows(60, { seed: 7 }), spacing: 6.09, median: 0, p95: 2 },
    { name: "a spike", rows: [100, 101, 99, 20, 100, 98, 99, 101], spacing: 1, median: 0, p95: 1 },
  ])
    test(`finds the rows of ${name}, drawn in whole pixels`, () => {
      const pen = createPlainPen(0);
      const { trace, grid } = drawTrace(pen, rows, { spacing });
      const { line, samples } = synthesizePlain(trace, grid, [], pen);
      assert.equal(samples.length, rows.length);
      const off = [...samples].map((k, i) => Math.abs(line.rows[i]! - rows[k]!)).sort((a, b) => a - b);
      const [half, most] = [off[Math.floor(off.length / 2)]!, off[Math.floor(off.length * 0.95)]!];
      assert.ok(half <= median && most <= p95, `median ${half}, 95th percentile ${most} rows`);
    });

  test("finds the tip of a spike whose fall shares a column with the line around it", () => {
    const pen = createPlainPen(0.5);
    const rows = [203, 195, 184, 27, 52, 191, 186, 190, 187];
    const { trace, grid } = drawTrace(pen, rows, { spacing: 0.8789, firstColumn: 187.04, height: 260 });
    const { line } = synthesizePlain(trace, grid, [], pen);
    assert.deepEqual([...line.rows].slice(3, 5), [27, 52]);
  });

  test("leaves gaps as they are", () => {
    const pen = createPlainPen(0);
    const rows = noisyRows(120).map((row, k) => (k >= 40 && k < 60 ? NaN : row));
    const { trace, grid } = drawTrace(pen, rows, { spacing: 0.9014 });
    const { samples } = synthesizePlain(trace, grid, [], pen);
    for (const k of samples) assert.ok(k <= 40 || k >= 59, `sample ${k}`);
  });
});
