/** What a plot brings into the tremor record: the samples that weren't there before it. */
import type { TremorTable } from "../catalog/tremor.ts";
import { toSixDigits } from "../catalog/six-digits.ts";
import type { Sample, TimeRange } from "../model/series.ts";

/** A sample of the tremor record. */
export type RecordSample = Pick<Sample, "timeMs" | "rmsMv" | "clipped">;

/** Remembers which samples there are in a range. @returns tells, when it is called, which ones have come since, by time */
export function watchSamples(catalog: Pick<TremorTable, "readTremor">, range: TimeRange): () => RecordSample[] {
  const known = new Set(catalog.readTremor(range).timesMs);
  return () => {
    const { timesMs, rmsMv, clipped } = catalog.readTremor(range);
    return Array.from(timesMs, (timeMs, at) => ({
      timeMs,
      rmsMv: toSixDigits(rmsMv[at]!),
      clipped: clipped[at] === 1,
    })).filter(({ timeMs }) => !known.has(timeMs));
  };
}
