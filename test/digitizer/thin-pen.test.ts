import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createThinPen } from "../../src/digitizer/thin-pen.ts";

/** Pixels, as "column,row", of a line from one place to another; whole numbers are the middles of pixels. */
function draw(...places: readonly (readonly [number, number])[]): string {
  const line = {
    columns: Float64Array.from(places, ([x]) => x + 0.5),
    rows: Float64Array.from(places, ([, y]) => y + 0.5),
    joined: Uint8Array.from(places, (_, i) => (i + 1 < places.length ? 1 : 0)),
  };
  const pen = createThinPen(0.5);
  const drawn: string[] = [];
  for (let column = 0; column < 24; column++) {
    const ink = new Float32Array(40);
    pen.drawColumn(ink, 0, 39, column, line, 0, places.length - 1);
    ink.forEach((share, row) => share > 0 && drawn.push(`${column},${row}`));
  }
  return drawn.join(" ");
}

describe("a thin line is drawn as Java2D draws it (OpenJDK 17, BasicStroke(1), no anti-aliasing)", () => {
  for (const [from, to, pixels] of [
    [[7.192097, 25.976749], [8.537026, 30.12376], "7,26 7,27 8,28 8,29 8,30"],
    [[5.249659, 31.004946], [7.474504, 26.973275], "5,31 6,29 6,30 7,27 7,28"],
    [[6.766903, 18.243289], [7.830169, 15.71375], "7,18 8,16 8,17"],
    [
      [7.124531, 14.853614],
      [7.78674, 28.797567],
      "7,15 7,16 7,17 7,18 7,19 7,20 7,21 8,22 8,23 8,24 8,25 8,26 8,27 8,28",
    ],
    [[5.249659, 31.004946], [9.299349, 31.460562], "6,31 7,31 8,31 9,31"],
    [[7.31209, 11.158542], [9.390172, 11.745203], "8,11 9,12"],
  ] as const)
    test(`from ${from.join(", ")} to ${to.join(", ")}`, () => assert.equal(draw(from, to), pixels));

  test("not at all between four neighbouring pixels", () => assert.equal(draw([3.1, 4.2], [3.9, 4.8]), ""));

  test("a peak up to a pixel too low", () =>
    assert.equal(draw([3.4, 9], [4.2, 5.3], [5, 9]), "3,8 3,9 4,6 4,7 5,8 5,9"));
});
