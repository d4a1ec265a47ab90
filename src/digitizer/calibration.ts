/**
 * Calibration: the map from pixels to time and mV, read from the picture alone.
 * Owns what the axes and their labels tell; the curve is left to `trace`.
 */
import type { AmplitudeAxis, Calibration, PlotArea, TimeAxis } from "../model/plot.ts";
import { fitAmplitudeAxis, labelOffsetPx } from "./amplitude-axis.ts";
import { NUMBER_CHARACTERS } from "./amplitude-labels.ts";
import { CLOSE_INK_THRESHOLD, FAINT_INK_THRESHOLD, type Ink, INK_THRESHOLD } from "./ink.ts";
import { findInnerText } from "./inner-text.ts";
import { type AxisLabels, findAmplitudeLabels, findTimeLabels, inkBelow, LABEL_GAP } from "./labels.ts";
import { findInnerMarks } from "./inner-marks.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { findFrame, type Frame } from "./plot-area.ts";
import type { PixelBox, Raster } from "./png.ts";
import { glyphReader } from "./glyph-reader.ts";
import { daysIn, findStamp } from "./stamp.ts";
import { fitTimeAxis, type TimeAxes, type TimeHints } from "./time-axis.ts";
import { DATE_CHARACTERS } from "./date-forms.ts";
import { readTitle } from "./title.ts";

/**
 * What the axes, labels and title of a plot tell. Everywhere in the digitizer the coordinate p is the middle of
 * pixel p, and rows count down from the top.
 */
export interface PlotReading {
  /** The best reading; its `plotArea` gives the middle of the frame's lines, whole pixels. */
  calibration: Calibration;
  /**
   * All time axes that the labels allow, best first (the first is `calibration.time`): where no tick mark or gridline
   * says exactly where a label belongs, the curve may decide. Seldom more than three.
   */
  timeAxes: readonly TimeAxis[];
  /** How far the ends of the time axis may lie from the best reading: one standard uncertainty. */
  timeUncertaintyMs: number;
  /** The same of its middle. */
  middleUncertaintyMs: number;
  /** Does the time axis rest on labels alone? */
  isTimeByLabels: boolean;
  /** Which sides of the plot area are no ends of the time axis: see `Frame`. */
  isCutOff: Frame["isCutOff"];
  /** Thickness of the frame's lines; pixels nearer than half of it to the plot area's sides are frame. */
  framePx: number;
  /** Columns and rows strictly inside the frame that hold a gridline. */
  gridColumnsPx: readonly number[];
  gridRowsPx: readonly number[];
  /** Legends, stamps, tick marks and other things inside the plot area: not curve. */
  textBoxes: readonly PixelBox[];
  station: string | undefined;
  title: string | undefined;
  /** May all times be off by days or years? `problems` says why. */
  isDateDoubtful: boolean;
  /** What could not be read and had to be assumed, in words. */
  problems: readonly string[];
}

export interface CalibrateOptions {
  /**
   * When the plot was fetched, ms since 1970: gives the year where labels have none, and the end where none can be
   * read. Default: a date of update in the picture, or when it was made, where its file says so.
   */
  fetchedMs?: number;
}

/** The blank of a monospaced label is wide. */
const WIDE_GAP = 1.75;
/** Ways to look at time labels, each where the ones before it don't read well. */
const WAYS_TO_LOOK = [
  ...[DATE_CHARACTERS, CHARACTERS].flatMap((alphabet) =>
    [INK_THRESHOLD, CLOSE_INK_THRESHOLD, FAINT_INK_THRESHOLD].map((threshold) => ({
      alphabet,
      threshold,
      gap: LABEL_GAP,
    })),
  ),
  ...[DATE_CHARACTERS, CHARACTERS].map((alphabet) => ({ alphabet, threshold: INK_THRESHOLD, gap: WIDE_GAP })),
];
/** What it is worth in mean log likelihood that all labels lie on one line. */
const AGREEMENT_GAIN = 1;
/** Below this mean log likelihood the labels may read better in another way. */
const MIN_DATE_CONFIDENCE = -0.35;

/**
 * A digit of the date that reads worse than this in all labels together may be another one. Among 700 plots made small,
 * noisy or coarse, it is so in three of the four whose date was misread, and in two of the others.
 */
