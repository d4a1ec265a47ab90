/**
 * Inner marks: strokes that stand on the frame's lower or left line, inside the plot area: tick marks, or the feet of
 * gridlines too faint, too pale or too finely dashed to be found as lines.
 * Owns where they are; that a label belongs to one is the axes' to find out, which also tells them from a curve's feet.
 */
import type { PlotArea } from "../model/plot.ts";
import { differ } from "./ink-colour.ts";
import type { PixelBox, Raster } from "./png.ts";

export interface InnerMarks {
  /** Middles of the strokes on the lower line. */
  columnsPx: number[];
  /** Those of them that are feet of gridlines. */
  gridColumnsPx: number[];
  /** The short ones of either line, which are no curve. */
  boxes: PixelBox[];
}

/** A stroke differs from what lies on both of its sides, by the sum of its colours' levels. */
const MIN_CONTRAST = 48;
/** Strokes are no thicker than this and no shorter. */
const MAX_THICKNESS_PX = 3;
const MIN_LENGTH_PX = 3;
/** Those on the left line that mark parts of a decade are shorter still. */
const MIN_MINOR_PX = 2;
/** What is longer is a gridline. */
const MAX_MARK_PX = 12;
/** A mark on a gridline ends where the colour changes by so much. */
const OTHER_COLOUR = 24;
/** A dashed gridline is told by its foot of this height, and by as many pixels of it. */
const FOOT_PX = 48;
const MIN_DASHED_PX = 12;
/** Dashes, and the holes between them, are no longer than this. */
const MAX_DASH_PX = 6;
/** Gridlines stand as far apart as each other, to the rounding of their places; a stroke or two may be a curve's own. */
const FEWEST_GRIDLINES = 3;
const MIN_STEP_PX = 8;
const STEP_ERROR_PX = 1.5;
/** A frame's own corners are no marks. */
const CORNER_PX = 3;

/** A stroke that stands on a line of the frame. */
interface Stroke {
  /** Its middle, along the line. */
  atPx: number;
  thicknessPx: number;
  lengthPx: number;
}

/** The strokes that stand on the lower and on the left line of the frame. */
export function findInnerMarks(raster: Raster, area: PlotArea, framePx: number): InnerMarks {
  const { leftPx, rightPx, topPx, bottomPx } = area;
  const inside = Math.ceil((framePx + 1) / 2);
  const across = 3 * raster.widthPx;
  const lower = {
    startAt: 3 * ((bottomPx - inside) * raster.widthPx + leftPx),
    count: rightPx - leftPx + 1,
    along: 3,
    inwards: -across,
    leastPx: MIN_LENGTH_PX,
    mostPx: bottomPx - topPx - 2 * inside,
  };
  const below = findStrokes(raster.rgb, lower);
  const left = findStrokes(raster.rgb, {
    startAt: 3 * (topPx * raster.widthPx + leftPx + inside),
    count: bottomPx - topPx + 1,
    along: across,
    inwards: 3,
    leastPx: MIN_MINOR_PX,
    mostPx: rightPx - leftPx - 2 * inside,
  });
  const lengthPx = commonLength(below);
  const minorPx = commonLength(left);
  const isMark = (stroke: Stroke): boolean => stroke.lengthPx === lengthPx;
  const boxes = [
    ...below.filter(isMark).map(({ atPx, thicknessPx, lengthPx }) => ({
      ...spanOf("leftPx", "rightPx", leftPx + atPx, thicknessPx),
      topPx: bottomPx - inside - lengthPx + 1,
      bottomPx: bottomPx - inside,
    })),
    ...left
      .filter((stroke) => isMark(stroke) || stroke.lengthPx === minorPx)
      .map(({ atPx, thicknessPx, lengthPx }) => ({
        ...spanOf("topPx", "bottomPx", topPx + atPx, thicknessPx),
        leftPx: leftPx + inside,
        rightPx: leftPx + inside + lengthPx - 1,
      })),
  ];
  const dashed = findDashed(raster.rgb, lower);
  const long = below.filter(({ lengthPx }) => lengthPx > MAX_MARK_PX).map(({ atPx }) => atPx);
  const gridlines = areEven([...long, ...dashed]) ? [...long, ...dashed] : [];
  const inPicture = (atPx: number): number => leftPx + atPx;
  return {
    columnsPx: [...below.map(({ atPx }) => atPx), ...dashed].map(inPicture),
    gridColumnsPx: gridlines.map(inPicture),
    boxes,
  };
}

