import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createPlainPen, type Pen } from "../../src/digitizer/pens.ts";

/** Pixels, as "column,row", of a line from one pixel to another. */
function draw(pen: Pen, from: readonly [number, number], to: readonly [number, number]): string {
  const line = {
    columns: Float64Array.of(from[0], to[0]),
    rows: Float64Array.of(from[1], to[1]),
    joined: Uint8Array.of(1, 0),
  };
  const drawn: string[] = [];
  for (let column = 0; column < 12; column++) {
    const ink = new Float32Array(24);
    pen.drawColumn(ink, 0, 23, column, line, 0, 1);
    ink.forEach((share, row) => share > 0 && drawn.push(`${column},${row}`));
  }
  return drawn.join(" ");
}

describe("a line between whole pixels is drawn as others draw it, with one pixel where two are as near", () => {
  for (const { from, to, libgd, pillow } of [
    { from: [3, 5], to: [4, 9], libgd: "3,5 3,6 4,7 4,8 4,9", pillow: "3,5 3,6 4,7 4,8 4,9" },
    { from: [3, 9], to: [4, 5], libgd: "3,7 3,8 3,9 4,5 4,6", pillow: "3,8 3,9 4,5 4,6 4,7" },
    { from: [3, 9], to: [7, 7], libgd: "3,9 4,8 5,8 6,7 7,7", pillow: "3,9 4,8 5,8 6,7 7,7" },
    { from: [3, 5], to: [7, 7], libgd: "3,5 4,6 5,6 6,7 7,7", pillow: "3,5 4,6 5,6 6,7 7,7" },
  ] as const)
    test(`from ${from.join(", ")} to ${to.join(", ")}`, () => {
      assert.equal(draw(createPlainPen(0, true), from, to), libgd);
      assert.equal(draw(createPlainPen(0), from, to), pillow);
    });
});
