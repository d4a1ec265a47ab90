import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { measureFidelity, TRUSTED_FIDELITY } from "../../src/digitizer/fidelity.ts";
import { createWuPen, type Polyline } from "../../src/digitizer/pens.ts";
import { columnOf } from "../../src/digitizer/sample-grid.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

const pen = createWuPen(1);
const rows = noisyRows(200);
const { trace, grid } = drawTrace(pen, rows, { spacing: 0.9014 });
const lineOf = (own: readonly number[], count = own.length): Polyline => ({
  columns: Float64Array.from({ length: count }, (_, k) => columnOf(grid, k)),
  rows: Float64Array.from(own.slice(0, count)),
  joined: Uint8Array.from({ length: count }, (_, k) => (k + 1 < count ? 1 : 0)),
});

describe("measureFidelity", () => {
  test("is whole for the line that was drawn", () => {
    const { explained, present } = measureFidelity(trace, lineOf(rows), pen);
    assert.ok(explained > 0.999 && present > 0.999, `${explained}, ${present}`);
  });

  test("tells ink that no sample explains", () => {
    const { explained, present } = measureFidelity(trace, lineOf(rows, 100), pen);
    assert.ok(explained > 0.4 && explained < 0.6, `${explained}`);
    assert.ok(present > 0.99, `${present}`);
  });

  for (const { name, other } of [
    { name: "a line two rows off", other: rows.map((row) => row + 2) },
    { name: "another series", other: noisyRows(200, { seed: 9 }) },
    { name: "the middle of the curve", other: rows.map(() => 100) },
  ])
    test(`doesn't trust ${name}`, () => {
      const { explained, present } = measureFidelity(trace, lineOf(other), pen);
      assert.ok(Math.min(explained, present) < TRUSTED_FIDELITY, `${explained}, ${present}`);
    });
});
