/**
 * Plot area: the rectangle inside the axes, wherever it lies, and the gridlines in it.
 * Owns which lines are axes; finding lines is left to `ruled-lines`, labels to `labels`, the curve to `trace`.
 */
import type { PlotArea } from "../model/plot.ts";
import { isDashed } from "./dashes.ts";
import { colourKey } from "./ink-colour.ts";
import { lumaAt } from "./ink.ts";
import type { Raster } from "./png.ts";
import { type Brightness, findLines, MIN_AXIS_SHARE, type RuledLine, SAMPLES, valueAt } from "./ruled-lines.ts";

export interface Frame {
  plotArea: PlotArea;
  /** Was the picture cut off within the plot, so that its left or its right side is no end of the time axis? */
  isCutOff: { left: boolean; right: boolean };
  framePx: number;
  /** Lines strictly inside the frame. */
  gridRows: RuledLine[];
  gridColumns: RuledLine[];
}

/** A frame that is hidden in part takes at least this share of the picture's width and height. */
const LARGE_SHARE = 0.4;

/** Outside of an axis there is at least this much room. */
const LABEL_ROOM_PX = 12;

/** A line that is blended over two columns has ended so far beyond its end. */
const BESIDE_PX = 2;

/** So far from two pixels is a line that wide, and so much is enough for its second pixel to be the nearer one. */
const WIDTH_TOLERANCE_PX = 0.2;
const TO_SECOND_PX = 0.1;

/** A picture with more lines of one orientation is hatched, or a table; plots have up to some sixty. */
const MOST_LINES = 200;

/** Damage takes no more than this of an axis' end, in shares of what it leaves: of the shorter axis a spot takes more. */
const MOST_DAMAGED = { upright: 0.8, level: 0.1 };

/** An axis ends at the frame's corner, or goes on by less than this share of its length: marks, or a stamp's letters in line with it. */
const MOST_BEYOND = 0.1;

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

