/**
 * Line samples: how bright a picture is at some points of each of its rows, or of its columns.
 * Owns which points are looked at, and the memory for them; what makes a line is left to `ruled-lines`.
 */
import { endOfEven, WHITE_WORD, wordsOf } from "./even-pixels.ts";
import type { Raster } from "./png.ts";

/** Along the picture's rows, or along its columns. */
export type Orientation = "level" | "upright";

/** How bright the pixel at a byte of the picture is, from 0 to 255. */
export type Brightness = (rgb: Uint8Array, at: number) => number;

/** The strongest of the three colours: by this measure grey is darker than any saturated band. */
export function valueAt(rgb: Uint8Array, at: number): number {
  return Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
}

/** Samples taken across the picture for each row and column. */
export const SAMPLES = 80;

/** All rows or all columns of a picture, each a line to be. Valid until the next ones are sampled. */
export interface LineSamples {
  /** Brightness at the samples, in the order of the picture's bytes. */
  luma: Uint8Array;
  /** Where those are in `luma` that aren't white. */
  inked: Int32Array;
  /** Samples of a line, and how far each is from the next one. */
  samples: number;
  stridePx: number;
  /** From a line's sample to its next one in `luma`, and to the next line's. */
  stepAlong: number;
  stepAcross: number;
}

export function sampleLines(
  { widthPx, heightPx, rgb }: Raster,
  orientation: Orientation,
  brightnessAt: Brightness,
): LineSamples {
  const level = orientation === "level";
  const [along, across] = level ? [widthPx, heightPx] : [heightPx, widthPx];
  const stridePx = Math.max(1, Math.floor(along / SAMPLES));
  const samples = Math.floor(along / stridePx);
  const luma = blankLuma(across * samples);
  const inked = inkedOf(across * samples);
  let inkedCount = 0;
  const [rows, rowStep, columns, columnStep] = level
    ? [heightPx, 1, samples, stridePx]
    : [samples, stridePx, widthPx, 1];
  // Most of a plot is white: along whole rows it is passed over.
  const words = level ? undefined : wordsOf(rgb);
  for (let row = 0; row < rows; row++) {
    let to = row * columns;
    const start = 3 * row * rowStep * widthPx;
    const end = start + 3 * columns * columnStep;
    for (let at = start; at < end; at += 3 * columnStep, to++) {
      if (words !== undefined && (at & 3) === 0) {
        const next = endOfEven(words, at, end, WHITE_WORD);
        to += (next - at) / 3;
        at = next;
        if (at >= end) break;
      }
      if ((rgb[at]! & rgb[at + 1]! & rgb[at + 2]!) === 255) continue;
      luma[to] = brightnessAt(rgb, at);
      inked[inkedCount++] = to;
    }
  }
  const [stepAlong, stepAcross] = level ? [1, samples] : [widthPx, 1];
  return { luma, inked: inked.subarray(0, inkedCount), samples, stridePx, stepAlong, stepAcross };
}

/** Kept from plot to plot, up to so many samples: fresh memory costs more than to clear it. */
const KEPT_SAMPLES = 1_000_000;
let kept = new Uint8Array(0);
let keptInked = new Int32Array(0);

/** White all over; valid until the next lines are looked for. */
function blankLuma(samples: number): Uint8Array {
  if (samples > KEPT_SAMPLES) return new Uint8Array(samples).fill(255);
  if (kept.length < samples) kept = new Uint8Array(samples);
  return kept.subarray(0, samples).fill(255);
}

/** Room for as many places; valid as long. */
function inkedOf(samples: number): Int32Array {
  if (samples > KEPT_SAMPLES) return new Int32Array(samples);
  if (keptInked.length < samples) keptInked = new Int32Array(samples);
  return keptInked;
}
