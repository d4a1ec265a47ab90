/**
 * Tremor as numbers: samples of the RMS amplitude, every ten minutes on the UTC clock.
 * Owns the nouns that the digitizer makes, the archive keeps and the catalog serves.
 */

import { dayStartMs, type Day } from "./day.ts";

/** The step of the published series. */
export const CADENCE_MS = 600_000;

/** One sample of the tremor. */
export interface Sample {
  /** UTC instant in ms since 1970; of a published plot a whole multiple of `CADENCE_MS`. */
  timeMs: number;
  /** RMS amplitude in mV, above 0. */
  rmsMv: number;
  /** The curve ran out of the plot here: the true value lies at or beyond this one. */
  clipped: boolean;
  /** One standard uncertainty of log10(rmsMv): 0.0037 is half a pixel of a published plot. */
  uncertaintyDecades: number;
}

/** How far a curve may reach past the end of its day: clocks differ, and a sample may bear its interval's end. */
const AHEAD_MS = 3_600_000;

/** Does a curve, by its last instant, show what had not happened when the day ended? */
export function endsAfter(day: Day, lastMs: number): boolean {
  return lastMs >= dayStartMs(day) + 86_400_000 + AHEAD_MS;
}

/** A stretch of time: from `startMs` up to, and not with, `endMs`. */
export interface TimeRange {
  startMs: number;
  endMs: number;
}
