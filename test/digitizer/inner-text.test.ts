import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import { findInnerText } from "../../src/digitizer/inner-text.ts";
import { findFrame } from "../../src/digitizer/plot-area.ts";
import type { Raster } from "../../src/digitizer/png.ts";
import { draw, prepareDrawing } from "./drawn.ts";

beforeAll(prepareDrawing);

const area = { leftPx: 40, topPx: 20, rightPx: 560, bottomPx: 260 };
const frame = { plotArea: area, isCutOff: { left: false, right: false }, framePx: 1, gridRows: [], gridColumns: [] };
const GREEN = "#40de28";
const BLACK = "#000000";
const BANDS = `<rect x="40" y="20" width="520" height="120" fill="#ffec00"/><rect x="40" y="140" width="520" height="120" fill="#00c83c"/>`;

/** A jagged curve like the tremor's, from side to side. */
const curve = (colour: string): string =>
  `<polyline fill="none" stroke="${colour}" points="${Array.from({ length: 520 }, (_, i) => `${41 + i},${200 + ((i * 7919) % 31) - ((i * 104729) % 23)}`).join(" ")}"/>`;

const FRAME = `<rect x="40.5" y="20.5" width="520" height="240" fill="none" stroke="black"/>`;
const drawPlot = (content: string): Raster => draw(600, 300, "DejaVu Sans", content + FRAME);

describe("text inside the plot area", () => {
  for (const { name, content } of [
    { name: "a green curve", content: curve(GREEN) },
    { name: "a dark curve on bands", content: BANDS + curve(BLACK) },
    { name: "a dark curve on white", content: curve(BLACK) },
  ])
    test(`is not seen in ${name}`, () => assert.deepEqual(findInnerText(drawPlot(content), frame), []));

  test("is not seen in a quiet grey curve, which is a row of many small pieces", () => {
    const rows = Array.from({ length: 520 }, (_, i) => 200 + ((i * 7919) % 13) - ((i * 104729) % 11));
    const points = rows.map((row, i) => `${41 + i},${row}`).join(" ");
    const quiet = `<polyline fill="none" stroke="#9a9a9a" points="${points}"/>`;
    assert.deepEqual(findInnerText(drawPlot(quiet), frame), []);
  });

  for (const { name, ground, colour } of [
    { name: "beside a green curve", ground: "", colour: GREEN },
    { name: "beside a dark curve on bands", ground: BANDS, colour: BLACK },
  ]) {
    test(`is found as a stamp ${name}`, () => {
      const stamp = `<text x="300" y="60" font-size="11" fill="#444">Updated: 22/09/2025 15:32</text>`;
      const boxes = findInnerText(drawPlot(ground + curve(colour) + stamp), frame);
      assert.equal(boxes.length, 1);
      const { leftPx, rightPx, topPx, bottomPx } = boxes[0]!;
      assert.ok(
        leftPx < 302 &&
          leftPx > 290 &&
          rightPx > 430 &&
          rightPx < 480 &&
          topPx <= 52 &&
          bottomPx >= 62 &&
          bottomPx < 70,
      );
    });
    test(`is found with the line of its legend ${name}`, () => {
      const legend = `<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="11">ECBD RMS</text>`;
      const [box] = findInnerText(drawPlot(ground + curve(colour) + legend), frame);
      assert.ok(box!.leftPx <= 300 && box!.leftPx > 290, `left ${box!.leftPx}`);
    });
    test(`is found where a dark gridline goes through its legend ${name}`, () => {
      const legend = `<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="11">ECBD RMS</text>`;
      const raster = drawPlot(ground + curve(colour) + legend + `<path d="M355.5 21 v239" stroke="#808080"/>`);
      const gridColumns = findFrame(raster)!.gridColumns;
      assert.equal(gridColumns.length, 1);
      const [box] = findInnerText(raster, { ...frame, gridColumns });
      assert.ok(box!.leftPx <= 300 && box!.rightPx > 370, `${box!.leftPx} to ${box!.rightPx}`);
    });
    test(`is found where its characters touch ${name}`, () => {
      const legend = `<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="12" letter-spacing="-1">RMS</text>`;
      const [box] = findInnerText(drawPlot(ground + curve(colour) + legend), frame);
      assert.ok(box!.leftPx <= 300 && box!.rightPx > 350, `${box!.leftPx} to ${box!.rightPx}`);
    });
    test(`is found with the border of its legend ${name}`, () => {
      const border = `<rect x="290.5" y="40.5" width="130" height="26" fill="white" stroke="#888"/>`;
      const legend = `${border}<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="11">ECBD RMS</text>`;
      const boxes = findInnerText(drawPlot(ground + curve(colour) + legend), frame);
      assert.deepEqual(boxes, [{ leftPx: 290, rightPx: 420, topPx: 40, bottomPx: 66 }]);
    });
    test(`is found with a border over a dark gridline ${name}`, () => {
      const border = `<rect x="290.5" y="40.5" width="130" height="26" fill="white" stroke="#888"/>`;
      const legend = `${border}<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="11">ECBD RMS</text>`;
      const gridline = `<path d="M41 46.5 h519" stroke="#b0b0b0"/>`;
      const gridRows = [{ atPx: 46, thicknessPx: 1, fromPx: 41, toPx: 559, contrast: 79, drawn: 1 }];
      const boxes = findInnerText(drawPlot(ground + gridline + curve(colour) + legend), { ...frame, gridRows });
      assert.deepEqual(boxes, [{ leftPx: 290, rightPx: 420, topPx: 40, bottomPx: 66 }]);
    });
    test(`is found with a border of which a lossy copy has smeared two corners ${name}`, () => {
      const border = `<rect x="290.5" y="40.5" width="130" height="26" fill="white" stroke="#000"/>`;
      const smeared = `<path d="M420.5 39 v1 M420.5 67 v1" stroke="#000"/>`;
      const legend = `${border}${smeared}<path d="M300 56.5 h26" stroke="${colour}"/><text x="333" y="60" font-size="11">ECBD RMS</text>`;
      const boxes = findInnerText(drawPlot(ground + curve(colour) + legend), frame);
      assert.deepEqual(boxes, [{ leftPx: 290, rightPx: 420, topPx: 39, bottomPx: 67 }]);
    });
  }
  test("is found on a band amid gridlines both ways that none knows of", () => {
    const band = `<rect x="40" y="20" width="520" height="240" fill="#ea2a1f"/>`;
    const level = [45, 52, 58, 66, 76].map((y) => `<path d="M41 ${y}.5 h519" stroke="#808080"/>`).join("");
    const upright = `<path d="M343.5 21 v239" stroke="#808080"/>`;
    const legend = `<path d="M300 57.5 h26" stroke="black"/><text x="333" y="60" font-size="11">EVRN RMS</text>`;
    const [box] = findInnerText(drawPlot(band + level + upright + curve(BLACK) + legend), frame);
    assert.ok(box!.leftPx <= 300 && box!.rightPx > 380, `${box!.leftPx} to ${box!.rightPx}`);
  });
});