const MIN_DIGIT_CONFIDENCE = -1.6;

/** Reads frame, labels and title. `undefined` when the picture has no axes at all. */
export function calibratePlot(raster: Raster, options: CalibrateOptions = {}): PlotReading | undefined {
  const frame = findFrame(raster);
  if (frame === undefined) return undefined;
  const { plotArea, framePx, gridColumns, gridRows } = frame;
  const problems: string[] = [];
  const amplitudeLabels = findAmplitudeLabels(raster, plotArea, framePx, glyphReader(NUMBER_CHARACTERS));
  const amplitude = fitAmplitudeAxis(amplitudeLabels, plotArea, gridRows);
  if (amplitude === undefined) problems.push("The amplitude labels can't be read: 0.1 to 10 mV are assumed");
  const { title, station, lines } = readTitle(raster, plotArea, glyphReader());
  const textBoxes = findInnerText(raster, frame);
  const marks = findInnerMarks(raster, plotArea, framePx);
  const columnsPx = [...gridColumns.map((line) => line.atPx), ...marks.columnsPx];
  const below = inkBelow(raster, plotArea, framePx);
  const labelsLowPx = amplitude === undefined ? undefined : labelOffsetPx(amplitudeLabels, amplitude);
  const hints = { columnsPx, labelsLowPx, isCutOff: frame.isCutOff };
  const dated = readTimeAxis(below, frame, { ...hints, madeMs: options.fetchedMs });
  // The margins are searched only where it matters.
  const hasDate = dated !== undefined && dated.times.hasYear && !dated.times.isDayOpen;
  const needsDate = options.fetchedMs === undefined && !hasDate;
  const named = daysIn(lines);
  const stamps =
    named.length > 0 || !needsDate ? named : findStamp(raster, plotArea, below, dated?.labels.labels ?? [], textBoxes);
  const toldMs = options.fetchedMs ?? stamps[0];
  const madeMs = toldMs ?? raster.madeMs;
  const times =
    dated === undefined || !needsDate
      ? dated?.times
      : placeYear(dated, plotArea, hints, stamps, stamps.length > 0 ? undefined : madeMs);
  const doubt = doubtOf(times, madeMs, toldMs !== undefined);
  if (doubt !== undefined) problems.push(doubt);
  if (times === undefined)
    problems.push("The time labels can't be read: the axis is assumed to span seven days up to the fetch");
  const time = times?.axes[0] ?? assumeTimeAxis(plotArea, madeMs);
  if (station === undefined) problems.push("The title names no station");
  return {
    calibration: { plotArea, time, amplitude: amplitude ?? assumeAmplitudeAxis(plotArea) },
    timeAxes: times?.axes ?? [time],
    timeUncertaintyMs: times?.uncertaintyMs ?? DAY_MS,
    middleUncertaintyMs: times?.middleUncertaintyMs ?? DAY_MS,
    isTimeByLabels: times?.isByLabels ?? false,
    isCutOff: frame.isCutOff,
    framePx,
    gridColumnsPx: [...new Set([...gridColumns.map((line) => line.atPx), ...marks.gridColumnsPx].map(Math.round))],
    gridRowsPx: gridRows.map((line) => Math.round(line.atPx)),
    textBoxes: [...textBoxes, ...marks.boxes],
    station,
    title,
    problems,
    isDateDoubtful: doubt !== undefined,
  };
}

/**
 * Reads the time labels, and where they read badly once more in other ways: printed too close, their characters touch
 * and are parted by a higher threshold, thin strokes are kept by a lower one; month names need letters, which digits are else too easily taken for.
 */
function readTimeAxis(below: Ink, { plotArea }: Frame, hints: TimeHints): DatedLabels | undefined {
  let best: DatedLabels | undefined;
  for (const { alphabet, ...way } of WAYS_TO_LOOK) {
    const reader = glyphReader(alphabet);
    const labels = findTimeLabels(below, reader, way);
    if (reader.looksLeft <= 0) return best; // noise, whichever way one looks at it
    const times = fitTimeAxis(labels, plotArea, hints);
    if (times !== undefined && (best === undefined || rank(times) > rank(best.times))) best = { times, labels };
    if (best !== undefined && best.times.confidence >= MIN_DATE_CONFIDENCE) return best;
  }
  return best;
}