/** `isCrossed`: an axis goes on beyond the other one, so that this is a gridline rather. */
function findFrameBy(
  raster: Raster,
  brightnessAt: Brightness,
  withHidden = false,
): { frame: Frame; isCrossed: boolean } | undefined {
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

type Chosen = Pick<Frame, "plotArea" | "isCutOff"> & { isCrossed: boolean };

/**
 * The rectangle whose sides are the axes. The bottom and the left axis must meet; a top and a right side are taken where
 * there are lines, else the axes' own ends. Of several, the one with the strongest sides, then the largest.
 */
function chooseFrame(raster: Raster, rows: FollowedLine[], columns: FollowedLine[]): Chosen | undefined {
  const { widthPx, heightPx } = raster;
  // Lines are sampled, so their ends are known to a sample or so.
  const slack = Math.max(6, 0.015 * widthPx, Math.max(widthPx, heightPx) / SAMPLES + 3);
  const bottoms = rows.filter((row) => row.atPx > 0.35 * heightPx && row.drawn > 0.7);
  const lefts = columns.filter((column) => column.atPx < 0.6 * widthPx && column.drawn > 0.7);
  let best: (Chosen & { score: number }) | undefined;
  for (const bottom of bottoms) {
    for (const left of lefts) {
      const isShort = !reaches(bottom, left.atPx, slack) || !reaches(left, bottom.atPx, slack);
      if (isShort && !meetDamaged(bottom, left, slack)) continue;
      // Where an axis goes on beyond it, a line is a gridline.
      const findRight = (damaged: number): FollowedLine | undefined =>
        columns.findLast(
          (line) =>
            isOpposite(line, left, bottom, { leastPx: MIN_AXIS_SHARE * widthPx, damaged }, slack) &&
            bottom.toPx - line.atPx <= MOST_BEYOND * (line.atPx - left.atPx),
        );
      const findTop = (damaged: number): FollowedLine | undefined =>
        rows.find(
          (line) =>
            isOpposite(line, bottom, left, { leastPx: -MIN_AXIS_SHARE * heightPx, damaged }, slack) &&
            line.atPx - left.fromPx <= MOST_BEYOND * (bottom.atPx - line.atPx),
        );
      // What lies beyond a side that an axis meets is another box, such as a colour bar.
      const right = findRight(0) ?? findRight(MOST_DAMAGED.level);
      const top = findTop(0) ?? findTop(MOST_DAMAGED.upright);
      const plotArea = {
        leftPx: placeOf(left),
        bottomPx: placeOf(bottom),
        rightPx: right === undefined ? Math.round(bottom.toPx) : placeOf(right),
        topPx: top === undefined ? Math.round(left.fromPx) : placeOf(top),
      };
      const area = ((plotArea.rightPx - plotArea.leftPx) * (plotArea.bottomPx - plotArea.topPx)) / (widthPx * heightPx);
      // Labels need room outside of the axes: what has none is likelier a border around the whole picture.
      const isBorder = left.atPx <= LABEL_ROOM_PX || bottom.atPx >= heightPx - LABEL_ROOM_PX;
      const sides = bottom.contrast + left.contrast + 0.3 * ((right?.contrast ?? 0) + (top?.contrast ?? 0));
      // A gridline, or a steep fall of the curve, crosses the other one and goes on.
      const { leftPx, bottomPx } = plotArea;
      const isCrossed =
        leftPx - endOf(raster, { ...bottom, fromPx: leftPx }, "level", -1) >
          MOST_BEYOND * (plotArea.rightPx - leftPx) ||
        endOf(raster, { ...left, toPx: bottomPx }, "upright", 1) - bottomPx > MOST_BEYOND * (bottomPx - plotArea.topPx);
      const isWithin = lefts.some((outer) => isAxisOutside(outer, left, bottom, slack));
      const score = sides + 60 * area - (isBorder ? 1000 : 0) - (isCrossed || isWithin ? 500 : 0) - (isShort ? 150 : 0);
      const isCutOff = { left: false, right: right === undefined && isCutAt(raster, plotArea.rightPx) };
      if (best === undefined || score > best.score)
        best = { score, plotArea, isCutOff, isCrossed: isCrossed || isWithin };
    }
  }
  if (best !== undefined) return best;
  const cut = chooseCutFrame(rows, columns, slack);
  return cut && { plotArea: cut, isCutOff: { left: true, right: false }, isCrossed: false };
}

/**
 * Is there another line where the bottom axis starts, as long and nearly as strong? Then the inner one is a gridline,
 * however near to the axis: the first of those in the frame's own colour may be the strongest of all.
 */
function isAxisOutside(outer: RuledLine, left: RuledLine, bottom: RuledLine, slackPx: number): boolean {
  return (
    outer.atPx < left.atPx - 3 &&
    outer.atPx > LABEL_ROOM_PX &&
    Math.abs(outer.atPx - bottom.fromPx) <= slackPx &&
    reaches(outer, bottom.atPx, slackPx) &&
    outer.contrast > 0.5 * left.contrast &&
    outer.toPx - outer.fromPx > 0.8 * (left.toPx - left.fromPx)
  );
}

/** Does the picture end at a column, or is all that follows of one colour from its top to its bottom, and not that of its left edge? */
function isCutAt({ rgb, widthPx, heightPx }: Raster, column: number): boolean {
  const next = column + BESIDE_PX;
  if (next >= widthPx) return true;
  const colour = colourKey(rgb, 3 * next);
  for (let row = 1; row < heightPx; row++) if (colourKey(rgb, 3 * (row * widthPx + next)) !== colour) return false;
  return [0, heightPx - 1].every((row) => colourKey(rgb, 3 * row * widthPx) !== colour);
}

/** The frame of a picture that was cut off left of it, or within: its other three sides. */
function chooseCutFrame(rows: RuledLine[], columns: RuledLine[], slack: number): PlotArea | undefined {
  const right = columns.findLast((column) => column.drawn > 0.7);
  if (right === undefined) return undefined;
  const isSide = (row: RuledLine, endPx: number): boolean =>
    row.drawn > 0.7 &&
    row.fromPx <= slack &&
    Math.abs(row.toPx - right.atPx) <= slack &&
    Math.abs(row.atPx - endPx) <= slack;
  const top = rows.find((row) => isSide(row, right.fromPx));
  const bottom = rows.findLast((row) => isSide(row, right.toPx));
  if (top === undefined || bottom === undefined || top === bottom) return undefined;
  return { leftPx: 0, rightPx: placeOf(right), topPx: placeOf(top), bottomPx: placeOf(bottom) };
}

/** Has damage taken one axis' end, where the other one, as strong, has its own? */
function meetDamaged(bottom: RuledLine, left: RuledLine, slackPx: number): boolean {
  if (bottom.contrast < 0.5 * left.contrast) return false;
  if (Math.abs(bottom.fromPx - left.atPx) <= slackPx) return isMissing(bottom, left, MOST_DAMAGED.upright);
  return Math.abs(left.toPx - bottom.atPx) <= slackPx && isMissing(left, bottom, MOST_DAMAGED.level);
}

/** Does an axis end too early to meet a line, but by no more than a share of its length? */
function isMissing(line: RuledLine, axis: RuledLine, share: number): boolean {
  return reaches(axis, line.atPx, share * (axis.toPx - axis.fromPx));
}

function reaches(line: RuledLine, atPx: number, slackPx: number): boolean {
  return line.fromPx <= atPx + slackPx && line.toPx >= atPx - slackPx;
}

/**
 * Is this the frame's line opposite to an axis, at the end of the other axis?
 * @param damaged share of the other axis that damage may have taken from its end
 */
function isOpposite(
  line: FollowedLine,
  axis: RuledLine,
  other: RuledLine,
  { leastPx, damaged }: { leastPx: number; damaged: number },
  slackPx: number,
): boolean {
  const away = leastPx > 0 ? line.atPx - axis.atPx >= leastPx : line.atPx - axis.atPx <= leastPx;
  const asStrong = line.contrast > 0.5 * axis.contrast && line.drawn > 0.7;
  const lengthPx = axis.toPx - axis.fromPx;
  // A steep fall of the curve may seem to go on in a band as dark as itself.
  const asLong = line.toPx - line.fromPx > 0.8 * lengthPx && line.seenPx > 0.5 * lengthPx;
  const endsAlike = Math.abs(line.fromPx - axis.fromPx) <= slackPx && Math.abs(line.toPx - axis.toPx) <= slackPx;
  const meets = reaches(other, line.atPx, slackPx) || (damaged > 0 && endsAlike && isMissing(line, other, damaged));
  return away && asStrong && asLong && meets;
}

/** Of a line two pixels wide the second one, as gd, Java2D and Pillow draw them around their place. */
function placeOf({ atPx, thicknessPx }: RuledLine): number {
  return Math.round(Math.abs(thicknessPx - 2) < WIDTH_TOLERANCE_PX ? atPx + TO_SECOND_PX : atPx);
}

/** A line to its ends by its own pixels: beside one, a curve or a tick mark may hide how dark it is. */
function toItsEnds(raster: Raster, line: RuledLine, orientation: Orientation): FollowedLine {
  const [fromPx, toPx] = [endOf(raster, line, orientation, -1), endOf(raster, line, orientation, 1)];
  return { ...line, fromPx, toPx, seenPx: line.toPx - line.fromPx };
}

/** A line that was followed to its ends. */
interface FollowedLine extends RuledLine {
  /** How much of it is darker than what lies beside it. */
  seenPx: number;
}

type Orientation = "level" | "upright";

/** Where a line ends towards higher places (1) or lower ones (-1), to the pixel. */
function endOf({ widthPx, heightPx, rgb }: Raster, line: RuledLine, orientation: Orientation, step: 1 | -1): number {
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

/** What is paler than a line by so much of its contrast is no part of it. */
const FAINT = 0.75;
/** Places along a line, most of which show its own colour. */
const LOOKS = [0.1, 0.3, 0.5, 0.7, 0.9];
