/**
 * One pen's fit: the samples that redraw the trace with a given pen, and how well they do.
 * The searches are `synthesis`, `plain-synthesis` and `refinement`; which pen it is, `pen-choice` and `fit-samples` say.
 */
import type { Fidelity } from "../model/plot.ts";
import { lowerShare, measureFidelity } from "./fidelity.ts";
import type { StraightJoin } from "./joins.ts";
import type { Pen, Polyline } from "./pens.ts";
import { synthesizePlain } from "./plain-synthesis.ts";
import { refine } from "./refinement.ts";
import { columnOf, gridOfPen, type SampleGrid } from "./sample-grid.ts";
import { synthesize, type SampleRows } from "./synthesis.ts";
import type { Trace } from "./trace.ts";

/** Samples found with one pen, and how well they explain the picture. */
export interface Fit {
  rows: SampleRows;
  pen: Pen;
  fidelity: Fidelity;
}

/** Finds the samples with one pen. */
export function fitWith(pen: Pen, trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[]): Fit {
  if (pen.thickness !== undefined) {
    const own = gridOfPen(grid, pen.offsetPx);
    const rows = synthesize(trace, own, joins, pen.thickness);
    const fidelity = measureFidelity(trace, toPolyline(own, rows, joins), pen);
    return { rows: rows.map((row) => row + (0.5 - pen.offsetPx)), pen, fidelity };
  }
  const { line, samples } = pen.snaps ? synthesizePlain(trace, grid, joins, pen) : refine(trace, grid, joins, pen);
  const rows: SampleRows = new Float64Array(grid.count).fill(NaN);
  // A snapped row stands for all places in its pixel, so for the middle of it.
  const middle = pen.snaps ? 0.5 : 0;
  for (let i = 0; i < samples.length; i++) rows[samples[i]!] = line.rows[i]! + middle - pen.offsetPx;
  return { rows, pen, fidelity: measureFidelity(trace, line, pen) };
}

/** The lower of the two shares. */
export function worst({ fidelity }: Fit): number {
  return lowerShare(fidelity);
}

/** The mean of both, which tells what one of them alone can't where something else bounds the other. */
export function mean({ fidelity }: Fit): number {
  return (fidelity.explained + fidelity.present) / 2;
}

function toPolyline(grid: SampleGrid, rows: SampleRows, joins: readonly StraightJoin[]): Polyline {
  let count = 0;
  for (let k = 0; k < grid.count; k++) if (!Number.isNaN(rows[k]!)) count++;
  const line = { columns: new Float64Array(count), rows: new Float64Array(count), joined: new Uint8Array(count) };
  let before = -1;
  for (let k = 0, i = 0; k < grid.count; k++) {
    if (Number.isNaN(rows[k]!)) continue;
    line.columns[i] = columnOf(grid, k);
    line.rows[i] = Math.round(rows[k]!);
    const last = before;
    if (i > 0 && (last === k - 1 || joins.some(({ fromSample, toSample }) => fromSample === last && toSample === k)))
      line.joined[i - 1] = 1;
    before = k;
    i++;
  }
  return line;
}
