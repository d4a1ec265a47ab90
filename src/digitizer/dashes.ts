/**
 * Dashes: gridlines of short strokes, which a curve that crosses them parts into stretches.
 * Owns the rhythm that tells such a line from a level stretch of curve: many short strokes with short holes.
 */
import { differ } from "./ink-colour.ts";
import type { Orientation } from "./line-samples.ts";
import type { Raster } from "./png.ts";
import type { RuledLine } from "./ruled-lines.ts";

/** Dashes, and the holes between them, are no longer than this. */
const MAX_DASH_PX = 8;
/** As many, and so much of the plot area's width or height, make a gridline. */
const MIN_DASHES = 12;
const MIN_SHARE = 0.6;
/** Colours of one line, by the sum of their levels. */
const SAME_COLOUR = 24;

/** Do dashes go along this line from one side of the plot area to the other? */
export function isDashed(
  { widthPx, rgb }: Raster,
  line: RuledLine,
  orientation: Orientation,
  fromPx: number,
  toPx: number,
): boolean {
  const at = Math.round(line.atPx);
  const offsetOf = (along: number): number =>
    3 * (orientation === "level" ? at * widthPx + along : along * widthPx + at);
  const drawn = darkestBetween(rgb, offsetOf, line.fromPx, Math.min(line.fromPx + 4 * MAX_DASH_PX, line.toPx));
  const isDrawn = (along: number): boolean => differ(rgb, offsetOf(along), drawn) < SAME_COLOUR;
  let [dashes, coveredPx, lastEnd] = [0, 0, NaN];
  for (let along = fromPx + 1; along < toPx; along++) {
    if (!isDrawn(along)) continue;
    const start = along;
    while (along < toPx && isDrawn(along)) along++;
    if (along - start <= MAX_DASH_PX) {
      dashes++;
      coveredPx += along - start + (start - lastEnd <= MAX_DASH_PX ? start - lastEnd : 0);
      lastEnd = along;
    }
  }
  return dashes >= MIN_DASHES && coveredPx >= MIN_SHARE * (toPx - fromPx);
}

/** Where the line's own colour is. */
function darkestBetween(rgb: Uint8Array, offsetOf: (along: number) => number, from: number, to: number): number {
  let best = offsetOf(from);
  for (let along = from; along <= to; along++) {
    const at = offsetOf(along);
    if (rgb[at]! + rgb[at + 1]! + rgb[at + 2]! < rgb[best]! + rgb[best + 1]! + rgb[best + 2]!) best = at;
  }
  return best;
}
