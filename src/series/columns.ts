/**
 * Columns: a series as parallel arrays. Twenty years are a million samples, and a million objects are slow to make.
 * Owns this form and cutting it by time; what the numbers tell is told by the other modules of this folder.
 */
import type { Sample, TimeRange } from "../model/series.ts";

/** One index, one sample; sorted by time, no two at one instant. Fields as in `Sample`. */
export interface SampleColumns {
  timesMs: Float64Array;
  rmsMv: Float64Array;
  /** 1 where the curve ran out of the plot, else 0. */
  clipped: Uint8Array;
}

export function toColumns(samples: readonly Sample[]): SampleColumns {
  const columns = createColumns(samples.length);
  samples.forEach(({ timeMs, rmsMv, clipped }, index) => {
    columns.timesMs[index] = timeMs;
    columns.rmsMv[index] = rmsMv;
    columns.clipped[index] = clipped ? 1 : 0;
  });
  return columns;
}

/** Columns of `count` samples, all zero, to be filled by the caller. */
export function createColumns(count: number): SampleColumns {
  return { timesMs: new Float64Array(count), rmsMv: new Float64Array(count), clipped: new Uint8Array(count) };
}

/** The samples within a range, as views into the same memory. */
export function columnsInRange(columns: SampleColumns, { startMs, endMs }: TimeRange): SampleColumns {
  const from = firstAtOrAfter(columns.timesMs, startMs);
  const to = Math.max(from, firstAtOrAfter(columns.timesMs, endMs));
  return {
    timesMs: columns.timesMs.subarray(from, to),
    rmsMv: columns.rmsMv.subarray(from, to),
    clipped: columns.clipped.subarray(from, to),
  };
}

/** The index of the first instant at or after `timeMs`; the length when there is none. `timesMs` is sorted. */
export function firstAtOrAfter(timesMs: ArrayLike<number>, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timesMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
