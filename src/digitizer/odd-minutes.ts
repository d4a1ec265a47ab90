/**
 * Samples at odd minutes: where the ten minutes of the clock don't redraw the curve, another minute may.
 * Owns the search for that minute by redrawing; what upright lines alone tell is `sample-phase`'s.
 */
import type { Calibration } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import { type Fit, fitSamples, judgeGrids, worst } from "./fit-samples.ts";
import { findJoins, type StraightJoin } from "./joins.ts";
import { createSampleGrid, phaseOf, type SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** A grid, and the samples found on it. */
export interface GridFit {
  grid: SampleGrid;
  joins: readonly StraightJoin[];
  fit: Fit;
}

const MINUTE_MS = 60_000;
/** Right grids redraw more than this; one that is a few minutes off 0.6 to 0.975. */
const FITS = 0.98;
/** Where the samples of one minute explain less than this, those of another don't make it a curve. */
const HOPELESS = 0.3;
/** Below so many columns from one sample to the next, each column holds samples whatever their minute. */
const LEAST_SPACING = 0.6;
/** Another minute must leave this much less of the picture unexplained. */
const CLEARLY_LESS = 0.7;

/** The samples of one grid that redraw the trace. */
export function fitOn(trace: Trace, grid: SampleGrid): GridFit {
  const joins = findJoins(trace, grid);
  return { grid, joins, fit: fitSamples(trace, grid, joins) };
}

/** The fit with the samples at another minute of the clock's ten, where that explains clearly more. */
export function tryOtherMinutes(trace: Trace, calibration: Calibration, found: GridFit): GridFit {
  const { grid, fit } = found;
  if (worst(fit) >= FITS || worst(fit) < HOPELESS || grid.spacing < LEAST_SPACING || trace.lossy) return found;
  const phaseMs = phaseOf(grid.firstMs);
  const grids = Array.from({ length: CADENCE_MS / MINUTE_MS }, (_, minute) =>
    createSampleGrid(calibration, phaseOf(phaseMs + minute * MINUTE_MS)),
  );
  const judged = judgeGrids(trace, grids, fit.pen);
  const best = judged.reduce((best, share, k) => (share > judged[best]! ? k : best), 0);
  if (1 - judged[best]! > CLEARLY_LESS * (1 - judged[0]!)) return found;
  const other = fitOn(trace, grids[best]!);
  return 1 - worst(other.fit) > CLEARLY_LESS * (1 - worst(fit)) ? found : other;
}
