import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { drawPolyline, type Vertex } from "../../../src/source/demo/gd-line.ts";
import { offsetOf, type RgbImage } from "../../../src/source/demo/rgb-image.ts";

/** A white picture of 5 x 5 px on which a black line was drawn: the reds, row by row. */
function draw(vertices: Vertex[], clip = { leftPx: 0, topPx: 0, rightPx: 4, bottomPx: 4 }): number[][] {
  const image: RgbImage = { widthPx: 5, heightPx: 5, scanlines: new Uint8Array(5 * 16).fill(255) };
  drawPolyline(image, vertices, [0, 0, 0], clip);
  const pixels = [0, 1, 2, 3, 4];
  return pixels.map((row) => pixels.map((column) => image.scanlines[offsetOf(image, column, row)]!));
}
const at = (columnPx: number, rowPx: number): Vertex => ({ columnPx, rowPx });
const W = 255;

describe("drawPolyline", () => {
  for (const { name, vertices, rows } of [
    { name: "a level line in one row", vertices: [at(0, 2), at(3, 2)], rows: { 2: [0, 0, 0, 0, W] } },
    {
      name: "an upright line in one column",
      vertices: [at(1, 0), at(1, 1)],
      rows: { 0: [W, 0, W, W, W], 1: [W, 0, W, W, W] },
    },
    {
      name: "a flat line shared between two rows",
      vertices: [at(0, 1), at(4, 2)],
      rows: { 1: [0, 64, 128, 192, W], 2: [W, 191, 127, 63, 0] },
    },
    {
      name: "the same line from its other end",
      vertices: [at(4, 2), at(0, 1)],
      rows: { 1: [0, 64, 128, 192, W], 2: [W, 191, 127, 63, 0] },
    },
    {
      name: "a steep line shared between two columns",
      vertices: [at(1, 0), at(2, 2)],
      rows: { 0: [W, 0, W, W, W], 1: [W, 128, 127, W, W], 2: [W, W, 0, W, W] },
    },
    { name: "two vertices at one place as a pixel", vertices: [at(3, 3), at(3, 3)], rows: { 3: [W, W, W, 0, W] } },
    { name: "nothing for a single vertex", vertices: [at(3, 3)], rows: {} },
  ] as { name: string; vertices: Vertex[]; rows: Record<number, number[]> }[])
    test(`draws ${name}`, () =>
      assert.deepEqual(
        draw(vertices),
        [0, 1, 2, 3, 4].map((row) => rows[row] ?? [W, W, W, W, W]),
      ));

  test("leaves alone what lies outside its clip", () =>
    assert.deepEqual(
      draw([at(-3, -3), at(7, 7)], { leftPx: 1, topPx: 0, rightPx: 2, bottomPx: 4 }).map((row) => row.indexOf(0)),
      [-1, 1, 2, -1, -1],
    ));
});
