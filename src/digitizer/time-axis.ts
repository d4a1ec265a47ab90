/**
 * The time axis: from labels to the times at the frame.
 * Owns the step from "a label's middle, to the pixel" to "the minute": marks and gridlines are exact, and the ends of
 * an axis are seldom odd times.
 */
import type { PlotArea, TimeAxis } from "../model/plot.ts";
import type { AxisLabels } from "./labels.ts";
import type { RuledLine } from "./ruled-lines.ts";
import { type AxisPoint, fitLine, fitRobustLine, type Line } from "./robust-line.ts";
import { readTimeLabels, type TimeReading } from "./time-labels.ts";

export interface TimeAxes {
  /** Best first. */
  axes: TimeAxis[];
  /** One standard uncertainty of the axis' ends before they were taken to be even times. */
  uncertaintyMs: number;
  hasYear: boolean;
  /** Mean log likelihood of the labels' characters. */
  confidence: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Labels stand this near to the fitted line: half a pixel of rounding, and as much for how text is centred. */
const LABEL_TOLERANCE_PX = 1.6;
/** Labels that read worse than this were all wrong among 370 drawn plots; of those above, nineteen in twenty were right. */
const MIN_CONFIDENCE = -2;
/** Unless some read well, and the others not at all. */
const MIN_FORM_CONFIDENCE = -0.5;
/** What the middle of a label's digits is off its tick, by reading direction: mean over renderers, in px. */
const LABEL_BIAS_PX = { level: 0.1, upwards: -0.6, downwards: -0.1 };
const LABEL_BIAS_SPREAD_PX = 0.5;
const MARK_SPREAD_PX = 0.3;
/** Ends of axes, from likely to unlikely, with what an unlikely one costs in squared standard deviations. */
const END_STEPS = [
  { stepMs: HOUR_MS, cost: 0 },
  { stepMs: 30 * MINUTE_MS, cost: 5 },
  { stepMs: 10 * MINUTE_MS, cost: 8 },
];
/** Most axes start at their first label. */
const TICK_AT_START_GAIN = 4;
/** Cost of ends at no even times at all. */
const ODD_ENDS_COST = 10;

/** Fits the time axis to its labels. `undefined` when fewer than two of them agree. */
export function fitTimeAxis(
  found: AxisLabels,
  area: PlotArea,
  gridColumns: readonly RuledLine[],
  fetchedMs: number | undefined,
): TimeAxes | undefined {
  const { labels } = found;
  const assumedYear = new Date(fetchedMs ?? Date.UTC(DEFAULT_YEAR, 11, 31)).getUTCFullYear();
  let best: { reading: TimeReading; line: Line } | undefined;
  for (const reading of readTimeLabels(labels, assumedYear)) {
    const points = reading.ticks.map(({ atPx, timeMs }) => ({ atPx, value: timeMs }));
    const line = fitRobustLine(reading.hasYear ? points : unwrapYears(points), LABEL_TOLERANCE_PX, 1);
    if (line !== undefined && (best === undefined || line.inliers.length > best.line.inliers.length))
      best = { reading, line };
  }
  if (
    best === undefined ||
    (best.reading.confidence < MIN_CONFIDENCE && best.reading.formConfidence < MIN_FORM_CONFIDENCE) ||
    best.line.inliers.length < Math.max(2, 0.34 * labels.length)
  )
    return undefined;
  const direction = labels[0]!.lines[0]!.direction;
  const exact = exactColumns(best.line.inliers, [...gridColumns.map((line) => line.atPx), ...found.marksPx]);
  const line = exact === undefined ? best.line : fitLine(exact);
  const biasPx = exact === undefined ? LABEL_BIAS_PX[direction] : 0;
  const spreadPx = exact === undefined ? LABEL_BIAS_SPREAD_PX : MARK_SPREAD_PX;
  const axes = chooseEnds(line, area, biasPx, spreadPx);
  const shiftMs = best.reading.hasYear || fetchedMs === undefined ? 0 : yearsToFetch(axes[0]!.endMs, fetchedMs);
  return {
    axes: shiftMs === 0 ? axes : axes.map((axis) => shiftAxis(axis, shiftMs)),
    uncertaintyMs: spreadPx * line.perPx,
    hasYear: best.reading.hasYear,
    confidence: best.reading.confidence,
  };
}

/** The year of labels without one, when nobody says when the plot was fetched. */
const DEFAULT_YEAR = 2025;

/** Labels without a year: each that would lie before the one on its left belongs to the next year. */
function unwrapYears(points: readonly AxisPoint[]): AxisPoint[] {
  const sorted = [...points].sort((a, b) => a.atPx - b.atPx);
  const lastOfYear = sorted.findIndex((point, index) => {
    const next = sorted[index + 1];
    return next !== undefined && next.value < point.value - 180 * DAY_MS;
  });
  if (lastOfYear < 0) return sorted;
  // The assumed year is that of the end of the axis.
  return sorted.map((point, index) => (index <= lastOfYear ? { ...point, value: addYears(point.value, -1) } : point));
}

function addYears(timeMs: number, years: number): number {
  const date = new Date(timeMs);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}

/** How far to move an axis of the year of fetching so that it does not end in the future. */
function yearsToFetch(endMs: number, fetchedMs: number): number {
  return endMs > fetchedMs + DAY_MS ? addYears(endMs, -1) - endMs : 0;
}

function shiftAxis(axis: TimeAxis, shiftMs: number): TimeAxis {
  return { ...axis, originMs: axis.originMs + shiftMs, startMs: axis.startMs + shiftMs, endMs: axis.endMs + shiftMs };
}

/**
 * The columns of marks or gridlines in place of the labels' own, where at least most labels have one at the same
 * small distance. They were drawn where the tick is, to the nearest pixel; a label was drawn around it.
 */
function exactColumns(points: readonly AxisPoint[], columnsPx: readonly number[]): AxisPoint[] | undefined {
  let best: AxisPoint[] = [];
  for (const biasPx of [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]) {
    const matched = points.flatMap(({ atPx, value }) => {
      const column = columnsPx.find((px) => Math.abs(px - atPx - biasPx) <= 0.8);
      return column === undefined ? [] : [{ atPx: column, value }];
    });
    if (matched.length > best.length) best = matched;
  }
  return best.length >= Math.max(3, 0.6 * points.length) ? best : undefined;
}

/** Axes through the fitted line whose ends are even times, cheapest first; and the line as it is. */
function chooseEnds(line: Line, area: PlotArea, biasPx: number, spreadPx: number): TimeAxis[] {
  const { leftPx, rightPx } = area;
  const timeAt = (px: number): number => line.atOrigin + line.perPx * (px + biasPx);
  const [startMs, endMs] = [timeAt(leftPx), timeAt(rightPx)];
  const lengthSpreadPx = lengthSpread(line, rightPx - leftPx);
  const found: { axis: TimeAxis; cost: number }[] = [];
  const firstTick = line.inliers.reduce((first, point) => (point.atPx < first.atPx ? point : first));
  const add = (start: number, end: number, extra: number): void => {
    if (found.some(({ axis }) => Math.abs(axis.startMs - start) < MINUTE_MS && Math.abs(axis.endMs - end) < MINUTE_MS))
      return;
    const shiftPx = ((start - startMs) / 2 + (end - endMs) / 2) / line.perPx;
    const stretchPx = (end - start - (endMs - startMs)) / line.perPx;
    const gain = Math.abs(start - firstTick.value) < MINUTE_MS ? TICK_AT_START_GAIN : 0;
    const cost = (shiftPx / spreadPx) ** 2 + (stretchPx / lengthSpreadPx) ** 2 + extra - gain;
    const msPerPx = (end - start) / (rightPx - leftPx);
    const originMs = start - msPerPx * leftPx;
    found.push({
      axis: { found: "labels", originMs, msPerPx, startMs: start, endMs: end, residualPx: line.residualPx },
      cost,
    });
  };
  for (const { stepMs, cost } of END_STEPS) {
    // Finer than the labels can tell, a step would only draw the ends away from where they are.
    if (stepMs < 1.6 * spreadPx * line.perPx) continue;
    for (const start of nearest(startMs, stepMs)) for (const end of nearest(endMs, stepMs)) add(start, end, cost);
  }
  add(startMs, endMs, ODD_ENDS_COST);
  return found
    .sort((a, b) => a.cost - b.cost)
    .filter(({ cost }) => cost < found[0]!.cost + ODD_ENDS_COST)
    .slice(0, 4)
    .map(({ axis }) => axis);
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
