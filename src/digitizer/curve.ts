/**
 * The curve: which samples the ink inside the frame shows.
 * Owns the choice of the pen that explains the picture best; the searches are `synthesis` and `refinement`.
 */
import type { Calibration, Fidelity } from "../model/plot.ts";
import { CADENCE_MS, type TimeRange } from "../model/series.ts";
import type { PlotReading } from "./calibration.ts";
import { measureFidelity } from "./fidelity.ts";
import { findJoins, type StraightJoin } from "./joins.ts";
import { createAreaPen, createPlainPen, createWuPen, type Pen, type Polyline } from "./pens.ts";
import { synthesizePlain } from "./plain-synthesis.ts";
import { refine } from "./refinement.ts";
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import { findSampleGrid } from "./sample-phase.ts";
import { synthesize, type SampleRows } from "./synthesis.ts";
import type { Trace } from "./trace.ts";

/** What the curve shows, still in pixels. */
export interface Curve {
  calibration: Calibration;
  grid: SampleGrid;
  /** Row of each grid sample, counted from the frame's top line; NaN where the plot shows none. */
  rows: SampleRows;
  /** One standard uncertainty of each row, in px. */
  spreadPx: Float64Array;
  joins: { startMs: number; endMs: number; fromRow: number; toRow: number }[];
  /** The pen that explains the picture best. */
  pen: string;
  fidelity: Fidelity;
  /** The period that the plot covers; its first or last sample may hide behind the frame. */
  window: TimeRange | undefined;
}

/** A vertex rounded to a whole pixel: the standard deviation of an even spread over one pixel. */
const ROUNDED_PX = Math.sqrt(1 / 12);
/** What the fit of a vertex between pixels comes to, by redrawing known ones. */
const FITTED_PX = 0.2;
/** A pen that explains this much both ways is the right one. */
const GOOD_FIDELITY = 0.97;
/** A smeared copy of what GD drew doesn't come nearer; other pens' lines stay below. */
const LOSSY_FIDELITY = 0.8;
/** Where no pen comes nearer than this, the ink is no line. */
const HOPELESS_FIDELITY = 0.6;
/** How much of the picture tells pens apart. */
/** Mean height of a column's ink, in heights of the plot area, beyond which it is no line. */
const TALL_SHARE = 0.3;
/** Samples that a frame can hide on either side of a plot of a week. */
const MOST_HIDDEN = 2;
const PART_COLUMNS = 80;
const PART_SAMPLES = 40;
/** A column is no busier than this many px, lest one spike draw all attention. */
const MAX_HEIGHT = 30;

/** Reads the samples off the trace; `undefined` when there is too little ink to be a curve. */
export function readCurve(trace: Trace, reading: PlotReading): Curve | undefined {
  const { calibration, grid } = findSampleGrid(trace, reading);
  const joins = findJoins(trace, grid);
  const tell = ({ rows, pen }: Attempt, fidelity: Fidelity): Curve => {
    fillBeyond(trace, grid, rows);
    return {
      calibration,
      grid,
      rows,
      spreadPx: new Float64Array(grid.count).fill(pen.snaps ? ROUNDED_PX : FITTED_PX),
      joins: shownJoins(grid, rows, joins),
      pen: pen.name,
      fidelity,
      window: windowOf(trace, grid, rows),
    };
  };
  // Nearly all plots are drawn by GD with a line one px thick.
  let best = draw(trace, grid, joins, createWuPen(1));
  let fidelity = fidelityOf(trace, best);
  if (worst(fidelity) >= (trace.lossy ? LOSSY_FIDELITY : GOOD_FIDELITY) || isTooTall(trace))
    return tell(best, fidelity);
  for (const pen of rankPens(trace, grid)) {
    const attempt = draw(trace, grid, joins, pen);
    const own = fidelityOf(trace, attempt);
    if (worst(own) > worst(fidelity)) [best, fidelity] = [attempt, own];
    if (worst(own) >= GOOD_FIDELITY) break;
  }
  return tell(best, fidelity);
}

const OTHER_PENS: readonly (() => Pen)[] = [
  () => createWuPen(2),
  () => createPlainPen(0),
  () => createPlainPen(0.5),
  ...[1, 1.5, 2].flatMap((widthPx) => [() => createAreaPen(widthPx, 0), () => createAreaPen(widthPx, 0.5)]),
];

