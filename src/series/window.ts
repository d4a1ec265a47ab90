/**
 * Windows: the part of a series that is asked for.
 */
import { addDays, dayStartMs, type Day } from "../model/day.ts";
import type { Sample } from "../model/series.ts";

/** DAY: one UTC day of the series; PLOT: all that the plot shows. */
export type SeriesWindow = "DAY" | "PLOT";

export function samplesInWindow(samples: readonly Sample[], day: Day, window: SeriesWindow): readonly Sample[] {
  if (window === "PLOT") return samples;
  const [startMs, endMs] = [dayStartMs(day), dayStartMs(addDays(day, 1))];
  return samples.filter(({ timeMs }) => timeMs >= startMs && timeMs < endMs);
}
