import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { findJoins } from "../../src/digitizer/joins.ts";
import { createWuPen } from "../../src/digitizer/pens.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

const without = (rows: number[], from: number, to: number) => rows.map((row, k) => (k > from && k < to ? NaN : row));

describe("findJoins", () => {
  for (const { name, rows, spacing = 0.9014, joined = true, joins } of [
    { name: "finds none in a plain series", rows: noisyRows(400), joins: [] },
    { name: "finds none where a gap is left blank", rows: without(noisyRows(400), 100, 170), joined: false, joins: [] },
    { name: "finds one over hours", rows: without(noisyRows(400), 100, 170), joins: [[100, 170]] },
    {
      name: "finds two",
      rows: without(without(noisyRows(400), 60, 100), 300, 380),
      joins: [
        [60, 100],
        [300, 380],
      ],
    },
    {
      name: "finds one that climbs steeply",
      rows: without(
        noisyRows(300).map((row, k) => (k > 150 ? row - 60 : row)),
        140,
        175,
      ),
      joins: [[140, 175]],
    },
    {
      name: "finds none on a plot of one day, where each stretch is six columns long",
      rows: noisyRows(100),
      spacing: 6.09,
      joins: [],
    },
    { name: "finds one on a plot of one day", rows: without(noisyRows(100), 40, 52), spacing: 6.09, joins: [[40, 52]] },
  ])
    test(name, () => {
      const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing, joined });
      const found = findJoins(trace, grid);
      assert.equal(found.length, joins.length, JSON.stringify(found));
      for (const [i, [from, to]] of joins.entries()) {
        // Two samples may share the column where the straight line ends.
        assert.ok(Math.abs(found[i]!.fromSample - from!) <= 1, JSON.stringify(found));
        assert.ok(Math.abs(found[i]!.toSample - to!) <= 1, JSON.stringify(found));
      }
    });

  test("begins and ends one with the very sample where the line bends, however little, on a plot of one day", () => {
    const rows = without(noisyRows(100).with(39, 99).with(40, 100).with(80, 99).with(81, 98), 40, 80);
    const { trace, grid } = drawTrace(createWuPen(1), rows, { spacing: 6.39, firstColumn: 2.4, joined: true });
    assert.deepEqual(findJoins(trace, grid), [{ fromSample: 40, toSample: 80 }]);
  });
});
