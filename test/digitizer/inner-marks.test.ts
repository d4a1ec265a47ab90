import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { findInnerMarks } from "../../src/digitizer/inner-marks.ts";
import { BLACK, type Canvas, createCanvas } from "./canvas.ts";

const area = { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 };
const COLUMNS = [145, 210, 275, 340, 405];
const framed = (): Canvas => createCanvas(1024, 400).frame(80, 27, 994, 300);

describe("inner marks", () => {
  test("on the frame's lower line tell their columns, and are no curve, like those on its left line", () => {
    const drawn = framed().fill(81, 163, 84, 163, BLACK);
    for (const x of COLUMNS) drawn.fill(x, 296, x, 299, BLACK);
    const { columnsPx, boxes } = findInnerMarks(drawn, area, 1);
    assert.deepEqual(columnsPx, COLUMNS);
    assert.deepEqual(boxes, [
      ...COLUMNS.map((x) => ({ leftPx: x, rightPx: x, topPx: 296, bottomPx: 299 })),
      { leftPx: 81, rightPx: 84, topPx: 163, bottomPx: 163 },
    ]);
  });
  test("on the frame's left line are no curve, either, where those between the decades are shorter", () => {
    const drawn = framed().fill(81, 163, 85, 163, BLACK);
    for (const x of COLUMNS) drawn.fill(x, 295, x, 299, BLACK);
    for (const y of [180, 204, 245]) drawn.fill(81, y, 82, y, BLACK);
    const { boxes } = findInnerMarks(drawn, area, 1);
    assert.deepEqual(
      boxes.filter(({ leftPx }) => leftPx === 81).map(({ topPx, rightPx }) => [topPx, rightPx]),
      [
        [163, 85],
        [180, 82],
        [204, 82],
        [245, 82],
      ],
    );
  });
  test("two pixels thick, on a thick frame, lie at their middles", () => {
    const drawn = createCanvas(1024, 400).frame(80, 27, 994, 300).frame(79, 26, 995, 301);
    for (const x of COLUMNS) drawn.fill(x, 295, x + 1, 299, BLACK);
    const { columnsPx } = findInnerMarks(drawn, { ...area, rightPx: 995, bottomPx: 301 }, 2);
    assert.deepEqual(
      columnsPx,
      COLUMNS.map((x) => x + 0.5),
    );
  });
  test("may be the feet of gridlines paler than their ground, which are no short marks", () => {
    const drawn = createCanvas(1024, 400).fill(80, 27, 994, 300, [144, 238, 144]);
    for (const x of COLUMNS) drawn.fill(x, 28, x, 299, [208, 208, 208]);
    const { columnsPx, gridColumnsPx, boxes } = findInnerMarks(drawn.frame(80, 27, 994, 300), area, 1);
    assert.deepEqual([columnsPx, gridColumnsPx, boxes], [COLUMNS, COLUMNS, []]);
  });
  test("may be the feet of dashed gridlines, which stand on the frame or end above it", () => {
    const drawn = createCanvas(1024, 400).fill(80, 27, 994, 300, [0, 200, 60]);
    for (const x of COLUMNS) for (let y = 29; y < 299; y += 4) drawn.fill(x, y, x, y + 1, [128, 128, 128]);
    const { columnsPx, gridColumnsPx, boxes } = findInnerMarks(drawn.frame(80, 27, 994, 300), area, 1);
    assert.deepEqual([columnsPx, gridColumnsPx, boxes], [COLUMNS, COLUMNS, []]);
  });
  for (const { name, columns } of [
    { name: "two long strokes", columns: [145, 210] },
    { name: "long strokes at odd places", columns: [145, 210, 310, 330] },
    { name: "long strokes at odd places, two of them near to each other", columns: [145, 154, 400] },
  ])
    test(`that are ${name} may be a curve's, and no gridlines`, () => {
      const drawn = framed();
      for (const x of columns) drawn.fill(x, 200, x, 299, BLACK);
      const { columnsPx, gridColumnsPx } = findInnerMarks(drawn, area, 1);
      assert.deepEqual([columnsPx, gridColumnsPx], [columns, []]);
    });
  test("end where a gridline of another colour begins", () => {
    const drawn = framed();
    for (const x of COLUMNS) drawn.fill(x, 28, x, 295, [200, 200, 200]).fill(x, 296, x, 299, BLACK);
    const { boxes } = findInnerMarks(drawn, area, 1);
    assert.deepEqual(
      boxes,
      COLUMNS.map((x) => ({ leftPx: x, rightPx: x, topPx: 296, bottomPx: 299 })),
    );
  });
  test("are no blocks, no specks, and not the frame itself", () => {
    const drawn = framed().fill(500, 295, 505, 299, BLACK).fill(600, 299, 600, 299, BLACK);
    assert.deepEqual(findInnerMarks(drawn, area, 1), { columnsPx: [], gridColumnsPx: [], boxes: [] });
  });
  test("end with the frame, however striped the picture is down to its last row", () => {
    const striped = createCanvas(60, 40);
    for (let y = 0; y < 40; y += 4) striped.fill(0, y, 59, y + 1, BLACK);
    const { boxes } = findInnerMarks(striped, { leftPx: 5, topPx: 5, rightPx: 55, bottomPx: 39 }, 1);
    assert.ok(boxes.every(({ bottomPx }) => bottomPx <= 39));
  });
});
