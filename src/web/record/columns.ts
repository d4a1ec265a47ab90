/**
 * The record as the chart draws it: typed arrays by time, coarse for all of it and finer where the reader looks.
 * Owns how the two are joined, where the pen is lifted, and what a stretch of it holds.
 */
import type { TremorChartQuery } from "../operations.ts";
import type { Span } from "./span.ts";

export interface Columns {
  /** The middle of each step's samples, in seconds since 1970, as uPlot counts. */
  seconds: Float64Array;
  /** Of the step's first sample to the next step's, in seconds. */
  stepS: Float64Array;
  rmsMv: Float64Array;
  minMv: Float64Array;
  maxMv: Float64Array;
  /** 1 where the curve ran out of its plot: value and maximum are bounds. */
  clipped: Uint8Array;
  /** 1 where samples are missing before this one. */
  afterGap: Uint8Array;
}

/** Samples are ten minutes apart. */
const CADENCE_S = 600;

export function toColumns({ step, columns }: TremorChartQuery["tremor"]): Columns {
  const stepS = secondsOf(step);
  // A step's values are of all of it, so it is drawn in the middle of its samples.
  const toMiddle = (stepS - CADENCE_S) / 2;
  const seconds = Float64Array.from(columns.epochSeconds, (startS) => startS + toMiddle);
  const count = seconds.length;
  return withGaps({
    seconds,
    stepS: new Float64Array(count).fill(stepS),
    rmsMv: Float64Array.from(columns.values),
    minMv: Float64Array.from(columns.min),
    maxMv: Float64Array.from(columns.max),
    clipped: Uint8Array.from(columns.clipped, Number),
    afterGap: new Uint8Array(count),
  });
}

/** The coarse record with a finer stretch in place of its own. @param span what the finer one is of */
export function joinColumns(coarse: Columns, fine: Columns, span: Span): Columns {
  // The first finer step may begin before the stretch. Coarse steps that reach into it go: the finer ones tell the same.
  const firstS = fine.seconds.length === 0 ? Infinity : fine.seconds[0]! - fine.stepS[0]! / 2;
  const [startS, endS] = [Math.min(span.startMs / 1000, firstS), span.endMs / 1000];
  const before = firstAfter(coarse, (at) => coarse.seconds[at]! + coarse.stepS[at]! / 2 > startS);
  const after = firstAfter(coarse, (at) => coarse.seconds[at]! - coarse.stepS[at]! / 2 >= endS);
  const join = <Numbers extends Float64Array | Uint8Array>(of: (columns: Columns) => Numbers): Numbers => {
    const parts = [of(coarse).subarray(0, before), of(fine), of(coarse).subarray(after)];
    const Kind = of(fine).constructor as new (length: number) => Numbers;
    const all = new Kind(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  const joined = withGaps({
    seconds: join(({ seconds }) => seconds),
    stepS: join(({ stepS }) => stepS),
    rmsMv: join(({ rmsMv }) => rmsMv),
    minMv: join(({ minMv }) => minMv),
    maxMv: join(({ maxMv }) => maxMv),
    clipped: join(({ clipped }) => clipped),
    afterGap: join(({ afterGap }) => afterGap),
  });
  // Where they meet, up to one coarse step is in neither.
  for (const joint of [before, before + fine.seconds.length]) {
    if (joint === 0 || joint >= joined.seconds.length) continue;
    const reach = (joined.stepS[joint - 1]! + joined.stepS[joint]!) / 2 + (coarse.stepS[0] ?? 0);
    joined.afterGap[joint] = joined.seconds[joint]! - joined.seconds[joint - 1]! > reach ? 1 : 0;
  }
  return joined;
}

/** The points from `startMs` on and before `endMs`, as indices: the second isn't included. */
export function indicesOf(columns: Columns, { startMs, endMs }: Span): [number, number] {
  return [
    firstAfter(columns, (at) => columns.seconds[at]! >= startMs / 1000),
    firstAfter(columns, (at) => columns.seconds[at]! >= endMs / 1000),
  ];
}

/** The point nearest to an instant; `undefined` where there is none. */
export function nearestTo(columns: Columns, second: number): number | undefined {
  const { seconds } = columns;
  const after = firstAfter(columns, (at) => seconds[at]! >= second);
  if (after === 0) return seconds.length === 0 ? undefined : 0;
  const isBefore = after === seconds.length || second - seconds[after - 1]! <= seconds[after]! - second;
  return isBefore ? after - 1 : after;
}

/** `PT10M`, `PT1H`, `P1D`, `P1W` in seconds. */
export function secondsOf(duration: string): number {
  const [, weeks = 0, days = 0, hours = 0, minutes = 0] =
    /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  return ((Number(weeks) * 7 + Number(days)) * 24 + Number(hours)) * 3600 + Number(minutes) * 60;
}

/** Marks where two points are further apart than their steps reach. */
function withGaps(columns: Columns): Columns {
  const { seconds, stepS, afterGap } = columns;
  for (let at = 1; at < seconds.length; at++) {
    const reach = (stepS[at - 1]! + stepS[at]!) / 2 + CADENCE_S / 2;
    afterGap[at] = seconds[at]! - seconds[at - 1]! > reach ? 1 : 0;
  }
  return columns;
}

/** The first index for which it holds, where it holds for all that follow; the length where it never does. */
function firstAfter({ seconds }: Columns, holds: (at: number) => boolean): number {
  let [low, high] = [0, seconds.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
