/**
 * The trace: how much of each pixel of the plot area the curve covers.
 * Owns the form of it; `trace-curve` fills it from a picture.
 */
import type { PlotArea } from "../model/plot.ts";
import { type Effort, MOST_EFFORT } from "./effort.ts";
import type { Colour } from "./ink-colour.ts";

/** The curve's ink, column by column. Column 0 and row 0 are the left and the top line of the frame. */
export interface Trace {
  columns: number;
  rows: number;
  /** Coverage from 0 to 1 of each pixel: `coverage[column * rows + row]`. */
  coverage: Float32Array;
  /** First and last row with ink in each column; where there is none, the last lies before the first. */
  tops: Int32Array;
  bottoms: Int32Array;
  /** Red, green, blue of the line. */
  colour: Colour;
  /** Pixels from here on may be covered wholly: less than 1 as the blending rounds, and a lossy copy smears. */
  full: number;
  lossy: boolean;
  /** What the searches for its samples may still take. */
  effort: Effort;
}

/** Plot areas of published plots have some 250 000 px; beyond this limit a picture would take too much memory. */
const MOST_AREA_PX = 6_000_000;

/** Is it too large for a curve to be traced in it? */
export function isTooLarge({ leftPx, rightPx, topPx, bottomPx }: PlotArea): boolean {
  return (rightPx - leftPx) * (bottomPx - topPx) > MOST_AREA_PX;
}

const FULL = 0.96;
const FULL_LOSSY = 0.8;

/** Of a line without anti-aliasing, fewer of the inked pixels than this share are covered in part. */
const HARD_SHARE = 0.02;
const [PART_FROM, PART_TO] = [0.1, 0.9];

/** Are all pixels covered wholly, or not at all, as without anti-aliasing? */
export function isHard({ coverage, columns, rows, tops, bottoms }: Trace): boolean {
  let [inked, part] = [0, 0];
  for (let column = 0; column < columns; column++)
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++) {
      if (coverage[at]! < PART_FROM) continue;
      inked++;
      if (coverage[at]! < PART_TO) part++;
    }
  return part < HARD_SHARE * inked;
}

/**
 * First and last row of a column with at least so much ink; one row where there is less.
 * Without any ink, the last lies before the first.
 */
export function inkedRows({ coverage, rows, tops, bottoms }: Trace, column: number, least: number): [number, number] {
  const base = column * rows;
  let [top, bottom] = [tops[column]!, bottoms[column]!];
  while (top < bottom && coverage[base + top]! < least) top++;
  while (top < bottom && coverage[base + bottom]! < least) bottom--;
  return [top, bottom];
}

/** Covers a pixel of the trace. */
export function cover(trace: Trace, column: number, row: number, share: number): void {
  trace.coverage[column * trace.rows + row] = share > 1 ? 1 : share;
  if (row < trace.tops[column]!) trace.tops[column] = row;
  if (row > trace.bottoms[column]!) trace.bottoms[column] = row;
}

/** A trace without any ink yet. */
export function createTrace(area: PlotArea, lossy: boolean): Trace {
  const columns = area.rightPx - area.leftPx + 1;
  const rows = area.bottomPx - area.topPx + 1;
  return {
    columns,
    rows,
    coverage: blankCoverage(columns * rows),
    tops: new Int32Array(columns).fill(rows),
    bottoms: new Int32Array(columns).fill(-1),
    colour: [0, 0, 0],
    full: lossy ? FULL_LOSSY : FULL,
    lossy,
    effort: { left: MOST_EFFORT },
  };
}

/** Kept from plot to plot, up to so many pixels: fresh memory costs more than to clear it. */
const KEPT_PIXELS = 1_000_000;
let kept = new Float32Array(0);

/** Valid until the next trace is made. */
function blankCoverage(pixels: number): Float32Array {
  if (pixels > KEPT_PIXELS) return new Float32Array(pixels);
  if (kept.length < pixels) return (kept = new Float32Array(pixels));
  return kept.subarray(0, pixels).fill(0);
}

/** Takes the picture for a lossy copy from here on. */
export function markLossy(trace: Trace): void {
  trace.lossy = true;
  trace.full = FULL_LOSSY;
}

/** The column, or the one beside the frame for a column that the frame hides. */
export function besideFrame(column: number, columns: number): number {
  return Math.max(1, Math.min(columns - 2, column));
}
