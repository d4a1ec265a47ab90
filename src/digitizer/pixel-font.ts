/**
 * A small pixel font, for what the overlay writes on a plot. Five pixels wide, seven high, drawn twice as large.
 */
import type { Raster } from "./png.ts";

const WIDTH = 5;
const HEIGHT = 7;
const SCALE = 2;

/** Height of a line of text in px. */
export const TEXT_HEIGHT = HEIGHT * SCALE;

/** Each glyph by its rows from the top, five bits each. Letters come in capitals alone. */
const GLYPHS: Record<string, readonly number[]> = {
  "0": [14, 17, 19, 21, 25, 17, 14],
  "1": [4, 12, 4, 4, 4, 4, 14],
  "2": [14, 17, 1, 2, 4, 8, 31],
  "3": [14, 17, 1, 6, 1, 17, 14],
  "4": [2, 6, 10, 18, 31, 2, 2],
  "5": [31, 16, 30, 1, 1, 17, 14],
  "6": [6, 8, 16, 30, 17, 17, 14],
  "7": [31, 1, 2, 4, 8, 8, 8],
  "8": [14, 17, 17, 14, 17, 17, 14],
  "9": [14, 17, 17, 15, 1, 2, 12],
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 15],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 27, 17],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  ".": [0, 0, 0, 0, 0, 12, 12],
  ",": [0, 0, 0, 0, 12, 4, 8],
  ":": [0, 12, 12, 0, 12, 12, 0],
  ";": [0, 12, 12, 0, 12, 4, 8],
  "-": [0, 0, 0, 14, 0, 0, 0],
  "/": [0, 1, 2, 4, 8, 16, 0],
  "%": [24, 25, 2, 4, 8, 19, 3],
};

/** Width of a text in px. */
export function textWidth(text: string): number {
  return text.length * (WIDTH + 1) * SCALE;
}

/** Writes a text with its upper left corner at a place; what falls outside is cut. Unknown signs are left blank. */
export function drawText(
  { widthPx, heightPx, rgb }: Raster,
  left: number,
  top: number,
  text: string,
  colour: readonly [number, number, number],
): void {
  for (const [index, letter] of [...text.toUpperCase()].entries()) {
    const glyph = GLYPHS[letter] ?? [];
    for (let dy = 0; dy < HEIGHT * SCALE; dy++)
      for (let dx = 0; dx < WIDTH * SCALE; dx++) {
        const bits = glyph[Math.floor(dy / SCALE)] ?? 0;
        if (((bits >> (WIDTH - 1 - Math.floor(dx / SCALE))) & 1) === 0) continue;
        const x = left + index * (WIDTH + 1) * SCALE + dx;
        const y = top + dy;
        if (x >= 0 && y >= 0 && x < widthPx && y < heightPx) rgb.set(colour, 3 * (y * widthPx + x));
      }
  }
}
