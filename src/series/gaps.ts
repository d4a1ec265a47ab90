/**
 * Gaps: the stretches that no sample covers. A sample covers the ten minutes that begin with its instant.
 * Gaps are listed and never filled.
 */
import { CADENCE_MS, type TimeRange } from "../model/series.ts";

/**
 * What is missing within a range, oldest first, each as long as can be.
 * @param timesMs sorted instants inside the range, whole `CADENCE_MS` apart
 */
export function findGaps(timesMs: ArrayLike<number>, range: TimeRange): TimeRange[] {
  const gaps: TimeRange[] = [];
  let expectedMs = Math.ceil(range.startMs / CADENCE_MS) * CADENCE_MS;
  for (let index = 0; index < timesMs.length; index++) {
    const timeMs = timesMs[index]!;
    if (timeMs > expectedMs) gaps.push({ startMs: expectedMs, endMs: timeMs });
    expectedMs = timeMs + CADENCE_MS;
  }
  if (expectedMs < range.endMs) gaps.push({ startMs: expectedMs, endMs: range.endMs });
  return gaps;
}
