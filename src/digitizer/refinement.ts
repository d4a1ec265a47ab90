/**
 * Samples by refinement: for pens whose vertices lie anywhere between pixels.
 * Owns the search: a first guess by dynamic programming over single stretches, then each vertex is moved
 * for as long as the redrawn columns around it come nearer to the picture.
 */
import type { StraightJoin } from "./joins.ts";
import type { Pen, Polyline } from "./pens.ts";
import type { SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** Most rows that a sample is tried on in the first guess. */
const MAX_ROWS = 18;
/** Ink that a sample's own column must have. */
const MIN_INK = 0.2;
/** Squared differences of three columns that need no other vertices, only finer ones. */
const FITTING_COST = 0.06;
const FINE_STEP = 0.25;
/** Squared ink that a sample behind the frame must explain. */
const MIN_GAIN = 0.3;

/** A line through the trace, and which grid sample each of its vertices is. */
export interface FittedLine {
  line: Polyline;
  samples: Int32Array;
}

/** Finds the vertices that redraw the trace with a pen. */
export function refine(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): FittedLine {
  const fitted = listVertices(trace, grid, joins, pen);
  guessRows(trace, fitted.line);
  const { line } = fitted;
  const descent = createDescent(trace, line, pen);
  for (const step of [2, 1, 0.5]) descent.step(step);
  for (let round = 0; round < 2; round++) {
    descent.jump();
    for (const step of [2, 1, 0.5, 0.25]) descent.step(step);
  }
  for (const step of [0.5, 0.12, 0.25, 0.06]) descent.step(step);
  return withoutIdleEnds(trace, fitted, descent);
}

/** The samples whose columns hold ink. */
function listVertices(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): FittedLine {
  const inside = (k: number): boolean => joins.some(({ fromSample, toSample }) => k > fromSample && k < toSample);
  const samples: number[] = [];
  const columns: number[] = [];
  for (let k = 0; k < grid.count; k++) {
    const at = grid.firstColumn + k * grid.spacing + pen.offsetPx;
    const column = besideFrame(Math.floor(at), trace.columns);
    // Of the samples that the frame hides only the last one before the picture, and the first one after, may show.
    const isHidden = column !== Math.floor(at);
    if (isHidden && at < 1 && at + grid.spacing < 1) continue;
    if (isHidden && at >= trace.columns - 1 && at - grid.spacing >= trace.columns - 1) continue;
    if (inside(k)) continue;
    let most = 0;
    for (let row = trace.tops[column]!; row <= trace.bottoms[column]!; row++)
      most = Math.max(most, trace.coverage[column * trace.rows + row]!);
    if (most < MIN_INK) continue;
    samples.push(k);
    columns.push(at);
  }
  const joinedAt = new Map(joins.map(({ fromSample, toSample }) => [fromSample, toSample]));
  const joined = samples.map((k, i) => (samples[i + 1] === k + 1 || joinedAt.get(k) === samples[i + 1] ? 1 : 0));
  return {
    line: {
      columns: Float64Array.from(columns),
      rows: new Float64Array(columns.length),
      joined: Uint8Array.from(joined),
    },
    samples: Int32Array.from(samples),
  };
}

/** The column, or the one beside the frame for a column that the frame hides. */
function besideFrame(column: number, columns: number): number {
  return Math.max(1, Math.min(columns - 2, column));
}

/** Viterbi over rows of ink: each stretch counts for itself by the ink along its way. */
function guessRows(trace: Trace, line: Polyline): void {
  const count = line.columns.length;
  const choices: Int32Array[] = [];
  const tried: Float64Array[] = [];
  let best = new Float64Array(1);
  for (let i = 0; i < count; i++) {
    const rows = rowsToTry(trace, besideFrame(Math.floor(line.columns[i]!), trace.columns));
    const reached = new Float64Array(rows.length).fill(i === 0 ? 0 : Infinity);
    const choice = new Int32Array(rows.length);
    const before = tried[i - 1];
    if (before !== undefined)
      for (let b = 0; b < rows.length; b++)
        for (let a = 0; a < before.length; a++) {
          const cost =
            best[a]! +
            (line.joined[i - 1] === 1
              ? stretchCost(trace, line.columns[i - 1]!, before[a]!, line.columns[i]!, rows[b]!)
              : 0);
          if (cost < reached[b]!) {
            reached[b] = cost;
            choice[b] = a;
          }
        }
    best = reached;
    choices.push(choice);
    tried.push(rows);
  }
  let own = best.indexOf(Math.min(...best));
  for (let i = count - 1; i >= 0; i--) {
    line.rows[i] = tried[i]![own]!;
    own = choices[i]![own]!;
  }
}

function rowsToTry({ tops, bottoms, coverage, rows }: Trace, column: number): Float64Array {
  const base = column * rows;
  let [top, bottom] = [tops[column]!, bottoms[column]!];
  while (top < bottom && coverage[base + top]! < MIN_INK) top++;
  while (bottom > top && coverage[base + bottom]! < MIN_INK) bottom--;
  const count = Math.min(MAX_ROWS, bottom - top + 1);
  return Float64Array.from({ length: count }, (_, i) =>
    count === 1 ? top + 0.5 : top + 0.5 + (i * (bottom - top)) / (count - 1),
  );
}

/** Squared ink of the stretch, less twice what of it is there: least where it explains most. */
function stretchCost({ coverage, rows }: Trace, x1: number, y1: number, x2: number, y2: number): number {
  const [across, down] = [x2 - x1, y2 - y1];
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(down), across)));
  let cost = 0;
  const weight = Math.max(Math.abs(down), across) / steps;
  for (let k = 0; k < steps; k++) {
    const at = (k + 0.5) / steps;
    const [x, y] = [x1 + at * across, y1 + at * down];
    let ink: number;
    let square: number;
    if (Math.abs(down) > across) {
      const column = Math.floor(x - 0.5);
      const share = x - 0.5 - column;
      const row = Math.floor(y);
      ink = (1 - share) * (coverage[column * rows + row] ?? 0) + share * (coverage[(column + 1) * rows + row] ?? 0);
      square = (1 - share) * (1 - share) + share * share;
    } else {
      const base = Math.floor(x) * rows;
      const row = Math.floor(y - 0.5);
      const share = y - 0.5 - row;
      ink = (1 - share) * (coverage[base + row] ?? 0) + share * (coverage[base + row + 1] ?? 0);
      square = (1 - share) * (1 - share) + share * share;
    }
    cost += weight * (square - 2 * ink);
  }
  return cost;
}

