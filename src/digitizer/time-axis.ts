/**
 * The time axis: from labels to the times at the frame.
 * Owns the step from "a label's middle, to the pixel" to the line through all of them: marks and gridlines are exact, and
 * labels stand beside them as their program centres text. Where the line ends is `axis-ends`' to say.
 */
import type { PlotArea, TimeAxis } from "../model/plot.ts";
import { chooseEnds, type Places } from "./axis-ends.ts";
import type { Direction } from "./glyphs.ts";
import type { AxisLabels } from "./labels.ts";
import { isDigitTaken, jointDates, lacksTens, lostHours, movePoints, oddMinutes, tensShifts } from "./joint-dates.ts";
import type { Frame } from "./plot-area.ts";
import { type AxisPoint, fitLine, fitRobustLine, type Line } from "./robust-line.ts";
import { readTimeLabels, type TimeReading } from "./time-labels.ts";

export interface TimeAxes {
  /** Best first. */
  axes: TimeAxis[];
  /** One standard uncertainty of the axis' ends before they were taken to be even times. */
  uncertaintyMs: number;
  /** The same of the axis' middle, which all labels or marks together tell better than either end. */
  middleUncertaintyMs: number;
  /** Does it rest on labels alone, with no marks or gridlines that say where exactly they belong? */
  isByLabels: boolean;
  hasYear: boolean;
  /** May it be ten or twenty days later? Labels cut off at the picture's edge don't tell the tens of their days. */
  isDayOpen: boolean;
  /** May it be some hours earlier or later? Labels cut off on their other side don't tell. */
  isHourOpen: boolean;
  /** Might a digit of the month or year be another one, for which one label shows that it is taken? */
  isDigitTaken: boolean;
  /** Mean log likelihood of the labels' characters. */
  confidence: number;
  /** Share of the labels that lie on the axis as they were read. */
  agreement: number;
  /** That of the digit or name of the date that reads worst: see `TimeReading`. */
  weakest: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Labels stand this near to the fitted line: half a pixel of rounding, and as much for how text is centred. */
const LABEL_TOLERANCE_PX = 1.6;
/** Labels that read worse than this were all wrong among 370 drawn plots; of those above, nineteen in twenty were right. */
const MIN_CONFIDENCE = -2;
/** An axis of several years would have more samples than pixels: dates that make one have their year and day confused. */
export const MOST_DAYS = 400;
/** Lines differ if they do by more than this, in labels. */
const LEAST_SUPPORT = 1e-3;
/** Days without their tens are of one month; on longer axes they are something else, such as months that lack them. */
const MOST_WITHOUT_TENS_MS = 31 * DAY_MS;
/** Unless some read well, and the others not at all. */
const MIN_FORM_CONFIDENCE = -0.5;
/**
 * What the middle of a label's digits is off its tick: means and standard deviations over 890 drawn plots, in px. Most
 * programs take a tick's place for a pixel's left edge when they set text, so that a label stands half a pixel to the left
 * of the pixel itself. Turned text is centred by its height in as many ways as there are programs, but a little as the
 * amplitude labels are: an upwards one is off to the right by some of what those lie low. Where these are far too high,
 * text is centred by a whole line's height.
 */
const LABEL_BIAS_PX = { level: -0.45, upwards: -0.5, downwards: -0.6 };
const LABEL_BIAS_SPREAD_PX = { level: 0.35, upwards: 0.4, downwards: 0.3 };
const OFF_BESIDE_LOW = { atZeroPx: -0.5, slope: 0.17, spreadPx: 0.25 };
const BY_LINE_HEIGHT = { mostPx: -1.3, spreadPx: 0.4 };
const MARK_SPREAD_PX = 0.3;
/** How far off the middle of an axis is without even ends: standard deviations over some dozens of drawn plots, in px. */
const MIDDLE_OF_MARKS_PX = 0.08;
const MIDDLE_OF_LABELS_PX = 0.2;
/** Twice the middle of a line at whole pixels is a whole number to this much. */
const WHOLE_PX = 0.02;
/** How many standard deviations wide the room is that rounding leaves: two and a half reach just beyond its ends. */
const OPEN_PARTS = 4.5;
/** How far marks and gridlines may all lie from the middles of their labels; programs that centre by a whole line's height are off most. */
const MARK_BIASES_PX = [0, -0.5, 0.5, -1, 1, -1.5, 1.5, -2, 2, -2.5, 2.5, -3, 3];

/** What tells where labels stand, and when: beside the labels themselves. */
export interface TimeHints {
  /** Middles of gridlines, and of marks inside the frame. */
  columnsPx: readonly number[];
  /** When the plot was made or fetched, for labels without a year. */
  madeMs: number | undefined;
  /** How far the amplitude labels lie below their ticks, in px. */
  labelsLowPx: number | undefined;
  /** Which sides of the plot area are no ends of the axis: see `Frame`. Default: neither. */
  isCutOff?: Frame["isCutOff"];
}

/** Fits the time axis to its labels. `undefined` when fewer than two of them agree. */
export function fitTimeAxis(
  found: AxisLabels,
  area: PlotArea,
  { columnsPx, madeMs, labelsLowPx, isCutOff = { left: false, right: false } }: TimeHints,
): TimeAxes | undefined {
  const { labels } = found;
  let best: { reading: TimeReading; line: Line } | undefined;
  for (const year of madeMs === undefined ? DEFAULT_YEARS : [new Date(madeMs).getUTCFullYear()]) {
    for (const reading of readTimeLabels(labels, year)) {
      const points = reading.ticks.map(({ atPx, timeMs }) => ({ atPx, value: timeMs }));
      const line = fitRobustLine(reading.hasYear ? points : unwrapYears(points), LABEL_TOLERANCE_PX, 1);
      if (line === undefined || (lacksTens(line, reading.read) && spanOf(line) > MOST_WITHOUT_TENS_MS)) continue;
      const before = madeMs === undefined || !reading.hasYear ? Infinity : madeMs + DAY_MS;
      if (best === undefined || isLikelier(line, best.line, before)) best = { reading, line };
    }
    if (best === undefined || best.reading.hasYear) break;
  }
  if (
    best === undefined ||
    (best.reading.confidence < MIN_CONFIDENCE && best.reading.formConfidence < MIN_FORM_CONFIDENCE) ||
    best.line.inliers.length < Math.max(2, 0.34 * labels.length)
  )
    return undefined;
  const direction = labels[0]!.lines[0]!.direction;
  const joint = jointDates(best.line, best.reading.read);
  const hoursMs = lostHours(best.line, best.reading.read);
  const shiftedMs = (joint?.shiftMs ?? 0) + (hoursMs ?? 0) + oddMinutes(best.line, best.reading.read);
  const points = movePoints(best.line.inliers, shiftedMs);
  const exact = exactColumns(points, [...columnsPx, ...found.marksPx]);
  const line = fitLine(exact ?? points);
  const places = exact === undefined ? placesOfLabels(direction, labelsLowPx) : PLACES_OF_MARKS;
  const axes = chooseEnds(line, area, places, isCutOff);
  const { endMs } = axes[0]!;
  const tens = lacksTens(best.line, best.reading.read) ? tensShifts(line, best.reading.read) : [0];
  const tensMs =
    madeMs === undefined ? tens[0]! : (tens.findLast((later) => endMs + later <= madeMs + DAY_MS) ?? tens[0]!);
  const shiftMs = tensMs + (best.reading.hasYear || madeMs === undefined ? 0 : yearsToFetch(endMs + tensMs, madeMs));
  return {
    axes: shiftMs === 0 ? axes : axes.map((axis) => shiftAxis(axis, shiftMs)),
    uncertaintyMs: places.spreadPx * line.perPx,
    middleUncertaintyMs: (exact === undefined ? MIDDLE_OF_LABELS_PX : middleOfMarks(exact, line)) * line.perPx,
    isByLabels: exact === undefined,
    hasYear: best.reading.hasYear,
    isDayOpen: tens.length > 1,
    isHourOpen: hoursMs !== undefined,
    isDigitTaken: joint === undefined && isDigitTaken(best.line, best.reading.read),
    confidence: best.reading.confidence,
    agreement: best.line.inliers.length / labels.length,
    weakest: joint?.weakest ?? best.reading.weakest,
  };
}

/**
 * How far off the middle of marks may be, in px. Those that were drawn at whole pixels are all off alike where they stand
 * nearly whole pixels apart: between them, their axis may lie anywhere that rounds to the same.
 */
function middleOfMarks(marks: readonly AxisPoint[], { atOrigin, perPx }: Line): number {
  if (marks.some(({ atPx }) => Math.abs(2 * atPx - Math.round(2 * atPx)) > WHOLE_PX)) return MIDDLE_OF_MARKS_PX;
  const rounded = marks.map(({ atPx, value }) => atPx - (value - atOrigin) / perPx);
  const openPx = 1 - (Math.max(...rounded) - Math.min(...rounded));
  return Math.max(MIDDLE_OF_MARKS_PX, openPx / OPEN_PARTS);
}

/**
 * Is a line likelier than that of a likelier form? Those of one day differ by rounding alone, whichever day it is. None
 * is of several years, or of labels after the plot was made.
 */
function isLikelier(line: Line, other: Line, beforeMs: number): boolean {
  const [isLong, isOtherLong] = [line, other].map((one) => spanOf(one) > MOST_DAYS * DAY_MS);
  if (isLong !== isOtherLong) return isOtherLong!;
  const [isToCome, isOtherToCome] = [line, other].map((one) => one.inliers.every(({ value }) => value > beforeMs));
  // One that fewer labels lie on is made up of misread ones, whenever the plot was made.
  if (isOtherToCome && !isToCome && line.inliers.length >= other.inliers.length) return true;
  return supportOf(line) > supportOf(other) + LEAST_SUPPORT && (isOtherToCome || !isToCome);
}

/**
 * How much labels speak for a line: each the more, the nearer it stands. In a month's first twelve days, the days read
 * as months make a line, too, if a crooked one.
 */
function supportOf({ inliers, residualPx }: Line): number {
  return inliers.length * (1 - (residualPx / LABEL_TOLERANCE_PX) ** 2);
}

function spanOf({ inliers }: Line): number {
  const times = inliers.map(({ value }) => value);
  return Math.max(...times) - Math.min(...times);
}

/** The year of labels without one, when nobody says when the plot was made; and one with a leap day. */
const DEFAULT_YEARS = [2025, 2024];

const PLACES_OF_MARKS: Places = { isExact: true, biasPx: 0, spreadPx: MARK_SPREAD_PX };

function placesOfLabels(direction: Direction, labelsLowPx: number | undefined): Places {
  const place = (biasPx: number, spreadPx: number): Places => ({ isExact: false, biasPx, spreadPx });
  if (direction !== "upwards" || labelsLowPx === undefined)
    return place(LABEL_BIAS_PX[direction], LABEL_BIAS_SPREAD_PX[direction]);
  if (labelsLowPx < BY_LINE_HEIGHT.mostPx) return place(labelsLowPx, BY_LINE_HEIGHT.spreadPx);
  return place(OFF_BESIDE_LOW.atZeroPx + OFF_BESIDE_LOW.slope * labelsLowPx, OFF_BESIDE_LOW.spreadPx);
}

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

/**
 * How far to move an axis near the year of fetching to the last year in which it does not end in the future. It may be a
 * year early where a label at its end is misread as one of the year after.
 */
function yearsToFetch(endMs: number, fetchedMs: number): number {
  const years = [1, 0].find((later) => addYears(endMs, later) <= fetchedMs + DAY_MS) ?? -1;
  return years === 0 ? 0 : addYears(endMs, years) - endMs;
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
  for (const biasPx of MARK_BIASES_PX) {
    const matched = points.flatMap(({ atPx, value }) => {
      const column = columnsPx.find((px) => Math.abs(px - atPx - biasPx) <= 0.8);
      return column === undefined ? [] : [{ atPx: column, value }];
    });
    if (matched.length > best.length) best = matched;
  }
  return best.length >= Math.max(3, 0.6 * points.length) ? best : undefined;
}
