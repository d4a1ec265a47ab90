/**
 * Statistics of the tremor, for each calendar bucket or for any stretch of time.
 * Owns what is counted and how; `buckets.ts` owns the calendar.
 */
import type { Day } from "../model/day.ts";
import { CADENCE_MS, type Sample, type TimeRange } from "../model/series.ts";
import { bucketsBetween, type Bucket, type BucketDays } from "./buckets.ts";
import { columnsInRange, type SampleColumns } from "./columns.ts";
import { takeMedian, takeQuantile } from "./quantiles.ts";

export interface TremorStatistics {
  /** Samples. */
  count: number;
  /** Share of the range's ten-minute steps up to now that have a sample, from 0 to 1; 0 where all are to come. */
  coverage: number;
  /** What the values are; `undefined` where there is no sample. */
  values: TremorValues | undefined;
  /**
   * Hours in which the tremor was above 1, 2 and 5 mV: ten minutes for each sample that is. These limits are the same
   * in the record's 32 bits.
   */
  hoursAbove: { oneMv: number; twoMv: number; fiveMv: number };
}

/** Amplitudes in mV. Clipped samples count with the limit that they ran into, of which `min` and `max` tell. */
export interface TremorValues {
  /** The arithmetic mean. */
  meanMv: number;
  medianMv: number;
  /** The 5th and the 95th percentile, linear between the two nearest samples. */
  p5Mv: number;
  p95Mv: number;
  /** The least and the greatest, each at the first instant that has it (of clipped ones, if any is). */
  min: Extreme;
  max: Extreme;
}

/** Where it is clipped, the true value lies at or beyond it. */
export type Extreme = Pick<Sample, "timeMs" | "rmsMv" | "clipped">;

export interface BucketStatistics extends BucketDays, TremorStatistics {}

/**
 * Statistics of each bucket that holds days from `start` to `end`, both included. The first and the last are cut to these
 * days, and their coverage is that of the part; buckets without samples are there too.
 * @param columns may hold more than the range
 * @param nowMs see `statistics`
 * @throws {InvalidRequest} see `bucketsBetween`
 */
export function statisticsByBucket(
  columns: SampleColumns,
  { start, end, bucket }: { start: Day; end: Day; bucket: Bucket },
  nowMs?: number,
): BucketStatistics[] {
  return bucketsBetween(start, end, bucket).map((days) => ({ ...days, ...statistics(columns, days.range, nowMs) }));
}

/**
 * Statistics of one range.
 * @param columns may hold more than the range
 * @param nowMs steps that begin later are to come, and aren't missing. Default: all of the range is past
 */
export function statistics(columns: SampleColumns, range: TimeRange, nowMs = Infinity): TremorStatistics {
  const { timesMs, rmsMv, clipped } = columnsInRange(columns, range);
  const count = rmsMv.length;
  const steps = Math.ceil(Math.min(range.endMs, nowMs) / CADENCE_MS) - Math.ceil(range.startMs / CADENCE_MS);
  let sum = 0;
  let least = 0;
  let most = 0;
  let aboveOne = 0;
  let aboveTwo = 0;
  let aboveFive = 0;
  for (let index = 0; index < count; index++) {
    const value = rmsMv[index]!;
    sum += value;
    if (value < rmsMv[least]! || (value === rmsMv[least]! && clipped[index]! > clipped[least]!)) least = index;
    if (value > rmsMv[most]! || (value === rmsMv[most]! && clipped[index]! > clipped[most]!)) most = index;
    if (value > 1) aboveOne += 1;
    if (value > 2) aboveTwo += 1;
    if (value > 5) aboveFive += 1;
  }
  const hours = (samples: number): number => (samples * CADENCE_MS) / 3_600_000;
  const hoursAbove = { oneMv: hours(aboveOne), twoMv: hours(aboveTwo), fiveMv: hours(aboveFive) };
  if (count === 0) return { count, coverage: 0, values: undefined, hoursAbove };

  const scratch = rmsMv.slice();
  const extreme = (index: number): Extreme => ({
    timeMs: timesMs[index]!,
    rmsMv: rmsMv[index]!,
    clipped: clipped[index] === 1,
  });
  return {
    count,
    // Where the clocks differ, the last samples may be of a time to come.
    coverage: Math.min(1, count / Math.max(1, steps)),
    values: {
      meanMv: sum / count,
      medianMv: takeMedian(scratch, count),
      p5Mv: takeQuantile(scratch, count, 0.05),
      p95Mv: takeQuantile(scratch, count, 0.95),
      min: extreme(least),
      max: extreme(most),
    },
    hoursAbove,
  };
}
