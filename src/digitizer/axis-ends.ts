/**
 * Axis ends: from a line through labels or marks to the axes that it allows, since the ends of an axis are seldom odd times.
 * Owns what makes one pair of ends likelier than another.
 */
import type { PlotArea, TimeAxis } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import type { Frame } from "./plot-area.ts";
import type { AxisPoint, Line } from "./robust-line.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const HALF_HOUR_MS = 30 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Axes from the first sample to the last one of whole days. */
const EXACT_ENDS_COST = 4;
/**
 * Ends of axes, from likely to unlikely, with what an unlikely one costs in squared standard deviations. Labels alone are
 * likelier off by more than they should be than ends are odd by as much.
 */
const END_STEPS = [
  { stepMs: HOUR_MS, cost: 0, costByLabels: 0 },
  { stepMs: HALF_HOUR_MS, cost: 5, costByLabels: 15 },
  { stepMs: CADENCE_MS, cost: 8, costByLabels: 21 },
];
/** Cost of ends at no even times at all. */
const ODD_ENDS = { cost: 10, costByLabels: 20 };
/** Labels that are off by more than so many standard deviations are of an odd font. */
const USUAL_OFF = 2;
/** Most axes start at their first label. */
const TICK_AT_START_GAIN = 8;
/**
 * Nearly all do whose labels are of whole hours and count from no midnight, such as 11, 23 and 11 o'clock: of some 600
 * drawn plots the six others start hours earlier. It outweighs labels of an odd font, not an hour of two weeks.
 */
const COUNTED_FROM_START_GAIN = 28;
/** A mark this far from the frame's left line isn't in it. */
const BESIDE_FRAME_PX = 0.75;
/** Steps smaller than this many standard deviations of the labels are not told by them. */
const LEAST_STEP = 1.6;

/**
 * Labels and marks are drawn at whole pixels: those of the right axis are off by no more than one from each other, of 350
 * drawn plots by 0.9 px in the median and by more than 0.97 in one of twenty.
 */
const ROUNDED_PX = 1.02;
const ROUNDING_SPREAD_PX = 0.12;
const USUAL_ROOM_PX = 0.9;
const USUAL_ROOM_SPREAD_PX = 0.035;
/** Twice the line's spread is the least that it says, in squares. */
const LEAST_OF_LENGTH = 0.25;

/** An axis, and what speaks against it in squared standard deviations: its length, and all else. */
interface Ends {
  axis: TimeAxis;
  /** How far the labels or marks are off from each other on it. */
  roomPx: number;
  lengthCost: number;
  otherCost: number;
}

/** How labels or marks stand beside their ticks. */
export interface Places {
  /** Are they marks or gridlines? */
  isExact: boolean;
  biasPx: number;
  /** Standard uncertainty of that. */
  spreadPx: number;
}

/** Axes through the fitted line whose ends are even times, cheapest first; and the line as it is. */
export function chooseEnds(
  line: Line,
  area: PlotArea,
  { isExact, biasPx, spreadPx }: Places,
  isCutOff: Frame["isCutOff"],
): TimeAxis[] {
  const { leftPx, rightPx } = area;
  const timeAt = (px: number): number => line.atOrigin + line.perPx * (px + biasPx);
  const [startMs, endMs] = [timeAt(leftPx), timeAt(rightPx)];
  const lengthSpreadPx = lengthSpread(line, rightPx - leftPx);
  const found: Ends[] = [];
  const firstTick = line.inliers.reduce((first, point) => (point.atPx < first.atPx ? point : first));
  // The mark of a tick at the start lies in the frame's own column.
  const mayStart = !isExact || Math.abs(firstTick.atPx - leftPx) < BESIDE_FRAME_PX;
  const isCounted = firstTick.value % HOUR_MS === 0 && isCountedFrom(firstTick, line);
  const tickGain = !mayStart ? 0 : isCounted ? COUNTED_FROM_START_GAIN : TICK_AT_START_GAIN;
  const add = (start: number, end: number, extra: number): void => {
    if (found.some(({ axis }) => Math.abs(axis.startMs - start) < MINUTE_MS && Math.abs(axis.endMs - end) < MINUTE_MS))
      return;
    const shiftPx = ((start - startMs) / 2 + (end - endMs) / 2) / line.perPx;
    const stretchPx = (end - start - (endMs - startMs)) / line.perPx;
    const gain = Math.abs(start - firstTick.value) < MINUTE_MS ? tickGain : 0;
    const msPerPx = (end - start) / (rightPx - leftPx);
    const originMs = start - msPerPx * leftPx;
    found.push({
      axis: { found: "labels", originMs, msPerPx, startMs: start, endMs: end, residualPx: line.residualPx },
      roomPx: roomFor(line, msPerPx),
      lengthCost: (stretchPx / lengthSpreadPx) ** 2,
      otherCost: shiftCost(shiftPx / spreadPx, isExact) + extra - gain,
    });
  };
  const exactMs = Math.round((endMs - startMs) / DAY_MS) * DAY_MS - CADENCE_MS;
  const isWhole = !isCutOff.left && !isCutOff.right;
  if (isWhole && exactMs > 0 && CADENCE_MS >= LEAST_STEP * spreadPx * line.perPx) {
    const middleMs = (startMs + endMs - exactMs) / 2;
    for (const start of nearest(middleMs, CADENCE_MS)) add(start, start + exactMs, EXACT_ENDS_COST);
  }
  const costOf = (step: { cost: number; costByLabels: number }): number => (isExact ? step.cost : step.costByLabels);
  for (const step of END_STEPS) {
    const { stepMs } = step;
    // Finer than the labels can tell, a step would only draw the ends away from where they are.
    if (stepMs < LEAST_STEP * spreadPx * line.perPx) continue;
    const extra = costOf(step);
    // Of an axis that goes on beyond a side, the labels tell the length.
    if (isCutOff.right) for (const start of nearest(startMs, stepMs)) add(start, start + endMs - startMs, extra);
    else if (isCutOff.left) for (const end of nearest(endMs, stepMs)) add(end - endMs + startMs, end, extra);
    else for (const start of nearest(startMs, stepMs)) for (const end of nearest(endMs, stepMs)) add(start, end, extra);
  }
  add(startMs, endMs, costOf(ODD_ENDS));
  const isRounded = found.some(({ roomPx }) => roomPx <= ROUNDED_PX);
  const costed = found
    .map((ends) => ({
      axis: ends.axis,
      cost: ends.otherCost + (isRounded ? costByRounding(ends) : ends.lengthCost),
    }))
    .sort((a, b) => a.cost - b.cost);
  return costed
    .filter(({ axis, cost }, i) => {
      const isTwin = costed.slice(0, i).some((likelier) => hasSameSamples(axis, likelier.axis));
      return !isTwin && cost < costed[0]!.cost + costOf(ODD_ENDS);
    })
    .slice(0, 4)
    .map(({ axis }) => axis);
}

