/**
 * The busy part of a picture: a few columns that tell pens and grids apart in a small share of the time.
 */
import { CADENCE_MS } from "../model/series.ts";
import type { SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** How much of the picture tells pens apart. */
const PART_COLUMNS = 80;
const PART_SAMPLES = 40;
/** A column is no busier than this many px, lest one spike draw all attention. */
const MAX_HEIGHT = 30;

/** The columns where the line moves most: they tell pens apart. */
export function busyPart(trace: Trace, grid: SampleGrid): { trace: Trace; grid: SampleGrid } {
  const { columns, rows, coverage, tops, bottoms } = trace;
  const width = Math.min(columns, Math.ceil(Math.max(PART_COLUMNS, PART_SAMPLES * grid.spacing)));
  let [best, from, sum] = [-1, 0, 0];
  const height = (column: number): number => Math.min(MAX_HEIGHT, Math.max(0, bottoms[column]! - tops[column]! + 1));
  for (let column = 0; column < columns; column++) {
    sum += height(column);
    if (column >= width) sum -= height(column - width);
    if (column >= width - 1 && sum > best) [best, from] = [sum, column - width + 1];
  }
  const to = from + width;
  return {
    trace: {
      ...trace,
      columns: width,
      coverage: coverage.subarray(from * rows, to * rows),
      tops: tops.subarray(from, to),
      bottoms: bottoms.subarray(from, to),
    },
    grid: cropGrid(grid, from, to),
  };
}

function cropGrid(grid: SampleGrid, from: number, to: number): SampleGrid {
  const { firstMs, firstColumn, spacing, count } = grid;
  const first = Math.max(0, Math.ceil((from - 0.499 - firstColumn) / spacing));
  const last = Math.min(count - 1, Math.floor((to - 1 + 0.499 - firstColumn) / spacing));
  return {
    firstMs: firstMs + first * CADENCE_MS,
    count: Math.max(0, last - first + 1),
    firstColumn: firstColumn + first * spacing - from,
    spacing,
  };
}
