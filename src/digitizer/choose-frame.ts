/**
 * Choosing the frame: which of a picture's ruled lines are the axes, and the sides opposite to them.
 */
import type { PlotArea } from "../model/plot.ts";
import { isCutAt, shownWidth } from "./cut-side.ts";
import { endOf, placeOf, type FollowedLine } from "./line-ends.ts";
import { SAMPLES } from "./line-samples.ts";
import { MIN_AXIS_SHARE } from "./line-stretch.ts";
import type { Raster } from "./png.ts";
import type { RuledLine } from "./ruled-lines.ts";

/** Outside of an axis there is at least this much room. */
const LABEL_ROOM_PX = 12;

/** Damage takes no more than this of an axis' end, in shares of what it leaves: of the shorter axis a spot takes more. */
const MOST_DAMAGED = { upright: 0.8, level: 0.1 };

/** An axis ends at the frame's corner, or goes on by less than this share of its length: marks, or a stamp's letters in line with it. */
const MOST_BEYOND = 0.1;

export interface ChosenFrame {
  plotArea: PlotArea;
  /** Was the picture cut off within the plot, so that its left or its right side is no end of the time axis? */
  isCutOff: { left: boolean; right: boolean };
  /** An axis goes on beyond the other one, or lies within another, so that this is a gridline rather. */
  isCrossed: boolean;
}

interface Candidate extends ChosenFrame {
  /** What speaks for it: the contrast of its sides above all. */
  score: number;
}

/** What a frame is chosen from. */
interface Lines {
  rows: readonly FollowedLine[];
  columns: readonly FollowedLine[];
  /** Columns that may be the left axis. */
  lefts: readonly FollowedLine[];
  /** Columns of the picture from its left, without a strip of noise over its right. */
  shownPx: number;
  /** Lines are sampled, so their ends are known to a sample or so. */
  slackPx: number;
}

/**
 * The rectangle whose sides are the axes. The bottom and the left axis must meet; a top and a right side are taken where
 * there are lines, else the axes' own ends. Of several, the one with the strongest sides, then the largest.
 */
export function chooseFrame(
  raster: Raster,
  rows: readonly FollowedLine[],
  columns: readonly FollowedLine[],
): ChosenFrame | undefined {
  const { widthPx, heightPx } = raster;
  const slackPx = Math.max(6, 0.015 * widthPx, Math.max(widthPx, heightPx) / SAMPLES + 3);
  const bottoms = rows.filter((row) => row.atPx > 0.35 * heightPx && row.drawn > 0.7);
  const lefts = columns.filter((column) => column.atPx < 0.6 * widthPx && column.drawn > 0.7);
  const lines = { rows, columns, lefts, shownPx: shownWidth(raster), slackPx };
  let best: Candidate | undefined;
  for (const bottom of bottoms)
    for (const left of lefts) {
      const candidate = frameOf(bottom, left, lines, raster);
      if (candidate !== undefined && (best === undefined || candidate.score > best.score)) best = candidate;
    }
  if (best !== undefined) return best;
  const cut = chooseCutFrame(rows, columns, slackPx);
  return cut && { plotArea: cut, isCutOff: { left: true, right: false }, isCrossed: false };
}

