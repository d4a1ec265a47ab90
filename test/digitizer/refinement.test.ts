import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createAreaPen } from "../../src/digitizer/pens.ts";
import { refine } from "../../src/digitizer/refinement.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

describe("refine", () => {
  for (const { name, pen, median, p95 } of [
    { name: "1 px wide", pen: createAreaPen(1, 0), median: 0.12, p95: 0.9 },
    { name: "1.5 px wide", pen: createAreaPen(1.5, 0), median: 0.12, p95: 0.9 },
    { name: "1 px wide, axis in the middle of pixels", pen: createAreaPen(1, 0.5), median: 0.12, p95: 0.9 },
  ])
    test(`finds the vertices of lines ${name}`, () => {
      const exact = noisyRows(250, { seed: 5 }).map((row, k) => row + ((k * 37) % 100) / 100);
      const { trace, grid } = drawTrace(pen, exact, { spacing: 0.9014 });
      const { line, samples } = refine(trace, grid, [], pen);
      assert.ok(samples.length >= 248, `${samples.length} of 250 samples`);
      const off = [...samples].map((k, i) => Math.abs(line.rows[i]! - exact[k]!)).sort((a, b) => a - b);
      const [half, most] = [off[Math.floor(off.length / 2)]!, off[Math.floor(off.length * 0.95)]!];
      assert.ok(half <= median, `median ${half} px`);
      assert.ok(most <= p95, `95th percentile ${most} px`);
    });

  test("finds the rows of lines whose vertices lie in the middles of columns, as Java's own strokes do", () => {
    const pen = createAreaPen(1, 0, true);
    const exact = noisyRows(250, { seed: 5 }).map((row) => Math.floor(row) + 0.5);
    const { trace, grid } = drawTrace(pen, exact, { spacing: 0.72 });
    const { line, samples } = refine(trace, grid, [], pen);
    const off = [...samples].map((k, i) => Math.abs(line.rows[i]! - exact[k]!)).sort((a, b) => a - b);
    assert.ok(off[off.length >> 1]! <= 0.12, `median ${off[off.length >> 1]} px`);
  });

  test("follows the line to its last vertex, and no further", () => {
    const pen = createAreaPen(1.5, 0);
    // Falling: a last vertex left where the ink is thickest would lie too high.
    const exact = noisyRows(60, { seed: 5 }).map((row, k) => (k === 59 ? row + 7.3 : row));
    const { trace, grid } = drawTrace(pen, exact, { spacing: 0.9014 });
    const { line, samples } = refine(trace, { ...grid, count: grid.count + 2 }, [], pen);
    assert.equal(samples.at(-1), 59);
    assert.ok(Math.abs(line.rows.at(-1)! - exact[59]!) < 0.5, `${line.rows.at(-1)} for ${exact[59]}`);
  });
});
