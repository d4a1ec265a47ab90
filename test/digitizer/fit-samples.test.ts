import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitSamples } from "../../src/digitizer/fit-samples.ts";
import { createAreaPen } from "../../src/digitizer/pens.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

/** A noisy line with a hill of 40 px every fifty samples. */
const hilly = (seed: number): number[] =>
  noisyRows(300, { seed }).map((row, k) => row + (k % 50 < 12 ? 40 * Math.sin(((k % 50) / 12) * Math.PI) : 0));

describe("the pen that samples are found with", () => {
  for (const { name, pen, spacing, rowOf } of [
    {
      name: "rounds vertices to the nearest pixel, where they were",
      pen: createAreaPen(1, 0.5, true),
      spacing: 0.8,
      rowOf: (row: number) => Math.floor(row) + 0.5,
    },
    {
      name: "puts those of a wide line where they were, though a part of it looks rounded",
      pen: createAreaPen(2, 0.5),
      spacing: 0.683,
      rowOf: (row: number, k: number) => row + ((k * 37) % 100) / 100,
    },
  ])
    test(name, () => {
      const { trace, grid } = drawTrace(pen, hilly(1).map(rowOf), { spacing });
      assert.equal(fitSamples(trace, grid, []).pen.name, pen.name);
    });
});
