/**
 * The fit: the samples that redraw the trace, with the pen that does it best.
 * Owns what GD's pen, which drew nearly all plots, must explain lest others be tried; their order is `pen-choice`'s.
 */
import { CROWDED } from "./crowds.ts";
import type { StraightJoin } from "./joins.ts";
import { GOOD_FIDELITY, HOPELESS_FIDELITY, rankPens, TIE, USUAL_PEN } from "./pen-choice.ts";
import { type Fit, fitWith, mean, worst } from "./pen-fit.ts";
import { createPlainPen, createWuPen } from "./pens.ts";
import type { SampleGrid } from "./sample-grid.ts";
import { isHard, type Trace } from "./trace.ts";

/** Ink without anti-aliasing GD's pen explains to 0.98 where the line is calm; the pen that drew it explains more. */
const HARD_FIDELITY = 0.99;
/** A smeared copy of what GD drew doesn't come nearer; other pens' lines stay below. */
const LOSSY_FIDELITY = 0.8;
/** Nor where GD's pen stays below this: the lines of other pens it explains by a third and more. */
const NO_LINE = 0.1;
/** Mean height of a column's ink, in heights of the plot area, beyond which it is no line. */
const TALL_SHARE = 0.3;
/** More than this of a line between whole pixels a thin one explains only where it drew it: 0.008 and more, others to 0.006. */
const THIN_GAIN = 0.007;
/** In a crowd nearly any pen explains nearly all, and the better ones take seconds: so the ink itself tells. */
const HARD_PEN = createPlainPen(0);
/** GD's own ink is explained to 0.985 there and more, that of softer lines to 0.88 to 0.935. Those round no vertices. */
const SOFT_EXPLAINED = 0.96;
const SOFT_PEN = createWuPen(1, 0);

/** Finds the samples, with the pen that explains the picture best. */
export function fitSamples(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[]): Fit {
  const isPlain = isHard(trace);
  if (grid.spacing < CROWDED && isPlain && !isTooTall(trace)) return fitWith(HARD_PEN, trace, grid, joins);
  let best = fitWith(USUAL_PEN, trace, grid, joins);
  const enough = trace.lossy ? LOSSY_FIDELITY : isPlain ? HARD_FIDELITY : GOOD_FIDELITY;
  if (worst(best) >= enough || isTooTall(trace)) return best;
  const isSoft = best.fidelity.explained < SOFT_EXPLAINED && best.fidelity.present >= HOPELESS_FIDELITY && !trace.lossy;
  if (grid.spacing < CROWDED && isSoft) return fitWith(SOFT_PEN, trace, grid, joins);
  if (worst(best) < NO_LINE) return best;
  for (const [rank, pen] of rankPens(trace, grid, joins).entries()) {
    const fit = fitWith(pen, trace, grid, joins);
    if (isBetter(fit, best, rank)) best = fit;
    if (worst(best) >= Math.max(enough, GOOD_FIDELITY)) break;
  }
  return best;
}

/** Does a fit explain more than that of a pen before it? A thin line must do so by more than its freedom gives it. */
function isBetter(fit: Fit, best: Fit, rank: number): boolean {
  const isBestPlain = best.pen.snaps && best.pen.thickness === undefined;
  if (fit.pen.isThin === true && isBestPlain) return mean(fit) > mean(best) + THIN_GAIN;
  return worst(fit) > worst(best) + (rank > 0 ? TIE : 0);
}

/** A line seldom spans much of the height within one column: what does so everywhere is noise, not worth long work. */
function isTooTall({ columns, rows, tops, bottoms }: Trace): boolean {
  let [sum, inked] = [0, 0];
  for (let column = 0; column < columns; column++) {
    if (bottoms[column]! < tops[column]!) continue;
    sum += bottoms[column]! - tops[column]! + 1;
    inked++;
  }
  return sum > TALL_SHARE * inked * rows;
}
