import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readCurve } from "../../src/digitizer/curve.ts";
import { createWuPen } from "../../src/digitizer/pens.ts";
import { CADENCE_MS, drawTrace, noisyRows, START_MS } from "../support/drawn-trace.ts";

const DAY = 144;
/** Level at both ends, so that nothing of a hidden sample's line shows. */
const rows = noisyRows(DAY, { seed: 3 }).map((row, k) => (k < 3 || k >= DAY - 3 ? 90 : row));

describe("the period of a curve", () => {
  for (const { name, spacing = 0.9014, firstColumn, drawn, first, last } of [
    { name: "is that of its samples", firstColumn: 4, drawn: rows, first: 0, last: DAY - 1 },
    {
      name: "leaves out a first sample that would share the column and the row of the next one",
      firstColumn: 2.41,
      drawn: rows,
      first: 0,
      last: DAY - 1,
    },
    {
      name: "leaves out a first sample where its column holds more than show",
      spacing: 0.214,
      firstColumn: 0.8,
      drawn: noisyRows(DAY, { seed: 4 }),
      first: 0,
      last: DAY - 1,
    },
    {
      name: "is no whole day where more than a frame can hide is missing",
      firstColumn: 4,
      drawn: rows
        .with(DAY - 1, NaN)
        .with(DAY - 2, NaN)
        .with(DAY - 3, NaN),
      first: 0,
      last: DAY - 4,
    },
    {
      name: "takes in a first sample that the frame hides",
      firstColumn: 0,
      drawn: rows.with(0, NaN),
      first: 0,
      last: DAY - 1,
    },
  ])
    test(name, () => {
      const { trace, reading } = drawTrace(createWuPen(1), drawn, { spacing, firstColumn });
      const curve = readCurve(trace, reading);
      assert.deepEqual(curve?.window, { startMs: START_MS + first * CADENCE_MS, endMs: START_MS + last * CADENCE_MS });
    });
});
