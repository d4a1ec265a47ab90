/**
 * Plot area: the rectangle inside the axes, wherever it lies, and the gridlines in it.
 * Finding lines is left to `ruled-lines`, which of them are the axes to `choose-frame`, labels to `labels`, the curve to
 * `trace`.
 */
import { chooseFrame, type ChosenFrame } from "./choose-frame.ts";
import { isDashed } from "./dashes.ts";
import { lumaAt } from "./ink.ts";
import { placeOf, toItsEnds } from "./line-ends.ts";
import { type Brightness, type Orientation, valueAt } from "./line-samples.ts";
import type { Raster } from "./png.ts";
import { findLines, type RuledLine } from "./ruled-lines.ts";

export interface Frame extends Pick<ChosenFrame, "plotArea" | "isCutOff"> {
  framePx: number;
  /** Lines strictly inside the frame. */
  gridRows: RuledLine[];
  gridColumns: RuledLine[];
}

/** A frame that is hidden in part takes at least this share of the picture's width and height. */
const LARGE_SHARE = 0.4;

/** A picture with more lines of one orientation is hatched, or a table; plots have up to some sixty. */
const MOST_LINES = 200;

/**
 * Finds the frame, or the two axes of a plot that has no more. `undefined` when there are none.
 * A grey frame around saturated bands is no darker than these to the eye, but less coloured. A curve that is as dark as
 * the frame, and runs along it, hides a part of it.
 */
export function findFrame(raster: Raster): Frame | undefined {
  const toTheEye = findFrameBy(raster, lumaAt);
  if (toTheEye !== undefined && !toTheEye.isCrossed) return toTheEye.frame;
  const byColour = findFrameBy(raster, valueAt);
  const found = toTheEye === undefined || byColour?.isCrossed === false ? byColour : toTheEye;
  if (found !== undefined) return found.frame;
  const hidden = findFrameBy(raster, lumaAt, true);
  return hidden?.isCrossed === false && isLarge(raster, hidden.frame) ? hidden.frame : undefined;
}

/** In noise, lines that are hidden in part may be anywhere, but hardly make a frame of the size of a plot. */
function isLarge({ widthPx, heightPx }: Raster, { plotArea }: Frame): boolean {
  const { leftPx, rightPx, topPx, bottomPx } = plotArea;
  return rightPx - leftPx > LARGE_SHARE * widthPx && bottomPx - topPx > LARGE_SHARE * heightPx;
}

function findFrameBy(
  raster: Raster,
  brightnessAt: Brightness,
  withHidden = false,
): (Pick<ChosenFrame, "isCrossed"> & { frame: Frame }) | undefined {
  const level = findLines(raster, "level", brightnessAt, withHidden);
  const upright = findLines(raster, "upright", brightnessAt, withHidden);
  if (Math.max(level.length, upright.length) > MOST_LINES) return undefined;
  const rows = level.map((line) => toItsEnds(raster, line, "level"));
  const columns = upright.map((line) => toItsEnds(raster, line, "upright"));
  const chosen = chooseFrame(raster, rows, columns);
  if (chosen === undefined) return undefined;
  const { plotArea, isCutOff, isCrossed } = chosen;
  const { leftPx, rightPx, topPx, bottomPx } = plotArea;
  const isInside = (line: RuledLine, from: number, to: number): boolean => line.atPx > from + 3 && line.atPx < to - 3;
  const crosses = (line: RuledLine, orientation: Orientation, from: number, to: number): boolean =>
    Math.min(line.toPx, to) - Math.max(line.fromPx, from) > 0.8 * (to - from) ||
    isDashed(raster, line, orientation, from, to);
  const bottom = rows.find((line) => placeOf(line) === bottomPx);
  const frame = {
    plotArea,
    isCutOff,
    framePx: Math.max(1, Math.round(bottom?.thicknessPx ?? 1)),
    gridRows: rows.filter((line) => isInside(line, topPx, bottomPx) && crosses(line, "level", leftPx, rightPx)),
    gridColumns: columns.filter((line) => isInside(line, leftPx, rightPx) && crosses(line, "upright", topPx, bottomPx)),
  };
  return { frame, isCrossed };
}
