import assert from "node:assert/strict";
import { beforeAll, describe, test } from "vitest";
import type { Direction } from "../../src/digitizer/glyphs.ts";
import { findBlobs, inkOf } from "../../src/digitizer/ink.ts";
import type { Raster } from "../../src/digitizer/png.ts";
import { glyphReader, readPatch } from "../../src/digitizer/glyph-reader.ts";
import { groupLines, readLine } from "../../src/digitizer/text.ts";
import { DATE_CHARACTERS } from "../../src/digitizer/date-forms.ts";
import { draw, type Font, FONTS, prepareDrawing } from "./drawn.ts";

beforeAll(prepareDrawing);

interface Look {
  font: Font;
  sizePx: number;
  colour?: string;
  ground?: string;
  turn?: -90 | 0 | 90;
}

/** Draws one line of text in the middle of a square. */
function drawLine(text: string, { font, sizePx, colour = "#444444", ground = "#ffffff", turn = 0 }: Look): Raster {
  const place = `text-anchor="middle" transform="translate(160.3,160.6) rotate(${turn})"`;
  return draw(320, 320, font, `<text font-size="${sizePx}" fill="${colour}" ${place}>${text}</text>`, ground);
}

function read(raster: Raster, direction: Direction, alphabet?: string): string[] {
  const ink = inkOf(raster, { leftPx: 0, topPx: 0, rightPx: 319, bottomPx: 319 });
  const reader = glyphReader(alphabet);
  return groupLines(ink, findBlobs(ink), direction).map((line) => readLine(ink, line, direction, reader).text);
}

describe("text is read", () => {
  for (const font of Object.keys(FONTS) as Font[])
    for (const sizePx of [12, 13, 16, 22])
      test(`in ${font} of ${sizePx} px`, () => {
        assert.deepEqual(read(drawLine("27/03/18 H46", { font, sizePx }), "level", DATE_CHARACTERS), ["27/03/18 H46"]);
        assert.deepEqual(read(drawLine("2025-09-04 17:38", { font, sizePx }), "level", DATE_CHARACTERS), [
          "2025-09-04 17:38",
        ]);
      });

  for (const { name, turn, direction } of [
    { name: "turned upwards", turn: -90, direction: "upwards" },
    { name: "turned downwards", turn: 90, direction: "downwards" },
  ] as const)
    test(name, () =>
      assert.deepEqual(read(drawLine("27/03/18 H46", { font: "DejaVu Sans", sizePx: 11, turn }), direction), [
        "27/03/18 H46",
      ]),
    );

  for (const { name, ...colours } of [
    { name: "in grey", colour: "#999999", ground: "#ffffff" },
    { name: "on a tinted ground", colour: "#444444", ground: "#dfe8d8" },
    { name: "white on black", colour: "#ffffff", ground: "#000000" },
  ])
    test(name, () =>
      assert.deepEqual(
        read(drawLine("ECBD - RMS (UTC Time)", { font: "Arimo bold", sizePx: 16, ...colours }), "level"),
        ["ECBD - RMS (UTC Time)"],
      ),
    );
});

test("an empty region has no text", () =>
  assert.deepEqual(read(drawLine("", { font: "Arimo bold", sizePx: 16 }), "level"), []));

/** What one patch of ink, row by row, is read as. */
function charactersIn(rows: readonly number[][], alphabet?: string): string {
  const width = rows[0]!.length;
  const reading = { ink: Uint8Array.from(rows.flat()), at: 0, stepU: 1, stepV: width };
  const band = { v0: 0, v1: rows.length - 1 };
  const glyphs = readPatch(reading, { u0: 0, u1: width - 1, ...band }, band, glyphReader(alphabet));
  return glyphs.map(({ character }) => character).join("");
}

test("a small 4 with a foot is no minus before a 1", () => {
  const rows = [
    [0, 0, 0, 120, 255, 0],
    [0, 0, 89, 210, 255, 0],
    [0, 65, 226, 29, 255, 0],
    [43, 230, 53, 0, 255, 0],
    [226, 255, 255, 255, 255, 255],
    [0, 0, 0, 0, 255, 0],
    [0, 0, 0, 0, 255, 0],
    [0, 0, 0, 255, 255, 255],
  ];
  assert.equal(charactersIn(rows, DATE_CHARACTERS), "4");
});

