/**
 * Crowds: three or more samples in one pixel column, as on a plot of thirty days.
 * Of such a column the picture shows its highest and its lowest place, and with some luck the rows of its first and
 * last sample. Owns where the others are put: not evenly between, but on the level of the columns around, where most are.
 */
import type { Pen } from "./pens.ts";
import { columnOf, gridOfPen, type SampleGrid } from "./sample-grid.ts";

/** From so many samples in one column on only the highest and the lowest of them show. */
export const CROWD = 3;
/** Columns from one sample to the next below which all columns are crowds. */
export const CROWDED = 1 / 3;
/** Columns from one sample to the next from which on hardly a column holds more than two of them. */
export const PAIRED = 1 / 2;
/** The level of a column is the median of the middles of so many columns on either side, and its own. */
const BESIDE = 3;

/** Rows that a column's samples cover, first and last. */
export interface Run {
  top: number;
  bottom: number;
}

/** The samples of one column, and the rows that they reach from and to. */
interface Crowd extends Run {
  first: number;
  count: number;
}

/** Moves the samples inside of crowds to the level there; those at the ends and on the extremes of a column stay. */
export function placeCrowds(grid: SampleGrid, rows: Float64Array, pen: Pen): void {
  if (!pen.snaps || grid.spacing >= CROWDED) return;
  const crowds = listCrowds(grid, rows, pen);
  const levels = crowds.map((_, i) => levelAround(crowds, i));
  crowds.forEach(({ first, count, top, bottom }, i) => {
    for (let k = 1; k < count - 1; k++) {
      const row = rows[first + k]!;
      if (row === top && rows[first] !== top && rows[first + count - 1] !== top) continue;
      if (row === bottom && rows[first] !== bottom && rows[first + count - 1] !== bottom) continue;
      const beside = 2 * k < count ? i - 1 : i + 1;
      const part = Math.abs((k - (count - 1) / 2) / count);
      const level = levels[i]! + part * ((levels[beside] ?? levels[i]!) - levels[i]!);
      rows[first + k] = Math.min(bottom, Math.max(top, level));
    }
  });
}

function listCrowds(grid: SampleGrid, rows: Float64Array, { thickness, offsetPx }: Pen): Crowd[] {
  const crowds: Crowd[] = [];
  const own = gridOfPen(grid, offsetPx);
  let column = NaN;
  for (let k = 0; k < grid.count; k++) {
    const row = rows[k]!;
    if (Number.isNaN(row)) continue;
    const at = thickness === undefined ? Math.floor(grid.firstColumn + k * grid.spacing + offsetPx) : columnOf(own, k);
    const last = crowds.at(-1);
    if (last !== undefined && at === column && last.first + last.count === k) {
      last.count++;
      last.top = Math.min(last.top, row);
      last.bottom = Math.max(last.bottom, row);
    } else crowds.push({ first: k, count: 1, top: row, bottom: row });
    column = at;
  }
  return crowds;
}

/** The level at one of some runs of rows, in the order of their columns. */
export function levelAround(runs: readonly (Run | undefined)[], i: number): number {
  const middles: number[] = [];
  for (let at = Math.max(0, i - BESIDE); at <= Math.min(runs.length - 1, i + BESIDE); at++) {
    const run = runs[at];
    if (run !== undefined) middles.push((run.top + run.bottom) / 2);
  }
  middles.sort((a, b) => a - b);
  return (middles[middles.length >> 1]! + middles[(middles.length - 1) >> 1]!) / 2;
}
