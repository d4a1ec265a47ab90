import assert from "node:assert/strict";
import { test } from "vitest";
import { clearSpecks } from "../../src/digitizer/specks.ts";
import { cover } from "../../src/digitizer/trace.ts";
import { createWuPen } from "../../src/digitizer/pens.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

const GAP_FROM = 60;
const GAP_TO = 90;
const series = noisyRows(200, { seed: 7 }).map((row, k) => (k >= GAP_FROM && k < GAP_TO ? NaN : row));

test("clearSpecks leaves all of a line that GD draws", () => {
  const { trace } = drawTrace(createWuPen(1), series, { spacing: 0.9014 });
  const drawn = trace.coverage.slice();
  clearSpecks(trace);
  assert.deepEqual(trace.coverage, drawn);
});

test("clearSpecks clears faint pixels away from the line, so that a gap is one", () => {
  const { trace } = drawTrace(createWuPen(1), series, { spacing: 0.9014 });
  const [drawn, tops, bottoms] = [trace.coverage.slice(), trace.tops.slice(), trace.bottoms.slice()];
  for (let column = 2; column < trace.columns - 2; column++)
    for (const row of [1, 9 + (column % 5), trace.rows - 2])
      if ((column * row) % 3 === 0) cover(trace, column, row, 0.06);
  assert.notDeepEqual(trace.tops, tops);
  clearSpecks(trace);
  assert.deepEqual(trace.coverage, drawn);
  assert.deepEqual(trace.tops, tops);
  assert.deepEqual(trace.bottoms, bottoms);
});

test("clearSpecks clears stronger ones from lossy copies alone", () => {
  for (const lossy of [false, true]) {
    const { trace } = drawTrace(createWuPen(1), series, { spacing: 0.9014 });
    const lone = 70 * trace.rows + 20;
    cover(trace, 70, 20, 0.4);
    // A steep stroke, smeared over two columns.
    for (let row = 100; row < 130; row++) for (const column of [75, 76]) cover(trace, column, row, 0.25);
    const stroke = trace.coverage.slice(75 * trace.rows, 77 * trace.rows);
    clearSpecks({ ...trace, lossy });
    assert.equal(trace.coverage[lone]! > 0, !lossy);
    assert.deepEqual(trace.coverage.slice(75 * trace.rows, 77 * trace.rows), stroke);
  }
});

test("clearSpecks leaves what is faint beside the frame's side, which may hide the rest", () => {
  const { trace } = drawTrace(createWuPen(1), series, { spacing: 0.9014 });
  cover(trace, 1, 50, 0.06);
  cover(trace, trace.columns - 2, 50, 0.06);
  clearSpecks(trace);
  assert.ok(trace.coverage[trace.rows + 50]! > 0 && trace.coverage[(trace.columns - 2) * trace.rows + 50]! > 0);
});
