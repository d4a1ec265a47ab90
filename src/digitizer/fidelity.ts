/**
 * Fidelity: how well the samples, drawn again, explain the picture.
 * Owns the comparison; tells, where no truth exists, how far to trust a reading.
 */
import type { Fidelity } from "../model/plot.ts";
import { createReach, type Pen, type Polyline } from "./pens.ts";
import type { Trace } from "./trace.ts";

/**
 * Below this share, either way, samples stay out of the record. Right readings reach 0.95 and more, of lossy copies
 * and of enlarged or shrunk ones still 0.77; another series than the one drawn stays far below.
 */
export const TRUSTED_FIDELITY = 0.75;

/** Below this, either way, nothing drawn there is a curve: of the worst copies of one a quarter is still explained. */
export const CURVE_FIDELITY = 0.1;

/** The lower of the two shares. */
export function lowerShare({ explained, present }: Fidelity): number {
  return Math.min(explained, present);
}

/** Compares the ink that is there with the line drawn again. Both shares are 0 where there is no ink at all. */
export function measureFidelity(trace: Trace, line: Polyline, pen: Pen): Fidelity {
  const { columns, rows, coverage, tops, bottoms } = trace;
  const ink = new Float32Array(rows);
  const reach = createReach(line, pen);
  let [shared, inkThere, inkRedrawn] = [0, 0, 0];
  for (let column = 1; column < columns - 1; column++) {
    const { from, to } = reach(column);
    let [top, bottom] = [tops[column]!, bottoms[column]!];
    for (let i = from; i <= Math.min(to + 1, line.rows.length - 1); i++) {
      if (line.rows[i]! < top) top = line.rows[i]!;
      if (line.rows[i]! > bottom) bottom = line.rows[i]!;
    }
    top = Math.max(1, Math.floor(top - pen.reachPx));
    bottom = Math.min(rows - 2, Math.ceil(bottom + pen.reachPx));
    for (let row = top; row <= bottom; row++) ink[row] = 0;
    if (to >= from) pen.drawColumn(ink, top, bottom, column, line, from, to);
    for (let row = top; row <= bottom; row++) {
      const there = coverage[column * rows + row]!;
      const redrawn = Math.min(1, ink[row]!);
      inkThere += there;
      inkRedrawn += redrawn;
      shared += Math.min(there, redrawn);
    }
  }
  return {
    explained: inkThere > 0 ? shared / inkThere : 0,
    present: inkRedrawn > 0 ? shared / inkRedrawn : 0,
  };
}