/** The other pens to try, best first, by how they explain a part of the picture. */
function rankPens(trace: Trace, grid: SampleGrid): Pen[] {
  const part = busyPart(trace, grid);
  const judged = OTHER_PENS.map((create) => {
    const pen = create();
    return { pen, fidelity: worst(fidelityOf(part.trace, draw(part.trace, part.grid, [], pen))) };
  }).sort((a, b) => b.fidelity - a.fidelity);
  const best = judged[0]!.fidelity;
  return judged.slice(0, best >= GOOD_FIDELITY || best < HOPELESS_FIDELITY ? 1 : 2).map(({ pen }) => pen);
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

/** The columns where the line moves most: they tell pens apart. */
function busyPart(trace: Trace, grid: SampleGrid): { trace: Trace; grid: SampleGrid } {
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

function draw(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): Attempt {
  return pen.thickness === undefined
    ? byRefinement(trace, grid, joins, pen)
    : byWu(trace, grid, joins, pen, pen.thickness);
}

function fidelityOf(trace: Trace, { line, pen }: Attempt): Fidelity {
  return measureFidelity(trace, line, pen);
}

interface Attempt {
  rows: SampleRows;
  line: Polyline;
  pen: Pen;
}

function byWu(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen, thickness: number): Attempt {
  const rows = synthesize(trace, grid, joins, thickness);
  return { rows, line: toPolyline(grid, rows, joins), pen };
}

function byRefinement(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): Attempt {
  const { line, samples } = pen.snaps
    ? synthesizePlain(trace, grid, joins, pen.offsetPx)
    : refine(trace, grid, joins, pen);
  const rows: SampleRows = new Float64Array(grid.count).fill(NaN);
  // A snapped row stands for all places in its pixel, so for the middle of it.
  const middle = pen.snaps ? 0.5 : 0;
  for (let i = 0; i < samples.length; i++) rows[samples[i]!] = line.rows[i]! + middle - pen.offsetPx;
  return { rows, line, pen };
}

/**
 * From the first sample to the last. Plots cover whole days: where a sample or two are missing to that, and lie in
 * the frame's own column, the frame hides them.
 */
function windowOf(trace: Trace, grid: SampleGrid, rows: SampleRows): TimeRange | undefined {
  let [first, last] = [0, grid.count - 1];
  while (first <= last && Number.isNaN(rows[first]!)) first++;
  while (last >= first && Number.isNaN(rows[last]!)) last--;
  if (last < first) return undefined;
  const hides = (k: number): boolean =>
    k >= 0 && k < grid.count && (columnOf(grid, k) < 1 || columnOf(grid, k) > trace.columns - 2);
  const perDay = 86_400_000 / CADENCE_MS;
  let missing = (perDay - ((last - first + 1) % perDay)) % perDay;
  if (missing <= MOST_HIDDEN) {
    for (; missing > 0 && hides(first - 1); missing--) first--;
    for (; missing > 0 && hides(last + 1); missing--) last++;
  }
  return { startMs: grid.firstMs + first * CADENCE_MS, endMs: grid.firstMs + last * CADENCE_MS };
}

/** Where the line leaves the frame and comes back over the same side, the samples between lie beyond the axis. */
function fillBeyond(trace: Trace, grid: SampleGrid, rows: SampleRows): void {
  for (let k = 1; k < rows.length; k++) {
    if (!Number.isNaN(rows[k]!) || Number.isNaN(rows[k - 1]!)) continue;
    let end = k;
    while (end < rows.length && Number.isNaN(rows[end]!)) end++;
    if (end === rows.length) return;
    const leaves = (k: number, isBeyond: (row: number) => boolean, edge: number): boolean =>
      isBeyond(rows[k]!) || touches(trace, columnOf(grid, k), edge);
    const isAbove = (row: number): boolean => row <= 0;
    const isBelow = (row: number): boolean => row >= trace.rows - 1;
    if (leaves(k - 1, isAbove, 1) && leaves(end, isAbove, 1)) rows.fill(-1, k, end);
    else if (leaves(k - 1, isBelow, trace.rows - 2) && leaves(end, isBelow, trace.rows - 2))
      rows.fill(trace.rows, k, end);
    k = end;
  }
}

function touches({ coverage, rows, columns }: Trace, column: number, row: number): boolean {
  for (let near = Math.max(0, column - 1); near <= Math.min(columns - 1, column + 1); near++)
    if (coverage[near * rows + row]! > 0.05) return true;
  return false;
}

function worst({ explained, present }: Fidelity): number {
  return Math.min(explained, present);
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

function shownJoins(grid: SampleGrid, rows: SampleRows, joins: readonly StraightJoin[]): Curve["joins"] {
  return joins
    .filter(({ fromSample, toSample }) => !Number.isNaN(rows[fromSample]! + rows[toSample]!))
    .map(({ fromSample, toSample }) => ({
      startMs: grid.firstMs + fromSample * CADENCE_MS,
      endMs: grid.firstMs + toSample * CADENCE_MS,
      fromRow: rows[fromSample]!,
      toRow: rows[toSample]!,
    }));
}