/**
 * Is an axis from the first sample to the last one of whole days? It begins at any minute, and its length is beyond doubt:
 * where labels say otherwise of one end they are but rounded, and still tell its middle to a minute.
 */
export function hasSureLength({ startMs, endMs }: TimeAxis): boolean {
  return (endMs - startMs + CADENCE_MS) % DAY_MS === 0;
}

/** Does an axis start and end at whole hours? */
export function isOfHours({ startMs, endMs }: TimeAxis): boolean {
  return startMs % HOUR_MS === 0 && endMs % HOUR_MS === 0;
}

/** Are labels at times that no midnight leads to by their own steps? Then they count from the first one. */
function isCountedFrom(first: AxisPoint, { inliers }: Line): boolean {
  const stepMs = inliers.reduce(
    (least, { value }) => (value > first.value ? Math.min(least, value - first.value) : least),
    DAY_MS,
  );
  return first.value % stepMs !== 0;
}

/** Are samples every ten minutes of the clock at the same places on both? No curve tells such axes apart. */
function hasSameSamples(a: TimeAxis, b: TimeAxis): boolean {
  const [atStart, atEnd] = [a.startMs - b.startMs, a.endMs - b.endMs];
  return atStart === atEnd && atStart % CADENCE_MS === 0;
}

/** How far the line as it is lies from an axis at its start and end, where it is among those that the labels allow. */
export function offPlainLine(
  { startMs, endMs }: TimeAxis,
  allowed: readonly TimeAxis[],
): { startMs: number; endMs: number } | undefined {
  const plain = allowed.find((time) => time.startMs % MINUTE_MS !== 0 && time.endMs % MINUTE_MS !== 0);
  return plain && { startMs: plain.startMs - startMs, endMs: plain.endMs - endMs };
}

/**
 * What it costs that labels or marks all lie off by so many standard deviations. Labels are off by a few in some fonts: as
 * their program centres text, they stand up to two pixels beside their ticks.
 */
function shiftCost(deviations: number, isExact: boolean): number {
  const usual = Math.min(Math.abs(deviations), isExact ? Infinity : USUAL_OFF);
  return usual * (2 * Math.abs(deviations) - usual);
}

/**
 * What a length costs where all may be rounding: a line fitted to places that are rounded alike for long stretches is
 * off by more than its spread tells.
 */
function costByRounding({ lengthCost, roomPx }: Ends): number {
  const usual = (Math.max(0, roomPx - USUAL_ROOM_PX) / USUAL_ROOM_SPREAD_PX) ** 2;
  const least = LEAST_OF_LENGTH * lengthCost;
  const beyond = (Math.max(0, roomPx - ROUNDED_PX) / ROUNDING_SPREAD_PX) ** 2;
  return Math.min(lengthCost, Math.max(usual, least)) + beyond;
}

/** How far labels or marks are off from each other, beside where an axis of that scale has them. */
function roomFor({ inliers }: Line, msPerPx: number): number {
  const off = inliers.map(({ atPx, value }) => atPx - (value - inliers[0]!.value) / msPerPx);
  return Math.max(...off) - Math.min(...off);
}

function nearest(timeMs: number, stepMs: number): number[] {
  const step = Math.floor(timeMs / stepMs);
  return [step * stepMs, (step + 1) * stepMs];
}

/** Standard uncertainty of the axis' length in px: ticks are rounded to whole pixels, which is 0.29 px each. */
function lengthSpread(line: Line, lengthPx: number): number {
  const middle = line.inliers.reduce((sum, point) => sum + point.atPx, 0) / line.inliers.length;
  const square = line.inliers.reduce((sum, point) => sum + (point.atPx - middle) ** 2, 0);
  return Math.max(0.1, (0.33 * lengthPx) / Math.sqrt(Math.max(1, square)));
}
