import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { createWuPen } from "../../src/digitizer/pens.ts";
import { synthesize } from "../../src/digitizer/synthesis.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

describe("synthesize", () => {
  for (const { name, spacing, thickness = 1, rows } of [
    { name: "a plot of seven days, some columns with two samples", spacing: 0.9014, rows: noisyRows(300) },
    { name: "a plot of five days, a sample every column or two", spacing: 1.26, rows: noisyRows(200) },
    { name: "a plot of one day, six columns a sample", spacing: 6.09, rows: noisyRows(60) },
    { name: "a line two px wide", spacing: 0.9014, thickness: 2, rows: noisyRows(200) },
    { name: "a spike of a single sample", spacing: 0.9014, rows: [100, 101, 20, 100, 99, 98, 97, 98] },
    { name: "steps of one row", spacing: 0.9014, rows: [100, 101, 102, 103, 102, 101, 100, 99, 98] },
    { name: "a flat line", spacing: 0.9014, rows: Array.from({ length: 30 }, () => 100) },
  ])
    test(`finds every row of ${name}`, () => {
      const { trace, grid } = drawTrace(createWuPen(thickness), rows, { spacing });
      const found = [...synthesize(trace, grid, [], thickness)];
      const wrong = found.filter((row, k) => row !== rows[k]).length;
      // Two samples in one column can change places without changing a pixel, where the neighbours lie far off.
      assert.ok(wrong <= 0.02 * rows.length, `${wrong} of ${rows.length}: ${found} for ${rows}`);
    });

  test("leaves gaps as they are", () => {
    const rows = noisyRows(120).map((row, k) => (k >= 40 && k < 60 ? NaN : row));
    const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing: 0.9014 });
    const found = synthesize(trace, grid, [], 1);
    for (let k = 41; k < 59; k++) assert.ok(Number.isNaN(found[k]!), `sample ${k}`);
    assert.equal(found[39], rows[39]);
    assert.equal(found[60], rows[60]);
  });

  test("invents no samples inside a join", () => {
    const rows = noisyRows(120).map((row, k) => (k > 40 && k < 90 ? NaN : row));
    const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing: 0.9014, joined: true });
    const found = synthesize(trace, grid, [{ fromSample: 40, toSample: 90 }], 1);
    for (let k = 41; k < 90; k++) assert.ok(Number.isNaN(found[k]!), `sample ${k}`);
    assert.deepEqual([found[40], found[90]], [rows[40], rows[90]]);
  });

  test("puts samples that leave the frame beyond it", () => {
    const rows = [60, 40, 20, 3, -30, -35, 4, 30, 60];
    const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing: 2 });
    const found = synthesize(trace, grid, [], 1);
    assert.deepEqual(Array.from(found.slice(0, 4)), rows.slice(0, 4));
    assert.ok(found[4]! < 0 && !(found[5]! > 0), `${found[4]}, ${found[5]}`);
    assert.deepEqual(Array.from(found.slice(6)), rows.slice(6));
  });

  test("finds the first sample that the frame hides where its column holds two on the axis, and one beyond", () => {
    const rows = noisyRows(102).with(98, 100).with(99, 60);
    const drawn = drawTrace(createWuPen(1), rows, { spacing: 0.49 });
    const columns = 52;
    const trace = { ...drawn.trace, columns, coverage: drawn.trace.coverage.subarray(0, columns * drawn.trace.rows) };
    const found = synthesize(trace, drawn.grid, [], 1);
    assert.deepEqual([found[98], found[99], found[101]], [100, 60, NaN]);
  });

  test("finds any series again, on any spacing that shows each sample", () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 30, max: 170 }), { minLength: 20, maxLength: 80 }),
        fc.double({ min: 1.05, max: 7, noNaN: true }),
        (rows, spacing) => {
          const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing });
          const found = synthesize(trace, grid, [], 1);
          const far = [...found].filter((row, k) => !(Math.abs(row - rows[k]!) <= 1)).length;
          assert.ok(far <= 1 + 0.03 * rows.length, `${far} of ${rows.length} wrong`);
        },
      ),
      { numRuns: 60 },
    ));
});
