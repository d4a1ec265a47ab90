import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { DATE_CHARACTERS } from "../../src/digitizer/date-forms.ts";
import { glyphReader, scoreOf } from "../../src/digitizer/glyph-reader.ts";
import { CHARACTERS } from "../../src/digitizer/glyphs/weights.ts";

/** Digits as FreeType draws them without smoothing, by size. */
const DIGITS = {
  "DejaVu Sans, 10 px": {
    3: [".###.", "#...#", "....#", ".###.", "....#", "#...#", ".###."],
    8: [".###.", "#...#", "#...#", ".###.", "#...#", "#...#", ".###."],
  },
  "DejaVu Sans Condensed, 10 px": {
    5: ["###.", "#...", "###.", "...#", "...#", "...#", "###."],
    6: ["####", "#...", "###.", "#..#", "#..#", "#..#", "####"],
  },
  "Liberation Sans bold, 9 px": {
    3: [".##.", "#..#", "...#", ".##.", "...#", "#..#", ".##."],
    8: [".##.", "#..#", "#..#", ".##.", "#..#", "#..#", ".##."],
  },
};

function read(rows: readonly string[]): string {
  const [width, height] = [rows[0]!.length, rows.length];
  const ink = Uint8Array.from(rows.join(""), (pixel) => (pixel === "#" ? 255 : 0));
  const patch = { u0: 0, u1: width - 1, v0: 0, v1: height - 1 };
  const scores = scoreOf({ ink, at: 0, stepU: 1, stepV: width }, patch, patch, glyphReader(DATE_CHARACTERS));
  return CHARACTERS[scores.indexOf(Math.max(...scores))]!;
}

describe("without smoothing, a digit of", () => {
  for (const [font, digits] of Object.entries(DIGITS))
    test(font, () => {
      for (const [digit, rows] of Object.entries(digits)) assert.equal(read(rows), digit);
    });
});
