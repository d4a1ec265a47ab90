/**
 * The colour of a coloured line: of the hues inside the frame the one that spans most columns.
 * Owns what tells a line from gridlines and thresholds by its colour; how much of each pixel it covers is left to
 * `coloured-ink`.
 */
import type { PlotReading } from "./calibration.ts";
import type { Coloured } from "./coloured-pixels.ts";
import { strongestColour, type Colour } from "./ink-colour.ts";
import type { Raster } from "./png.ts";

/** Ink at least this far from grey can be told from smoothed edges of a watermark. */
const INK_CHROMA = 24;
const HUES = 24;
/** A line spans at least this share of the columns. */
const MIN_SPAN = 0.02;
/** Share of the ink pixels that the line covers wholly, at the least, so that they tell its colour. */
export const FULL_SHARE = 0.03;

/** A row with strong ink, this far from grey, on so many of its columns is a line. */
const LEVEL_CHROMA = 80;
const LEVEL_SHARE = 0.25;

/** The colour of the line: the strongest of the hue that spans most columns. */
export function findLineColour(
  raster: Raster,
  { calibration, gridColumnsPx, gridRowsPx }: PlotReading,
  { pixels, chromas }: Coloured,
  columns: number,
): Colour | undefined {
  const { rgb, widthPx } = raster;
  const { leftPx } = calibration.plotArea;
  // Gridlines may be tinted, and span more columns than the line: what is faint beside the strongest ink is not it.
  const counts = new Uint32Array(256);
  for (const chroma of chromas) counts[chroma]!++;
  let strong = 255;
  for (let reached = 0; strong > 0 && reached < columns / 8; strong--) reached += counts[strong]!;
  const least = Math.max(INK_CHROMA, strong / 2);
  const gridRows = new Set(gridRowsPx);
  for (const row of levelCurve(raster, { pixels, chromas }, columns)) gridRows.delete(row);
  const gridColumns = new Set(gridColumnsPx);
  const seen = new Uint8Array(HUES * columns);
  const hues = new Uint8Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    if (chromas[i]! < INK_CHROMA) continue;
    hues[i] = hueAt(rgb, pixels[i]!, chromas[i]!);
    if (chromas[i]! < least) continue;
    const pixel = pixels[i]! / 3;
    const y = Math.floor(pixel / widthPx);
    const x = pixel - y * widthPx;
    if (gridRows.has(y) || gridColumns.has(x)) continue;
    seen[hues[i]! * columns + x - leftPx] = 1;
  }
  let best = 0;
  let span = 0;
  for (let hue = 0; hue < HUES; hue++) {
    let count = 0;
    for (let at = hue * columns; at < (hue + 1) * columns; at++) count += seen[at]!;
    if (count > span) [best, span] = [hue, count];
  }
  if (span < Math.max(8, MIN_SPAN * columns)) return undefined;
  const own = new Int32Array(pixels.length);
  const strengths = new Uint8Array(pixels.length);
  let count = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (chromas[i]! < INK_CHROMA) continue;
    const away = Math.abs(hues[i]! - best);
    if (Math.min(away, HUES - away) > 1) continue;
    own[count] = pixels[i]!;
    strengths[count++] = chromas[i]!;
  }
  return strongestColour(raster, own.subarray(0, count), strengths.subarray(0, count), FULL_SHARE);
}

/**
 * The rows of a curve that keeps so level that it looks ruled. Published curves are green, thresholds are not, and
 * gridlines are several, or faint.
 */
function levelCurve({ rgb, widthPx, heightPx }: Raster, { pixels, chromas }: Coloured, columns: number): number[] {
  const counts = new Int32Array(heightPx);
  // Pixels come row by row.
  for (let i = 0, row = 0, end = 0; i < pixels.length; i++) {
    const at = pixels[i]!;
    if (at >= end) {
      row = Math.floor(at / 3 / widthPx);
      end = 3 * widthPx * (row + 1);
    }
    if (chromas[i]! >= LEVEL_CHROMA && rgb[at + 1]! > rgb[at]! && rgb[at + 1]! > rgb[at + 2]!) counts[row]!++;
  }
  const level: number[] = [];
  for (let row = 0; row < heightPx; row++) if (counts[row]! > LEVEL_SHARE * columns) level.push(row);
  const isOneLine = level.length > 0 && level.at(-1)! - level[0]! < level.length;
  return isOneLine ? level.flatMap((row) => [row - 1, row, row + 1]) : [];
}

function hueAt(rgb: Uint8Array, at: number, chroma: number): number {
  const red = rgb[at]!;
  const green = rgb[at + 1]!;
  const blue = rgb[at + 2]!;
  const high = Math.max(red, green, blue);
  const sector =
    high === red
      ? (green < blue ? 6 : 0) + (green - blue) / chroma
      : high === green
        ? 2 + (blue - red) / chroma
        : 4 + (red - green) / chroma;
  return Math.min(HUES - 1, Math.floor((sector * HUES) / 6));
}