/** Characters that seem to read well, but make dates at odds with each other, were misread. */
function rank({ confidence, agreement }: TimeAxes): number {
  return confidence + AGREEMENT_GAIN * agreement;
}

/** Time labels and what they say. */
interface DatedLabels {
  times: TimeAxes;
  labels: AxisLabels;
}

/**
 * The axis of labels without a year, in the last year before the plot was made: of several such days, the one soonest
 * after it. A day on which the axis would begin a year later is no such day, but the first of a period that is named.
 * @param named days that the picture names
 * @param fileMs when its file was written, where it names none
 */
function placeYear(
  { times, labels }: DatedLabels,
  area: PlotArea,
  hints: Omit<TimeHints, "madeMs">,
  named: readonly number[],
  fileMs: number | undefined,
): TimeAxes {
  const madeOn = fileMs === undefined ? named : [fileMs];
  const placed = madeOn.flatMap((dayMs) => {
    const fitBefore = (madeMs: number): { fit: TimeAxes; ageMs: number }[] => {
      const fit = fitTimeAxis(labels, area, { ...hints, madeMs });
      return fit === undefined ? [] : [{ fit, ageMs: madeMs - fit.axes[0]!.endMs }];
    };
    const [found] = fitBefore(dayMs);
    if (found === undefined) return [];
    const { startMs, endMs } = found.fit.axes[0]!;
    const beginsThen = found.ageMs > MOST_LATER_MS && dayOf(startMs).slice(5) === dayOf(dayMs).slice(5);
    const isFirst = fileMs === undefined && beginsThen;
    return isFirst ? fitBefore(dayMs + endMs - startMs) : [found];
  });
  return placed.sort((a, b) => a.ageMs - b.ageMs)[0]?.fit ?? times;
}

/** The day of an instant, as YYYY-MM-DD. */
function dayOf(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}

/**
 * Why the axis may be off by days or years, if it may.
 * @param isTold does a stamp or the fetch tell when the plot was made, or just its file?
 */
function doubtOf(times: TimeAxes | undefined, madeMs: number | undefined, isTold: boolean): string | undefined {
  if (times === undefined) return madeMs === undefined ? "Nothing in the picture says when it was made" : undefined;
  const { startMs, endMs } = times.axes[0]!;
  const day = dayOf(endMs);
  if (!times.hasYear && madeMs === undefined)
    return `The time labels name no year: ${new Date(endMs).getUTCFullYear()} is assumed`;
  if (!times.hasYear && !isTold && madeMs !== undefined && madeMs - endMs > MOST_LATER_MS)
    return `The time labels name no year, and the file was written after the plot: ${day} is assumed, the last one before that`;
  if (madeMs !== undefined && startMs > madeMs + DAY_MS) return "The time axis lies after the plot was fetched";
  if (times.isDayOpen && madeMs === undefined) return "The first digit of the days is cut off in the time labels";
  if (times.isHourOpen) return "The hours are cut off in the time labels: the first of each day is taken for midnight";
  if (times.isDigitTaken || times.weakest < MIN_DIGIT_CONFIDENCE)
    return `A digit of the date is hard to read in the time labels: they seem to end on ${day}`;
  return undefined;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A file written later than this after the end of its plot isn't the one that was published, but a copy of any later year. */
const MOST_LATER_MS = 7 * DAY_MS;

/** Seven days and the hour that published axes have more, up to the whole hour after the fetch. */
function assumeTimeAxis({ leftPx, rightPx }: PlotArea, fetchedMs = 0): TimeAxis {
  const endMs = Math.ceil(fetchedMs / HOUR_MS) * HOUR_MS;
  const startMs = endMs - 7 * DAY_MS - HOUR_MS;
  const msPerPx = (endMs - startMs) / (rightPx - leftPx);
  return { found: "assumed", originMs: startMs - msPerPx * leftPx, msPerPx, startMs, endMs, residualPx: 0 };
}

function assumeAmplitudeAxis({ topPx, bottomPx }: PlotArea): AmplitudeAxis {
  const perPx = -2 / (bottomPx - topPx);
  return { found: "assumed", scale: "log", atRow0: 1 - perPx * topPx, perPx, minMv: 0.1, maxMv: 10, residualPx: 0 };
}
