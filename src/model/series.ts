/**
 * Tremor as numbers: samples of the RMS amplitude, every ten minutes on the UTC clock.
 * Owns the nouns that the digitizer makes, the archive keeps and the catalog serves.
 */

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

/** A stretch of time: from `startMs` up to, and not with, `endMs`. */
export interface TimeRange {
  startMs: number;
  endMs: number;
}
