/**
 * Resampling: one point for each step of a range, for charts and for eyes.
 * Owns the steps and what is said of each; `pickStepMs` finds the step that a request needs.
 */
import { InvalidRequest } from "../model/errors.ts";
import { CADENCE_MS, type TimeRange } from "../model/series.ts";
import { columnsInRange, type SampleColumns } from "./columns.ts";
import { takeMedian } from "./quantiles.ts";

/** Steps that hold samples, as parallel arrays by time. */
export interface TremorColumns {
  /** The start of the step, which may lie before the start of the range. */
  timesMs: Float64Array;
  /** The quadratic mean in mV: the RMS amplitude of the step as a whole. */
  rmsMv: Float64Array;
  minMv: Float64Array;
  maxMv: Float64Array;
  medianMv: Float64Array;
  /** Samples in the step. */
  count: Uint32Array;
  /** 1 where any of them ran out of its plot, so that mean and maximum are bounds; else 0. */
  clipped: Uint8Array;
}

export interface Resampled {
  stepMs: number;
  points: TremorColumns;
  /** Runs of steps without a sample, cut to the range. */
  gaps: TimeRange[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const WEEK_MS = 7 * DAY_MS;

/** 1970 began on a Thursday; weeks are counted from the Monday before. */
const FIRST_MONDAY_MS = -3 * DAY_MS;

/** Round steps to choose from: each divides the day, or is whole days or weeks. */
const ROUND_STEPS_MS = [
  ...[10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 4, 6, 8, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 4].map((days) => days * DAY_MS),
  ...[1, 2, 4, 8, 13, 26, 52].map((weeks) => weeks * WEEK_MS),
];

/** A year of ten-minute samples, with some to spare. */
const MOST_STEPS = 60_000;

export interface StepRequest {
  range: TimeRange;
  /** Whole multiples of ten minutes; default: ten minutes, or what `maxPoints` makes of it. */
  stepMs?: number | undefined;
  /** At most this many steps: the step is lengthened as needed. At least 2, as any range may lie across a step's end. */
  maxPoints?: number | undefined;
}

/**
 * The step for a request: as asked for, or the shortest round one, no shorter than asked for, that keeps to `maxPoints`.
 * @param mostSteps what an answer may hold; `Infinity` where it is streamed
 * @throws {InvalidRequest} when the range is reversed, the step no whole multiple of ten minutes, `maxPoints` under 2
 *   or no whole number, or the answer too long
 */
export function pickStepMs({ range, stepMs, maxPoints }: StepRequest, mostSteps = MOST_STEPS): number {
  if (!(range.startMs <= range.endMs)) throw new InvalidRequest("The range ends before it starts");
  if (stepMs !== undefined) checkStep(stepMs);
  if (maxPoints !== undefined && !(Number.isInteger(maxPoints) && maxPoints >= 2))
    throw new InvalidRequest(`Cannot show a range in ${maxPoints} points: needed is a whole number from 2 on`);
  const shortestMs = stepMs ?? CADENCE_MS;
  const most = Math.min(maxPoints ?? Infinity, mostSteps);
  if (countSteps(range, shortestMs) <= most) return shortestMs;
  if (maxPoints === undefined)
    throw new InvalidRequest(
      `The range holds ${countSteps(range, shortestMs)} steps of ${shortestMs / MINUTE_MS} minutes, at most ` +
        `${mostSteps} are given: ask for a longer step, or for less`,
    );
  const round = ROUND_STEPS_MS.find((longerMs) => longerMs > shortestMs && countSteps(range, longerMs) <= most);
  if (round !== undefined) return round;
  let weeksMs = Math.ceil(Math.max(shortestMs, 52 * WEEK_MS) / WEEK_MS) * WEEK_MS;
  while (countSteps(range, weeksMs) > most) weeksMs *= 2;
  return weeksMs;
}

/** How many steps a range touches. */
export function countSteps(range: TimeRange, stepMs: number): number {
  if (range.endMs <= range.startMs) return 0;
  return Math.ceil((range.endMs - stepStart(range.startMs, stepMs)) / stepMs);
}

/**
 * One point for each step that holds a sample of the range. Steps lie on the UTC clock: whole multiples of the step
 * since 1970, and those of whole weeks begin on Mondays. An empty step is no point but part of a gap. Minimum and
 * maximum of each step are kept, so no extreme is lost, however long the step.
 * @throws {InvalidRequest} when the step is no whole multiple of ten minutes, or the range is reversed
 */
export function resample(columns: SampleColumns, range: TimeRange, stepMs: number): Resampled {
  pickStepMs({ range, stepMs }, Infinity);
  const { timesMs, rmsMv, clipped } = columnsInRange(columns, range);
  const points = createPoints(Math.min(countSteps(range, stepMs), timesMs.length));
  const gaps: TimeRange[] = [];
  const scratch = new Float64Array(Math.min(timesMs.length, stepMs / CADENCE_MS));
  let expectedMs = stepStart(range.startMs, stepMs);
  let made = 0;
  // Before the first instant at which there can be a sample, nothing is missing.
  const firstMs = Math.ceil(range.startMs / CADENCE_MS) * CADENCE_MS;
  const addGap = (fromMs: number, endMs: number): void => {
    const startMs = Math.max(fromMs, firstMs);
    if (startMs < endMs) gaps.push({ startMs, endMs });
  };
  for (let from = 0; from < timesMs.length; made++) {
    const startMs = stepStart(timesMs[from]!, stepMs);
    if (startMs > expectedMs) addGap(expectedMs, startMs);
    expectedMs = startMs + stepMs;
    let squares = 0;
    let anyClipped = 0;
    let least = Infinity;
    let most = 0;
    let to = from;
    for (; to < timesMs.length && timesMs[to]! < expectedMs; to++) {
      const value = rmsMv[to]!;
      scratch[to - from] = value;
      squares += value * value;
      if (value < least) least = value;
      if (value > most) most = value;
      anyClipped |= clipped[to]!;
    }
    const count = to - from;
    points.timesMs[made] = startMs;
    points.rmsMv[made] = count === 1 ? least : Math.sqrt(squares / count);
    points.minMv[made] = least;
    points.maxMv[made] = most;
    points.medianMv[made] = takeMedian(scratch, count);
    points.count[made] = count;
    points.clipped[made] = anyClipped;
    from = to;
  }
  if (expectedMs < range.endMs) addGap(expectedMs, range.endMs);
  return { stepMs, points: firstPoints(points, made), gaps };
}

/** The start of the step in which an instant lies. */
export function stepStart(timeMs: number, stepMs: number): number {
  const originMs = stepMs % WEEK_MS === 0 ? FIRST_MONDAY_MS : 0;
  return Math.floor((timeMs - originMs) / stepMs) * stepMs + originMs;
}

function checkStep(stepMs: number): void {
  if (!(stepMs >= CADENCE_MS && Number.isSafeInteger(stepMs) && stepMs % CADENCE_MS === 0))
    throw new InvalidRequest(
      `Cannot resample by ${Number((stepMs / MINUTE_MS).toFixed(3))} minutes: needed are whole multiples of ten minutes`,
    );
}

function createPoints(count: number): TremorColumns {
  return {
    timesMs: new Float64Array(count),
    rmsMv: new Float64Array(count),
    minMv: new Float64Array(count),
    maxMv: new Float64Array(count),
    medianMv: new Float64Array(count),
    count: new Uint32Array(count),
    clipped: new Uint8Array(count),
  };
}

function firstPoints(points: TremorColumns, count: number): TremorColumns {
  return {
    timesMs: points.timesMs.subarray(0, count),
    rmsMv: points.rmsMv.subarray(0, count),
    minMv: points.minMv.subarray(0, count),
    maxMv: points.maxMv.subarray(0, count),
    medianMv: points.medianMv.subarray(0, count),
    count: points.count.subarray(0, count),
    clipped: points.clipped.subarray(0, count),
  };
}
