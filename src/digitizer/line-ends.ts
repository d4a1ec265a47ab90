/**
 * Line ends: where a ruled line ends, to the pixel, and which pixel is its place.
 */
import { lumaAt } from "./ink.ts";
import type { Orientation } from "./line-samples.ts";
import type { Raster } from "./png.ts";
import type { RuledLine } from "./ruled-lines.ts";

/** A line that was followed to its ends. */
export interface FollowedLine extends RuledLine {
  /** How much of it is darker than what lies beside it. */
  seenPx: number;
}

/** So far from two pixels is a line that wide, and so much is enough for its second pixel to be the nearer one. */
const WIDTH_TOLERANCE_PX = 0.2;
const TO_SECOND_PX = 0.1;

/** What is paler than a line by so much of its contrast is no part of it. */
const FAINT = 0.75;
/** Places along a line, most of which show its own colour. */
const LOOKS = [0.1, 0.3, 0.5, 0.7, 0.9];

/** A line to its ends by its own pixels: beside one, a curve or a tick mark may hide how dark it is. */
export function toItsEnds(raster: Raster, line: RuledLine, orientation: Orientation): FollowedLine {
  const [fromPx, toPx] = [endOf(raster, line, orientation, -1), endOf(raster, line, orientation, 1)];
  return { ...line, fromPx, toPx, seenPx: line.toPx - line.fromPx };
}

/** Where a line ends towards higher places (1) or lower ones (-1), to the pixel. */
export function endOf(
  { widthPx, heightPx, rgb }: Raster,
  line: RuledLine,
  orientation: Orientation,
  step: 1 | -1,
): number {
  const at = Math.round(line.atPx);
  const far = (orientation === "level" ? widthPx : heightPx) - 1;
  const lumaOf = (along: number): number =>
    lumaAt(rgb, 3 * (orientation === "level" ? at * widthPx + along : along * widthPx + at));
  const other = step > 0 ? line.fromPx : line.toPx;
  const own = LOOKS.map((share) => lumaOf(Math.round(line.fromPx + share * (line.toPx - line.fromPx)))).sort(
    (a, b) => a - b,
  )[LOOKS.length >> 1]!;
  let end = step > 0 ? line.toPx : line.fromPx;
  // In a lossy copy, a faint spot beyond a line's end may be the last that was sampled of it.
  while ((end - other) * step > 0 && lumaOf(end) - own > FAINT * line.contrast) end -= step;
  while (end + step >= 0 && end + step <= far && Math.abs(lumaOf(end + step) - own) < line.contrast / 2) end += step;
  return end;
}

/** Of a line two pixels wide the second one, as gd, Java2D and Pillow draw them around their place. */
export function placeOf({ atPx, thicknessPx }: RuledLine): number {
  return Math.round(Math.abs(thicknessPx - 2) < WIDTH_TOLERANCE_PX ? atPx + TO_SECOND_PX : atPx);
}