/** Leaves out a first or last sample that the frame hides and whose stretch explains no ink. */
function withoutIdleEnds({ columns }: Trace, { line, samples }: FittedLine, descent: Descent): FittedLine {
  const count = samples.length;
  const hidden = (i: number): boolean => i >= 0 && (line.columns[i]! < 1 || line.columns[i]! >= columns - 1);
  const from = count > 1 && hidden(0) && descent.gainOf(0) < MIN_GAIN ? 1 : 0;
  const to = count - from > 1 && hidden(count - 1) && descent.gainOf(count - 2) < MIN_GAIN ? count - 1 : count;
  const joined = line.joined.slice(from, to);
  if (to < count) joined[joined.length - 1] = 0;
  return {
    line: { columns: line.columns.slice(from, to), rows: line.rows.slice(from, to), joined },
    samples: samples.slice(from, to),
  };
}

interface Descent {
  /** Moves each vertex up or down by so many px. */
  step(step: number): void;
  /** Tries each vertex, and each pair, at the ends of its column's ink: the way out of a wrong zigzag. */
  jump(): void;
  /** How much ink, squared, the stretch after a vertex explains. */
  gainOf(vertex: number): number;
}

/** Moves vertices only where that brings the redrawn columns nearer to the picture. */
function createDescent(trace: Trace, line: Polyline, pen: Pen): Descent {
  const { coverage, columns, rows, tops, bottoms } = trace;
  const count = line.columns.length;
  const ink = new Float32Array(rows);
  const limit = rows - 2;
  // Which stretches reach a column, found once: columns never move.
  const firstOf = new Int32Array(columns);
  const lastOf = new Int32Array(columns).fill(-1);
  for (let column = 0, from = 0, to = -1; column < columns; column++) {
    while (to + 1 < count && line.columns[to + 1]! < column + 1 + pen.reachPx) to++;
    while (from < to && line.columns[from + 1]! < column - pen.reachPx) from++;
    firstOf[column] = from;
    lastOf[column] = to;
  }
  const columnCost = (column: number): number => {
    let top = tops[column]!;
    let bottom = bottoms[column]!;
    const [from, to] = [firstOf[column]!, lastOf[column]!];
    for (let i = from; i <= Math.min(count - 1, to + 1); i++) {
      const row = line.rows[i]!;
      if (row - 1 - pen.reachPx < top) top = Math.floor(row - 1 - pen.reachPx);
      if (row + 1 + pen.reachPx > bottom) bottom = Math.floor(row + 1 + pen.reachPx);
    }
    top = Math.max(1, top);
    bottom = Math.min(limit, bottom);
    for (let row = top; row <= bottom; row++) ink[row] = 0;
    if (to >= from) pen.drawColumn(ink, top, bottom, column, line, from, to);
    let cost = 0;
    const base = column * rows;
    for (let row = top; row <= bottom; row++) {
      const off = (ink[row]! > 1 ? 1 : ink[row]!) - coverage[base + row]!;
      cost += off * off;
    }
    return cost;
  };
  const costs = new Float64Array(columns);
  for (let column = 1; column < columns - 1; column++) costs[column] = columnCost(column);
  const trial = new Float64Array(columns);

  /** Sets the rows of vertices `first` to `last` where that lessens the cost. */
  const tryRows = (first: number, last: number, row: number, lastRow: number): boolean => {
    const left = line.columns[first > 0 && line.joined[first - 1] === 1 ? first - 1 : first]!;
    const right = line.columns[line.joined[last] === 1 ? last + 1 : last]!;
    const from = Math.max(1, Math.floor(left - pen.reachPx));
    const to = Math.min(columns - 2, Math.floor(right + pen.reachPx));
    const [was, lastWas] = [line.rows[first]!, line.rows[last]!];
    line.rows[first] = row;
    line.rows[last] = lastRow;
    let allowed = -1e-9;
    for (let column = from; column <= to; column++) allowed += costs[column]!;
    for (let column = from; column <= to && allowed > 0; column++) {
      trial[column] = columnCost(column);
      allowed -= trial[column]!;
    }
    if (allowed > 0) {
      for (let column = from; column <= to; column++) costs[column] = trial[column]!;
      return true;
    }
    line.rows[first] = was;
    line.rows[last] = lastWas;
    return false;
  };
  const inner = pen.reachPx / 2;
  /** Do the columns around a vertex look as drawn already? */
  const fits = (i: number): boolean => {
    const from = Math.max(1, Math.floor(line.columns[i]! - 1));
    const to = Math.min(columns - 2, Math.floor(line.columns[i]! + 1));
    let cost = 0;
    for (let column = from; column <= to; column++) cost += costs[column]!;
    return cost < FITTING_COST;
  };
  return {
    gainOf(vertex) {
      if (line.joined[vertex] === 0) return 0;
      const from = Math.max(1, Math.floor(line.columns[vertex]! - pen.reachPx));
      const to = Math.min(columns - 2, Math.floor(line.columns[vertex + 1]! + pen.reachPx));
      let gain = 0;
      line.joined[vertex] = 0;
      for (let column = from; column <= to; column++) gain += columnCost(column);
      line.joined[vertex] = 1;
      for (let column = from; column <= to; column++) gain -= columnCost(column);
      return gain;
    },
    step(step) {
      for (let i = 0; i < count; i++) {
        if (step > FINE_STEP && fits(i)) continue;
        const row = line.rows[i]!;
        if (!tryRows(i, i, row - step, row - step)) tryRows(i, i, row + step, row + step);
      }
    },
    jump() {
      for (let i = 0; i < count; i++) {
        if (fits(i)) continue;
        const column = besideFrame(Math.floor(line.columns[i]!), columns);
        const top = tops[column]! + inner;
        const bottom = bottoms[column]! + 1 - inner;
        tryRows(i, i, top, top);
        tryRows(i, i, bottom, bottom);
        const middle = (top + bottom) / 2;
        tryRows(i, i, middle, middle);
        if (i + 1 >= count) continue;
        tryRows(i, i + 1, line.rows[i + 1]!, line.rows[i]!);
        tryRows(i, i + 1, top, bottom);
        tryRows(i, i + 1, bottom, top);
      }
    },
  };
}
