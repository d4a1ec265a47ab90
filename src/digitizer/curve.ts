/**
 * The curve: which samples the ink inside the frame shows.
 * Owns what the found samples mean: their times, how well they are known, what lies beyond the frame or behind it.
 */
import type { Calibration, Fidelity } from "../model/plot.ts";
import { CADENCE_MS, type TimeRange } from "../model/series.ts";
import type { PlotReading } from "./calibration.ts";
import type { StraightJoin } from "./joins.ts";
import { fitOn, tryOtherMinutes } from "./odd-minutes.ts";
import { CROWD, placeCrowds } from "./crowds.ts";
import type { Pen } from "./pens.ts";
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import { findSampleGrid } from "./sample-phase.ts";
import type { SampleRows } from "./synthesis.ts";
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
  window: TimeRange;
}

/** A vertex rounded to a whole pixel: the standard deviation of an even spread over one pixel. */
const ROUNDED_PX = Math.sqrt(1 / 12);
/** What the fit of other vertices comes to, by redrawing known ones: between pixels, and without anti-aliasing. */
const FITTED_PX = 0.25;
const PLAIN_PX = 1;
/** Lossy copies are read about so much worse. */
const LOSSY_TIMES = 2;
/** Samples that the frame can hide in all: one on either side of a plot of a week, more where columns hold more. */
const MOST_HIDDEN = 2;
const HIDDEN_PX = 1.5;
/** Where the picture was cut off within the plot, so much of the plot area's width may be missing there. */
const CUT_OFF_SHARE = 0.02;
/** How near a label's minute is known. */
const SLACK_MS = 60_000;
const PER_DAY = 86_400_000 / CADENCE_MS;
/** A line's end that rises less is no vertex of its own. */
const ECHO_PX = 0.75;
const NEAR_FRAME = 2;

/** Reads the samples off the trace; `undefined` when it shows none. */
export function readCurve(trace: Trace, reading: PlotReading): Curve | undefined {
  const onClock = findSampleGrid(trace, reading);
  const { calibration, grid, joins, fit } = tryOtherMinutes(
    trace,
    reading.calibration,
    fitOn(trace, onClock.calibration, onClock.grid),
  );
  const { rows, pen, fidelity } = fit;
  dropEcho(grid, rows, pen);
  const window = windowOf(trace, grid, rows, { ...reading, calibration });
  if (window === undefined) return undefined;
  fillBeyond(trace, grid, rows);
  placeCrowds(grid, rows, pen);
  return {
    calibration,
    grid,
    rows,
    spreadPx: spreadOf(trace, grid, pen),
    joins: shownJoins(grid, rows, joins),
    pen: pen.name,
    fidelity,
    window,
  };
}

/** How well each sample's row can be known, in px. */
function spreadOf({ tops, bottoms, lossy }: Trace, grid: SampleGrid, pen: Pen): Float64Array {
  const own = pen.thickness !== undefined ? ROUNDED_PX : pen.snaps || pen.isThin === true ? PLAIN_PX : FITTED_PX;
  const spread = new Float64Array(grid.count).fill(lossy ? LOSSY_TIMES * own : own);
  for (let k = 0; k < grid.count;) {
    const column = columnOf(grid, k);
    let count = 1;
    while (k + count < grid.count && columnOf(grid, k + count) === column) count++;
    const height = (bottoms[column] ?? 0) - (tops[column] ?? 0) + 1;
    if (count >= CROWD && height > 1) spread.fill(Math.max(own, height * ROUNDED_PX), k, k + count);
    k += count;
  }
  return spread;
}

/**
 * Leaves out a first or last sample, or both, that nothing speaks for: too many for the whole days that plots cover, and where
 * the line's end shows no more than its neighbours alone would. It shares a column and a row with one of them, or a column
 * with two, which may have drawn all of it; a pen whose line has round ends or no anti-aliasing reaches as far by itself.
 * Where both ends may be the one too many, the first is left out: a plot shows the newest samples.
 */
function dropEcho(grid: SampleGrid, rows: SampleRows, { thickness }: Pen): void {
  const { first, last } = endsOf(rows);
  const tooMany = (last - first + 1) % PER_DAY;
  if (last - first < PER_DAY || tooMany < 1 || tooMany > 2) return;
  const risePx = (end: number, inwards: number): number => {
    const beside = end + inwards;
    if (columnOf(grid, end) === columnOf(grid, beside + inwards)) return 0;
    const isAlone = thickness !== undefined && columnOf(grid, end) !== columnOf(grid, beside);
    return isAlone || Number.isNaN(rows[beside]!) ? Infinity : Math.abs(rows[end]! - rows[beside]!);
  };
  const [atFirst, atLast] = [risePx(first, 1), risePx(last, -1)];
  const ends = atFirst <= atLast ? [first, last] : [last, first];
  if ((tooMany === 1 ? Math.min(atFirst, atLast) : Math.max(atFirst, atLast)) >= ECHO_PX) return;
  for (const end of ends.slice(0, tooMany)) rows[end] = NaN;
}

function endsOf(rows: SampleRows): { first: number; last: number } {
  return { first: rows.findIndex((row) => !Number.isNaN(row)), last: rows.findLastIndex((row) => !Number.isNaN(row)) };
}

/**
 * From the first sample to the last. Plots cover whole days: where a sample or two are missing to that, and lie in
 * the frame's own column, the frame hides them; beside it, a pen that leaves out a line's first pixel does. Where either end may
 * hide the missing one and nothing tells which, the period reaches to both. Where the picture was cut off within the plot,
 * all that are missing lie there; where the line leaves the frame over its top or bottom for good, beyond that.
 */
function windowOf(
  trace: Trace,
  grid: SampleGrid,
  rows: SampleRows,
  { calibration: { time }, isCutOff }: PlotReading,
): TimeRange | undefined {
  let { first, last } = endsOf(rows);
  if (first < 0) return undefined;
  const onAxis = (timeMs: number): boolean => timeMs > time.startMs - SLACK_MS && timeMs < time.endMs + SLACK_MS;
  const hides = (k: number): boolean =>
    onAxis(grid.firstMs + k * CADENCE_MS) &&
    (columnOf(grid, k) <= NEAR_FRAME || columnOf(grid, k) >= trace.columns - 1 - NEAR_FRAME);
  const axisLast = Math.floor((time.endMs + SLACK_MS - grid.firstMs) / CADENCE_MS);
  const missing = (PER_DAY - ((last - first + 1) % PER_DAY)) % PER_DAY;
  const isNearCut = (column: number): boolean =>
    missing * grid.spacing < CUT_OFF_SHARE * trace.columns &&
    ((isCutOff.left && column <= NEAR_FRAME) || (isCutOff.right && column >= trace.columns - 1 - NEAR_FRAME));
  if (isNearCut(columnOf(grid, last))) last += missing;
  else if (isNearCut(columnOf(grid, first))) first -= missing;
  else if (isOutside(trace, rows[last]!) && last + missing <= axisLast + MOST_HIDDEN)
    last = Math.min(last + missing, axisLast);
  else if (missing <= Math.max(MOST_HIDDEN, Math.ceil(HIDDEN_PX / grid.spacing))) {
    const [least, most] = [first - missing, last + missing];
    while (first > least && hides(first - 1)) first--;
    while (last < most && hides(last + 1)) last++;
  }
  return { startMs: grid.firstMs + first * CADENCE_MS, endMs: grid.firstMs + last * CADENCE_MS };
}

/** Is a row above or below what the frame shows? */
function isOutside({ rows }: Trace, row: number): boolean {
  return row <= 0 || row >= rows - 1;
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