function spanOf<From extends string, To extends string>(
  from: From,
  to: To,
  middlePx: number,
  thicknessPx: number,
): Record<From | To, number> {
  const start = Math.round(middlePx - (thicknessPx - 1) / 2);
  return { [from]: start, [to]: start + thicknessPx - 1 } as Record<From | To, number>;
}

/** Marks are all of one length, and there are several. */
function commonLength(strokes: readonly Stroke[]): number | undefined {
  const counts = new Uint16Array(MAX_MARK_PX + 1);
  for (const { lengthPx } of strokes) if (lengthPx <= MAX_MARK_PX) counts[lengthPx]!++;
  const most = counts.indexOf(Math.max(...counts));
  return counts[most]! >= 3 ? most : undefined;
}

/** Are there several, all of them whole steps apart? The curve may hide some. */
function areEven(columns: readonly number[]): boolean {
  const sorted = [...columns].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((atPx, i) => atPx - sorted[i]!);
  const stepPx = Math.min(...gaps);
  if (sorted.length < FEWEST_GRIDLINES || stepPx < MIN_STEP_PX) return false;
  return gaps.every((gap) => {
    const steps = Math.round(gap / stepPx);
    // The step itself is known to a rounding; but over many steps nearly all places would be near to one.
    return Math.abs(gap - steps * stepPx) <= Math.min(STEP_ERROR_PX * steps, stepPx / 4);
  });
}

/** A line of pixels just inside the frame, by byte offsets: along it, and inwards from it. */
interface Edge {
  startAt: number;
  count: number;
  along: number;
  inwards: number;
  leastPx: number;
  mostPx: number;
}

function findStrokes(rgb: Uint8Array, { startAt, count, along, inwards, leastPx, mostPx }: Edge): Stroke[] {
  const side = 2 * along;
  const lengthAt = (index: number): number => {
    let length = 0;
    for (let at = startAt + index * along; length < mostPx; length++, at += inwards) {
      if (differ(rgb, at, at - side) < MIN_CONTRAST || differ(rgb, at, at + side) < MIN_CONTRAST) break;
      if (length >= leastPx && length <= MAX_MARK_PX && differ(rgb, at, at - inwards) >= OTHER_COLOUR) break;
    }
    return length;
  };
  const strokes: Stroke[] = [];
  for (let index = CORNER_PX; index < count - CORNER_PX; index++) {
    let [thicknessPx, lengthPx] = [0, lengthAt(index)];
    for (let length = lengthPx; length >= leastPx && index + thicknessPx < count;) {
      lengthPx = Math.min(lengthPx, length);
      length = lengthAt(index + ++thicknessPx);
    }
    if (thicknessPx === 0) continue;
    if (thicknessPx <= MAX_THICKNESS_PX) strokes.push({ atPx: index + (thicknessPx - 1) / 2, thicknessPx, lengthPx });
    index += thicknessPx;
  }
  return strokes;
}

/** Feet of dashed gridlines, which may be lighter than the bands behind them. */
function findDashed(rgb: Uint8Array, { startAt, count, along, inwards, mostPx }: Edge): number[] {
  const side = 2 * along;
  const dashed: number[] = [];
  for (let index = CORNER_PX; index < count - CORNER_PX; index++) {
    let [drawnPx, dashes, run, hole] = [0, 0, 0, 0];
    let at = startAt + index * along;
    for (let k = 0; k < Math.min(FOOT_PX, mostPx) && run <= MAX_DASH_PX && hole <= MAX_DASH_PX; k++, at += inwards) {
      const isDrawn = differ(rgb, at, at - side) >= MIN_CONTRAST && differ(rgb, at, at + side) >= MIN_CONTRAST;
      if (isDrawn && run === 0) dashes++;
      if (isDrawn) drawnPx++;
      [run, hole] = isDrawn ? [run + 1, 0] : [0, hole + 1];
    }
    if (drawnPx >= MIN_DASHED_PX && dashes >= MIN_DASHED_PX / MAX_DASH_PX) dashed.push(index);
  }
  return dashed;
}
