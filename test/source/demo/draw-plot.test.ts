import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decode } from "fast-png";
import { describe, test } from "vitest";
import { checkPng } from "../../../src/model/png.ts";
import { createPlotPainter, type PlotDrawing } from "../../../src/source/demo/draw-plot.ts";
import { sharedPath } from "../../support/shared-path.ts";

const painter = await createPlotPainter();
const START_MS = Date.parse("2025-05-06T00:30:00Z");
const quiet = Array.from({ length: 1008 }, (_, at) => ({ timeMs: START_MS + at * 600_000, rmsMv: 0.4 }));

interface Pixels {
  widthPx: number;
  /** `rrggbb` */
  at(columnPx: number, rowPx: number): string;
}
function pixelsOf(png: Uint8Array): Pixels {
  const { width, data, channels } = decode(png);
  const hex = (part: number) => data[part]!.toString(16).padStart(2, "0");
  const at = (column: number, row: number) => {
    const first = (row * width + column) * channels;
    return hex(first) + hex(first + 1) + hex(first + 2);
  };
  return { widthPx: width, at };
}
const draw = (drawing: Partial<PlotDrawing> = {}) => pixelsOf(painter.draw({ samples: quiet, ...drawing }));

describe("a drawn plot", () => {
  test("is a PNG as large as a published one, and the same each time", () => {
    const png = painter.draw({ samples: quiet });
    assert.deepEqual(checkPng(png), { widthPx: 1024, heightPx: 400, sizeBytes: png.length, trailingBytes: 0 });
    assert.deepEqual(painter.draw({ samples: quiet }), png);
  });

  test("has its frame, gridline and curve where the published one has them", () => {
    const { at } = draw();
    for (const [column, row] of [
      [80, 100],
      [994, 100],
      [200, 27],
      [200, 300],
    ] as const)
      assert.equal(at(column, row), "000000");
    assert.equal(at(200, 164), "e3e3e3");
    assert.equal(at(200, 218), "40de28", "0.4 mV lies 191 rows over 0.1 mV");
    assert.equal(at(82, 218), "ffffff", "the first sample is at 00:30, column 83");
    assert.equal(at(83, 218), "40de28");
    assert.equal(at(990, 218), "40de28");
    assert.equal(at(991, 218), "ffffff", "the last sample is at 00:20, column 990");
  });

  for (const { name, drawing, column, row, colour } of [
    { name: "another colour", drawing: { lineColour: [200, 0, 0] }, column: 300, row: 218, colour: "c80000" },
    { name: "three decades", drawing: { minDecade: -2 }, column: 300, row: 154, colour: "40de28" },
    { name: "another size", drawing: { widthPx: 1400, heightPx: 600 }, column: 300, row: 358, colour: "40de28" },
    { name: "bands", drawing: { style: "bands" }, column: 300, row: 218, colour: "000000" },
    { name: "the green band", drawing: { style: "bands" }, column: 300, row: 250, colour: "00c83c" },
    { name: "the yellow band", drawing: { style: "bands" }, column: 300, row: 100, colour: "ffeb00" },
    { name: "the red band", drawing: { style: "bands" }, column: 300, row: 50, colour: "eb281e" },
    { name: "no globe", drawing: { watermark: false }, column: 500, row: 250, colour: "ffffff" },
  ] satisfies { name: string; drawing: Partial<PlotDrawing>; column: number; row: number; colour: string }[])
    test(`can have ${name}`, () => assert.equal(draw(drawing).at(column, row), colour));

  for (const { gaps, colour } of [
    { gaps: "gap", colour: "ffffff" },
    { gaps: "join", colour: "40de28" },
  ] as const)
    test(`shows missing samples as a ${gaps}`, () => {
      const samples = [...quiet.slice(0, 100), ...quiet.slice(200)];
      assert.equal(draw({ samples, gaps }).at(210, 218), colour);
    });

  test("keeps values beyond its axis inside the frame", () => {
    const { at } = draw({ samples: quiet.map(({ timeMs }, i) => ({ timeMs, rmsMv: i % 100 < 50 ? 300 : 0.4 })) });
    for (let column = 81; column < 994; column++) {
      assert.equal(at(column, 27), "000000");
      assert.notEqual(at(column, 26), "40de28");
    }
  });

  test("carries texts", () => {
    const { text } = decode(painter.draw({ samples: quiet, texts: { Comment: "synthetic" } }));
    assert.deepEqual(text, { Comment: "synthetic" });
  });

  test("needs to know its time", () => assert.throws(() => painter.draw({ samples: [] }), /no sample and no window/));
  test("may be empty", () =>
    assert.equal(draw({ samples: [], windowStartMs: START_MS, windowEndMs: START_MS + 600_000 }).widthPx, 1024));
});

describe("a known plot drawn again from its numbers", () => {
  for (const name of [
    "d01-like-real",
    "d06-gaps",
    "d07-join",
    "d08-clipped",
    "d12-large",
    "d13-low-range",
    "d19-bands",
  ]) {
    const [csv, json, png] = ["csv", "json", "png"].map((kind) => sharedPath(`graphs/${name}.${kind}`));
    test.skipIf(png === undefined)(`${name} has the same curve, pixel for pixel`, () => {
      const known = JSON.parse(readFileSync(json!, "utf8"));
      const [leftPx, topPx, rightPx, bottomPx] = [
        known.plotArea.x0,
        known.plotArea.y0,
        known.plotArea.x1,
        known.plotArea.y1,
      ];
      const rows = readFileSync(csv!, "utf8").trim().split("\n").slice(1);
      const drawn = draw({
        samples: rows.map((row) => ({ timeMs: Date.parse(row.split(",")[0]!), rmsMv: Number(row.split(",")[1]) })),
        axis: { startMs: Date.parse(known.axisStart), endMs: Date.parse(known.axisEnd) },
        style: known.style,
        widthPx: known.imageSize[0],
        heightPx: known.imageSize[1],
        plotArea: { leftPx, topPx, rightPx, bottomPx },
        minDecade: Math.log10(known.yMin),
        maxDecade: Math.log10(known.yMax),
        gaps: known.gaps[0]?.drawn ?? "gap",
        watermark: false,
      });
      const published = pixelsOf(readFileSync(png!));
      const gridlines = new Set(known.yTicks.map(({ px }: { px: number }) => Math.round(px)));
      const radius = 0.54 * (bottomPx - topPx);
      const different: string[] = [];
      for (let row = topPx + 1; row < bottomPx; row++)
        for (let column = leftPx + 1; column < rightPx; column++) {
          // Our globe is another, and it shines through the curve.
          const onGlobe = Math.hypot(column - (leftPx + rightPx) / 2, row - (topPx + bottomPx) / 2) < radius;
          if (known.watermark && (onGlobe || gridlines.has(row))) continue;
          if (drawn.at(column, row) !== published.at(column, row)) different.push(`${column}, ${row}`);
        }
      assert.deepEqual(different, []);
    });
  }
});