test("narrow digits are parted where one's wall touches the next one's foot", () => {
  const rows = [
    [41, 196, 246, 214, 63, 27, 194, 244, 194, 23, 41, 196, 246, 214, 63, 0, 255, 255, 255, 0, 0, 0],
    [202, 108, 8, 93, 215, 159, 146, 13, 144, 154, 202, 108, 8, 93, 215, 0, 255, 0, 0, 0, 0, 0],
    [53, 1, 0, 13, 236, 226, 33, 0, 33, 223, 53, 1, 0, 13, 236, 0, 255, 0, 0, 0, 0, 0],
    [0, 0, 0, 151, 121, 250, 4, 0, 4, 250, 0, 0, 0, 151, 121, 0, 255, 202, 226, 67, 0, 0],
    [0, 0, 130, 151, 0, 250, 4, 0, 5, 250, 0, 0, 130, 151, 0, 0, 255, 69, 85, 214, 255, 255],
    [0, 124, 170, 1, 0, 224, 35, 0, 39, 220, 0, 124, 170, 1, 0, 0, 0, 0, 9, 246, 0, 0],
    [117, 156, 5, 0, 0, 150, 148, 16, 152, 144, 117, 156, 5, 0, 0, 0, 216, 53, 92, 203, 0, 0],
    [254, 255, 255, 255, 255, 255, 188, 242, 182, 21, 254, 255, 255, 255, 255, 255, 87, 238, 218, 55, 0, 0],
  ];
  assert.equal(charactersIn(rows, DATE_CHARACTERS), "2025-");
});

test("two 0s that might as well be Os are no C and what is left of them", () => {
  const rows = [
    [0, 68, 252, 237, 255, 109, 0, 0, 68, 252, 237, 255, 109, 0],
    [6, 246, 110, 0, 68, 255, 27, 6, 246, 110, 0, 68, 255, 27],
    [64, 255, 6, 0, 0, 222, 103, 64, 255, 6, 0, 0, 222, 103],
    [103, 220, 0, 0, 0, 177, 143, 103, 220, 0, 0, 0, 177, 143],
    [116, 204, 0, 0, 0, 162, 157, 116, 204, 0, 0, 0, 162, 157],
    [106, 217, 0, 0, 0, 169, 149, 106, 217, 0, 0, 0, 169, 149],
    [68, 252, 2, 0, 0, 206, 110, 68, 252, 2, 0, 0, 206, 110],
    [7, 251, 84, 0, 42, 255, 30, 7, 251, 84, 0, 42, 255, 30],
    [0, 90, 255, 200, 252, 122, 0, 0, 90, 255, 200, 252, 122, 0],
  ];
  assert.match(charactersIn(rows), /^[0O]{2}$/);
});

test("a first digit whose thin stroke is too faint, so that it lies in two pieces, is one", () => {
  const rows = [
    [119, 224, 250, 224, 86, 0, 0, 0, 35, 166, 255, 0, 0, 0, 160, 0, 33, 196, 245, 196, 31],
    [115, 44, 3, 61, 236, 0, 0, 0, 173, 35, 255, 0, 0, 4, 155, 0, 176, 130, 10, 130, 173],
    [0, 0, 0, 65, 196, 0, 0, 0, 0, 0, 255, 0, 0, 53, 108, 0, 239, 22, 0, 26, 236],
    [0, 0, 0, 74, 190, 29, 0, 0, 0, 0, 255, 0, 0, 112, 49, 0, 254, 4, 0, 5, 252],
    [1, 117, 65, 5, 0, 0, 0, 0, 0, 0, 255, 0, 0, 160, 3, 0, 236, 25, 0, 27, 235],
    [134, 86, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 162, 0, 0, 170, 134, 12, 136, 166],
    [254, 255, 255, 255, 255, 29, 0, 255, 255, 255, 255, 255, 35, 128, 0, 0, 29, 190, 243, 185, 25],
  ];
  const widthPx = rows[0]!.length;
  const ink = { ink: Uint8Array.from(rows.flat()), widthPx, heightPx: rows.length, leftPx: 0, topPx: 0 };
  const lines = groupLines(ink, findBlobs(ink), "level");
  const read = lines.map((line) => readLine(ink, line, "level", glyphReader(DATE_CHARACTERS)).text);
  assert.deepEqual(read, ["21/0"]);
});
