/**
 * Glyphs: which character a small patch of ink is.
 * A network of one hidden layer, trained by `glyphs/train.ts` on drawn fonts; its weights are in `glyphs/weights.ts`.
 */
import { CHARACTERS, HIDDEN, WEIGHTS } from "./glyphs/weights.ts";
import type { Ink } from "./ink.ts";

/** A way to walk through ink as one reads: `at + u * stepU + v * stepV`, u along the line, v down across it. */
export interface Reading {
  ink: Uint8Array;
  at: number;
  stepU: number;
  stepV: number;
}

/** Text lies level, or is turned to be read upwards or downwards. */
export type Direction = "level" | "upwards" | "downwards";

/** Where a patch lies, in its reading's u and v; all four sides belong to it. */
export interface Patch {
  u0: number;
  u1: number;
  v0: number;
  v1: number;
}

/** Where the capitals and digits of the patch's line have their top and bottom. */
export interface LineBand {
  v0: number;
  v1: number;
}

export const GRID_COLUMNS = 10;
export const GRID_ROWS = 14;
const SHAPE_INPUTS = 4;
export const INPUTS = GRID_COLUMNS * GRID_ROWS + SHAPE_INPUTS;

/** Score of each of `CHARACTERS`, the higher the likelier; the last is "no character". Differences are log odds. */
export type Scores = Float64Array;

/** The log likelihood that it is one of some characters, of whose own these are the scores. */
export function scoreOfAny(scores: Scores, classes: readonly number[]): number {
  return Math.log(classes.reduce((sum, c) => sum + Math.exp(scores[c]!), 0));
}

export function readingOf({ ink, widthPx, heightPx }: Ink, direction: Direction): Reading {
  if (direction === "level") return { ink, at: 0, stepU: 1, stepV: widthPx };
  if (direction === "upwards") return { ink, at: (heightPx - 1) * widthPx, stepU: -widthPx, stepV: 1 };
  return { ink, at: widthPx - 1, stepU: widthPx, stepV: -1 };
}

/**
 * What the network sees: the patch's ink on a fixed grid, and its shape and place in its line, 0 to 255 each.
 * Written into `inputs`, which holds `INPUTS` numbers.
 */
export function measurePatch(reading: Reading, patch: Patch, band: LineBand, inputs: Float64Array): void {
  const width = patch.u1 - patch.u0 + 1;
  const height = patch.v1 - patch.v0 + 1;
  inputs.fill(0);
  for (let v = 0; v < height; v++) {
    const firstRow = (v * GRID_ROWS) / height;
    const lastRow = ((v + 1) * GRID_ROWS) / height;
    for (let u = 0; u < width; u++) {
      const value = reading.ink[reading.at + (patch.u0 + u) * reading.stepU + (patch.v0 + v) * reading.stepV]!;
      if (value === 0) continue;
      const firstColumn = (u * GRID_COLUMNS) / width;
      const lastColumn = ((u + 1) * GRID_COLUMNS) / width;
      for (let row = Math.floor(firstRow); row < lastRow; row++) {
        const rowShare = Math.min(row + 1, lastRow) - Math.max(row, firstRow);
        for (let column = Math.floor(firstColumn); column < lastColumn; column++) {
          const columnShare = Math.min(column + 1, lastColumn) - Math.max(column, firstColumn);
          inputs[row * GRID_COLUMNS + column]! += value * rowShare * columnShare;
        }
      }
    }
  }
  const lineHeight = band.v1 - band.v0 + 1;
  const shape = GRID_COLUMNS * GRID_ROWS;
  inputs[shape] = clampToByte((255 * width) / (1.5 * lineHeight));
  inputs[shape + 1] = clampToByte((255 * height) / (1.5 * lineHeight));
  inputs[shape + 2] = clampToByte(128 + (255 * (patch.v0 - band.v0)) / (1.5 * lineHeight));
  inputs[shape + 3] = clampToByte(128 + (255 * (patch.v1 - band.v1)) / (1.5 * lineHeight));
  for (let i = 0; i < INPUTS; i++) inputs[i] = Math.round(inputs[i]!);
}

function clampToByte(value: number): number {
  return Math.min(255, Math.max(0, value));
}

const CLASSES = CHARACTERS.length + 1;
/** Index of "no character" in the scores. */
export const NO_CHARACTER = CHARACTERS.length;

/** The network's scores of a measured patch for some classes, by their indexes; the others are left at 0. */
export function scorePatch(inputs: Float64Array, classes: Uint8Array): Scores {
  const { first, firstBias, second, secondBias } = WEIGHTS;
  const hidden = Float64Array.from(firstBias);
  // Two inputs at a time: half the reading and writing of the sums.
  for (let i = 0; i < INPUTS; i += 2) {
    const value = inputs[i]! / 255;
    const next = inputs[i + 1]! / 255;
    if (value === 0 && next === 0) continue;
    const at = i * HIDDEN;
    for (let unit = 0; unit < HIDDEN; unit++)
      hidden[unit] = hidden[unit]! + value * first[at + unit]! + next * first[at + HIDDEN + unit]!;
  }
  const scores = new Float64Array(CLASSES);
  for (const c of classes) scores[c] = secondBias[c]!;
  for (let unit = 0; unit < HIDDEN; unit++) {
    const value = hidden[unit]!;
    if (value <= 0) continue;
    const at = unit * CLASSES;
    for (let i = 0; i < classes.length; i++) {
      const c = classes[i]!;
      scores[c] = scores[c]! + value * second[at + c]!;
    }
  }
  return scores;
}
