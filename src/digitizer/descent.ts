/**
 * Descent: a line's vertices moved for as long as the redrawn columns around them come nearer to the picture.
 */
import type { Pen, Polyline } from "./pens.ts";
import { besideFrame, type Trace } from "./trace.ts";

/** Squared differences of three columns that need no other vertices, only finer ones. */
const FITTING_COST = 0.06;
const FINE_STEP = 0.25;
/** What a column takes beside its own rows, which are cleared, drawn by each stretch that may reach it, and compared. */
const ROWS_BESIDE = 8;
/** A jump, among the steps. */
const JUMP = Infinity;

export interface Descent {
  /** Moves each vertex up or down by so many px. */
  step(step: number): void;
  /** Tries each vertex, and each pair, at the ends of its column's ink: the way out of a wrong zigzag. */
  jump(): void;
  /** How much ink, squared, the stretch between the end of a line and the vertex beside it explains. */
  gainOf(end: number, beside: number): number;
}

/** Moves vertices only where that brings the redrawn columns nearer to the picture, until the trace's effort is spent. */
export function createDescent(trace: Trace, line: Polyline, pen: Pen): Descent {
  const { coverage, columns, rows, tops, bottoms, effort } = trace;
  const { reachPx } = pen;
  const count = line.columns.length;
  const ink = new Float32Array(rows);
  const limit = rows - 2;
  // Which stretches reach a column, found once: columns never move.
  const firstOf = new Int32Array(columns);
  const lastOf = new Int32Array(columns).fill(-1);
  for (let column = 0, from = 0, to = -1; column < columns; column++) {
    while (to + 1 < count && line.columns[to + 1]! < column + 1 + reachPx) to++;
    while (from < to && line.columns[from + 1]! < column - reachPx) from++;
    firstOf[column] = from;
    lastOf[column] = to;
  }
  /** As far as `most`: what is dearer need not be known to the last pixel. */
  const columnCost = (column: number, most = Infinity): number => {
    let top = tops[column]!;
    let bottom = bottoms[column]!;
    const from = firstOf[column]!;
    const to = lastOf[column]!;
    const last = Math.min(count - 1, to + 1);
    let upper = Infinity;
    let lower = -Infinity;
    for (let i = from; i <= last; i++) {
      const row = line.rows[i]!;
      if (row < upper) upper = row;
      if (row > lower) lower = row;
    }
    if (upper - 1 - reachPx < top) top = Math.floor(upper - 1 - reachPx);
    if (lower + 1 + reachPx > bottom) bottom = Math.floor(lower + 1 + reachPx);
    top = Math.max(1, top);
    bottom = Math.min(limit, bottom);
    effort.left -= (to - from + 2) * (bottom - top + ROWS_BESIDE);
    for (let row = top; row <= bottom; row++) ink[row] = 0;
    if (to >= from) pen.drawColumn(ink, top, bottom, column, line, from, to);
    let cost = 0;
    const base = column * rows;
    for (let row = top; row <= bottom && cost < most; row++) {
      const off = (ink[row]! > 1 ? 1 : ink[row]!) - coverage[base + row]!;
      cost += off * off;
    }
    return cost;
  };
  const costs = new Float64Array(columns);
  for (let column = 1; column < columns - 1; column++) costs[column] = columnCost(column);
  const trial = new Float64Array(columns);
  // When each column last changed, counted in moves: what was tried without gain need not be tried again before.
  let moves = 0;
  const changedAt = new Int32Array(columns);

  /** The first and the last column that the stretches at vertices `first` to `last` may reach. */
  const firstColumn = (first: number): number =>
    Math.max(1, Math.floor(line.columns[first > 0 && line.joined[first - 1] === 1 ? first - 1 : first]! - reachPx));
  const lastColumn = (last: number): number =>
    Math.min(columns - 2, Math.floor(line.columns[line.joined[last] === 1 ? last + 1 : last]! + reachPx));
  const isChanged = (first: number, last: number, since: number): boolean => {
    for (let column = firstColumn(first), to = lastColumn(last); column <= to; column++)
      if (changedAt[column]! > since) return true;
    return false;
  };

  /** Sets the rows of vertices `first` to `last` where that lessens the cost. */
  const tryRows = (first: number, last: number, row: number, lastRow: number): boolean => {
    const [from, to] = [firstColumn(first), lastColumn(last)];
    const [was, lastWas] = [line.rows[first]!, line.rows[last]!];
    line.rows[first] = row;
    line.rows[last] = lastRow;
    let allowed = -1e-9;
    for (let column = from; column <= to; column++) allowed += costs[column]!;
    // Its own column first, where a move in vain costs most.
    const own = Math.max(from, Math.min(to, Math.floor(line.columns[first]!)));
    trial[own] = columnCost(own, allowed);
    allowed -= trial[own]!;
    for (let column = from; column <= to && allowed > 0; column++) {
      if (column === own) continue;
      trial[column] = columnCost(column, allowed);
      allowed -= trial[column]!;
    }
    if (allowed > 0) {
      moves++;
      for (let column = from; column <= to; column++) {
        costs[column] = trial[column]!;
        changedAt[column] = moves;
      }
      return true;
    }
    line.rows[first] = was;
    line.rows[last] = lastWas;
    return false;
  };
  const tried = new Map<number, Int32Array>();
  /** By vertex, how many moves there had been when such a step was last tried in vain. */
  const triedAt = (step: number): Int32Array => {
    let at = tried.get(step);
    if (at === undefined) tried.set(step, (at = new Int32Array(count).fill(-1)));
    return at;
  };
  const inner = reachPx / 2;
  /** Do the columns around a vertex look as drawn already? */
  const fits = (i: number): boolean => {
    const from = Math.max(1, Math.floor(line.columns[i]! - 1));
    const to = Math.min(columns - 2, Math.floor(line.columns[i]! + 1));
    let cost = 0;
    for (let column = from; column <= to; column++) cost += costs[column]!;
    return cost < FITTING_COST;
  };
  return {
    gainOf(end, beside) {
      const [left, right] = [line.columns[Math.min(end, beside)]!, line.columns[Math.max(end, beside)]!];
      const from = Math.max(1, Math.floor(left - reachPx));
      const to = Math.min(columns - 2, Math.floor(right + reachPx));
      const [column, row] = [line.columns[end]!, line.rows[end]!];
      let gain = 0;
      for (let at = from; at <= to; at++) gain -= columnCost(at);
      line.columns[end] = line.columns[beside]!;
      line.rows[end] = line.rows[beside]!;
      for (let at = from; at <= to; at++) gain += columnCost(at);
      line.columns[end] = column;
      line.rows[end] = row;
      return gain;
    },
    step(step) {
      const tried = triedAt(step);
      for (let i = 0; i < count; i++) {
        if (effort.left <= 0) return;
        if (step > FINE_STEP && fits(i)) continue;
        if (!isChanged(i, i, tried[i]!)) continue;
        const row = line.rows[i]!;
        if (tryRows(i, i, row - step, row - step) || tryRows(i, i, row + step, row + step)) continue;
        tried[i] = moves;
      }
    },
    jump() {
      const tried = triedAt(JUMP);
      for (let i = 0; i < count; i++) {
        if (effort.left <= 0) return;
        if (fits(i)) continue;
        const other = Math.min(i + 1, count - 1);
        if (!isChanged(i, other, tried[i]!)) continue;
        const before = moves;
        const column = besideFrame(Math.floor(line.columns[i]!), columns);
        const top = tops[column]! + inner;
        const bottom = bottoms[column]! + 1 - inner;
        tryRows(i, i, top, top);
        tryRows(i, i, bottom, bottom);
        const middle = (top + bottom) / 2;
        tryRows(i, i, middle, middle);
        if (other > i) {
          tryRows(i, other, line.rows[other]!, line.rows[i]!);
          tryRows(i, other, top, bottom);
          tryRows(i, other, bottom, top);
        }
        if (moves === before) tried[i] = moves;
      }
    },
  };
}