/** The frame of two axes; `undefined` where they don't meet. */
function frameOf(
  bottom: FollowedLine,
  left: FollowedLine,
  { rows, columns, lefts, shownPx, slackPx }: Lines,
  raster: Raster,
): Candidate | undefined {
  const { widthPx, heightPx } = raster;
  const isShort = !reaches(bottom, left.atPx, slackPx) || !reaches(left, bottom.atPx, slackPx);
  if (isShort && !meetDamaged(bottom, left, slackPx)) return undefined;
  // Where an axis goes on far beyond it, or any way with a gridline and beyond others as strong, a line is a gridline.
  const findRight = (damaged: number): FollowedLine | undefined =>
    columns.findLast(
      (line) =>
        isOpposite(line, left, bottom, { leastPx: MIN_AXIS_SHARE * widthPx, damaged }, slackPx) &&
        bottom.toPx - line.atPx <= MOST_BEYOND * (line.atPx - left.atPx) &&
        !(
          columns.some((other) => isGridlineLike(other, line, left.atPx + slackPx, slackPx)) &&
          rows.some((row) => row.atPx > line.fromPx + slackPx && goOnTogether(row, bottom, line.atPx, slackPx))
        ),
    );
  const findTop = (damaged: number): FollowedLine | undefined =>
    rows.find(
      (line) =>
        isOpposite(line, bottom, left, { leastPx: -MIN_AXIS_SHARE * heightPx, damaged }, slackPx) &&
        line.atPx - left.fromPx <= MOST_BEYOND * (bottom.atPx - line.atPx),
    );
  // What lies beyond a side that an axis meets is another box, such as a colour bar.
  const right = findRight(0) ?? findRight(MOST_DAMAGED.level);
  const top = findTop(0) ?? findTop(MOST_DAMAGED.upright);
  const leftPx = placeOf(left);
  const bottomPx = placeOf(bottom);
  const rightPx = right === undefined ? Math.min(Math.round(bottom.toPx), shownPx - 1) : placeOf(right);
  const topPx = top === undefined ? Math.round(left.fromPx) : placeOf(top);
  const area = ((rightPx - leftPx) * (bottomPx - topPx)) / (widthPx * heightPx);
  // Labels need room outside of the axes: what has none is likelier a border around the whole picture.
  const isBorder = left.atPx <= LABEL_ROOM_PX || bottom.atPx >= heightPx - LABEL_ROOM_PX;
  const sides = bottom.contrast + left.contrast + 0.3 * ((right?.contrast ?? 0) + (top?.contrast ?? 0));
  // A gridline, or a steep fall of the curve, crosses the other one and goes on.
  const isCrossed =
    leftPx - endOf(raster, { ...bottom, fromPx: leftPx }, "level", -1) > MOST_BEYOND * (rightPx - leftPx) ||
    endOf(raster, { ...left, toPx: bottomPx }, "upright", 1) - bottomPx > MOST_BEYOND * (bottomPx - topPx) ||
    lefts.some((outer) => isAxisOutside(outer, left, bottom, slackPx));
  return {
    plotArea: { leftPx, bottomPx, rightPx, topPx },
    isCutOff: { left: false, right: right === undefined && isCutAt(raster, rightPx, shownPx) },
    isCrossed,
    score: sides + 60 * area - (isBorder ? 1000 : 0) - (isCrossed ? 500 : 0) - (isShort ? 150 : 0),
  };
}

/** Is there a line further in, from a column on, as strong and from the same row? Then both may be gridlines. */
function isGridlineLike(other: RuledLine, line: RuledLine, fromPx: number, slackPx: number): boolean {
  return (
    other.atPx > fromPx &&
    other.atPx < line.atPx - slackPx &&
    other.contrast > 0.8 * line.contrast &&
    Math.abs(other.fromPx - line.fromPx) <= slackPx
  );
}

/** Does a line above the bottom axis begin and end as that does, beyond a column? A gridline ends at the frame's side. */
function goOnTogether(row: RuledLine, bottom: RuledLine, atPx: number, slackPx: number): boolean {
  return (
    row.atPx < bottom.atPx &&
    Math.min(row.toPx, bottom.toPx) > atPx + slackPx &&
    Math.abs(row.toPx - bottom.toPx) <= slackPx &&
    Math.abs(row.fromPx - bottom.fromPx) <= slackPx
  );
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

/** The frame of a picture that was cut off left of it, or within: its other three sides. */
function chooseCutFrame(
  rows: readonly RuledLine[],
  columns: readonly RuledLine[],
  slackPx: number,
): PlotArea | undefined {
  const right = columns.findLast((column) => column.drawn > 0.7);
  if (right === undefined) return undefined;
  const isSide = (row: RuledLine, endPx: number): boolean =>
    row.drawn > 0.7 &&
    row.fromPx <= slackPx &&
    Math.abs(row.toPx - right.atPx) <= slackPx &&
    Math.abs(row.atPx - endPx) <= slackPx;
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
