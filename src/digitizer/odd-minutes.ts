/**
 * Samples at odd minutes: where the ten minutes of the clock don't redraw the curve, another minute may.
 * Owns the search for that minute by redrawing; what upright lines alone tell is `sample-phase`'s.
 */
import type { Calibration } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import { fitSamples } from "./fit-samples.ts";
import { findJoins, type StraightJoin } from "./joins.ts";
import { judgeGrids, TIE, twinOf } from "./pen-choice.ts";
import { type Fit, fitWith, mean, worst } from "./pen-fit.ts";
import type { Pen } from "./pens.ts";
import { createSampleGrid, phaseOf, type SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** A grid on a calibrated plot, and the samples found on it. */
export interface GridFit {
  calibration: Calibration;
  grid: SampleGrid;
  joins: readonly StraightJoin[];
  fit: Fit;
}

const MINUTE_MS = 60_000;
/** Right grids redraw more than this, of GD's lines more still; one that is a few minutes off 0.6 to 0.985. */
const FITS = 0.98;
const FITS_WELL = 0.99;
/** Where the samples of one minute explain less than this, those of another don't make it a curve. */
const HOPELESS = 0.3;
/** Below so many columns from one sample to the next, each column holds samples whatever their minute. */
const LEAST_SPACING = 0.6;
/** Minutes that explain a part of the picture nearly as well as the best one are tried on all of it, but no more than these. */
const AS_GOOD = 0.03;
const MOST_TRIED = 4;
const MOST_SLOW = 2;
/** They must leave this much less of that part unexplained. */
const LESS = 0.9;
/**
 * Another minute must leave this much less of the whole picture unexplained, or of the curve with no more ink that isn't
 * there: where the pen isn't quite the right one, much of that is there at any minute.
 */
const CLEARLY_LESS = 0.7;
/**
 * Of lines half a pixel and half a column apart, which look alike, the one at whole ten minutes is likelier: at odd ones, so
 * much more must be explained where columns are rounded, as that tells them apart, and `TIE` elsewhere.
 */
const AT_ODD_MINUTES = 0.0005;

/** The samples of one grid that redraw the trace, with the pen that does it best or a given one. */
export function fitOn(trace: Trace, calibration: Calibration, grid: SampleGrid, pen?: Pen): GridFit {
  const joins = findJoins(trace, grid);
  return {
    calibration,
    grid,
    joins,
    fit: pen === undefined ? fitSamples(trace, grid, joins) : fitWith(pen, trace, grid, joins),
  };
}

/**
 * The fit with the samples at another minute of the clock's ten, where that explains clearly more: on the axis as found,
 * or as the labels have it, since another axis may have been taken for the sake of the wrong minute.
 */
export function tryOtherMinutes(trace: Trace, byLabels: Calibration, onClock: GridFit): GridFit {
  const found = tryTwin(trace, onClock);
  const { calibration, grid, fit } = found;
  const enough = fit.pen.snaps ? FITS_WELL : FITS;
  if (worst(fit) >= enough || worst(fit) < HOPELESS || grid.spacing < LEAST_SPACING) return found;
  const phaseMs = phaseOf(grid.firstMs);
  const calibrations = calibration.time === byLabels.time ? [calibration] : [calibration, byLabels];
  const tried = calibrations.flatMap((calibration) =>
    Array.from({ length: CADENCE_MS / MINUTE_MS }, (_, minute) => ({
      calibration,
      grid: createSampleGrid(calibration, phaseOf(phaseMs + minute * MINUTE_MS)),
    })),
  );
  const judged = judgeGrids(trace, tried, fit.pen);
  const own = judged.find((one) => one.of === tried[0] && one.pen === fit.pen)?.share ?? 0;
  const leftOut = 1 - Math.min(own, mean(fit));
  const most = judged.reduce((most, { share }) => Math.max(most, share), 0);
  // Minutes side by side may put the samples of that part into the same columns; those of the whole curve they don't.
  const hopeful = judged
    .filter(({ share }) => share >= most - AS_GOOD && 1 - share < LESS * leftOut)
    .sort((a, b) => b.share - a.share);
  let best = found;
  const fast = hopeful.filter(({ pen }) => pen.snaps).slice(0, MOST_TRIED);
  const slow = hopeful.filter(({ pen }) => !pen.snaps).slice(0, MOST_SLOW);
  for (const { of, pen } of [...fast, ...slow]) {
    const other = fitOn(trace, of.calibration, of.grid, pen);
    if (mean(other.fit) > mean(best.fit)) best = other;
  }
  if (!isClearlyBetter(best.fit, fit)) return found;
  const twin = twinOf(best.fit.pen);
  if (twin === undefined) return best;
  const twins = twin === fit.pen ? found : fitOn(trace, calibration, grid, twin);
  const tie = twin.hasWholeColumns === true ? AT_ODD_MINUTES : TIE;
  return mean(best.fit) > mean(twins.fit) + tie ? best : twins;
}

/**
 * Of a pen whose vertices lie in the middle of the nearest pixel: the fit with its likelier twin, at the minute at which
 * that draws much the same, where it explains more.
 */
function tryTwin(trace: Trace, found: GridFit): GridFit {
  const { calibration, grid, fit } = found;
  const isRarer = fit.pen.hasWholeColumns === true && fit.pen.offsetPx !== 0;
  const twin = isRarer ? twinOf(fit.pen) : undefined;
  if (twin === undefined || grid.spacing < LEAST_SPACING) return found;
  const halfMs = (0.5 / grid.spacing) * CADENCE_MS;
  let best = found;
  for (const minute of new Set([Math.floor(halfMs / MINUTE_MS), Math.ceil(halfMs / MINUTE_MS)])) {
    const later = createSampleGrid(calibration, phaseOf(grid.firstMs + minute * MINUTE_MS));
    const other = fitOn(trace, calibration, later, twin);
    if (mean(other.fit) > mean(best.fit) + AT_ODD_MINUTES) best = other;
  }
  return best;
}

function isClearlyBetter(fit: Fit, before: Fit): boolean {
  const [own, old] = [fit.fidelity, before.fidelity];
  return (
    1 - worst(fit) <= CLEARLY_LESS * (1 - worst(before)) ||
    (1 - own.explained <= CLEARLY_LESS * (1 - old.explained) && own.present >= old.present)
  );
}
