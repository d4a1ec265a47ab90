/**
 * The first guess of a thin line's vertices (`thin-pen.ts`): where each column's run of ink begins and ends tells them, row
 * by row. Owns that search, by dynamic programming over the possible rows of each vertex.
 */
import { spend } from "./effort.ts";
import type { Polyline } from "./pens.ts";
import { createStroke, findRows } from "./stroke.ts";
import { findStroke } from "./thin-pen.ts";
import { besideFrame, inkedRows, type Trace } from "./trace.ts";

const INKED = 0.5;
/** A vertex this far from a column's middle, in px, may have drawn it. */
const NEAR_PX = 0.7;
/** Rows of a short run are tried this close, and one beyond either end, as a stretch is drawn up to a pixel too short. */
const STEP = 0.5;
const BEYOND_PX = 0.25;
/** How far beyond the frame a vertex may lie whose line leaves it. */
const FAR_PX = [4, 12, 36];
/** Most rows inside of a run that a vertex is tried on. */
const MAX_ROWS = 12;
/** Columns from a vertex on in which stretches before it may have drawn: those on either side of it. */
const OPEN = 2;

/** The likeliest way to each row that a vertex is tried on. */
interface Ways {
  rows: Float64Array;
  /** How far the columns that no later stretch draws in are off, in rows. */
  costs: Float64Array;
  /** The runs of the columns that one may yet draw in, `OPEN` to a way: none where the last lies before the first. */
  tops: Float64Array;
  bottoms: Float64Array;
  /** Which way to the vertex before each one goes on. */
  before: Int32Array;
}

/** Gives a line's vertices their rows; false where that is too much work. */
export function guessThinRows(trace: Trace, line: Polyline): boolean {
  const runs = Array.from({ length: trace.columns }, (_, column) => inkedRows(trace, column, INKED));
  const tried = Array.from(line.columns, (at) => rowsToTry(trace, runs, at - 0.5));
  let work = 0;
  for (let i = 1; i < tried.length; i++) work += widthOf(line, i - 1) * tried[i]!.length * tried[i - 1]!.length;
  if (!spend(trace.effort, work)) return false;
  for (let start = 0; start < tried.length;) {
    let end = start;
    while (line.joined[end] === 1) end++;
    solveChain(runs, line, tried, start, end);
    start = end + 1;
  }
  return true;
}

type Runs = readonly (readonly [top: number, bottom: number])[];

/** @param at of the vertex, where whole numbers are the middles of pixels */
function rowsToTry({ columns, rows }: Trace, runs: Runs, at: number): Float64Array {
  let [top, bottom] = [Infinity, -Infinity];
  for (const column of [Math.floor(at), Math.ceil(at)]) {
    const [first, last] = runs[column] ?? [0, -1];
    if (Math.abs(column - at) > NEAR_PX || last < first) continue;
    top = Math.min(top, first);
    bottom = Math.max(bottom, last);
  }
  // Behind the frame nothing tells but the column beside it.
  if (bottom < top) [top, bottom] = runs[besideFrame(Math.round(at), columns)]!;
  if (bottom < top) return Float64Array.of(rows / 2);
  const count = Math.min(MAX_ROWS, Math.ceil((bottom - top + 1) / STEP));
  const inside = Array.from({ length: count }, (_, k) => top + ((k + 0.5) * (bottom - top + 1)) / count);
  const beyond = [top - BEYOND_PX, bottom + 1 + BEYOND_PX];
  if (top === 1) beyond.push(...FAR_PX.map((far) => -far));
  if (bottom === rows - 2) beyond.push(...FAR_PX.map((far) => rows + far));
  return Float64Array.from([...inside, ...beyond]);
}

/** Viterbi over the rows of vertices `start` to `end`, which are joined. */
function solveChain(runs: Runs, line: Polyline, tried: readonly Float64Array[], start: number, end: number): void {
  const { columns } = line;
  const chain: Ways[] = [createWays(tried[start]!)];
  const stroke = createStroke();
  for (let i = start; i < end; i++) {
    const from = chain.at(-1)!;
    const to = createWays(tried[i + 1]!);
    const base = Math.floor(columns[i]! - 0.5);
    const width = widthOf(line, i);
    const done = width - OPEN;
    const tops = new Float64Array(width);
    const bottoms = new Float64Array(width);
    for (const [b, row] of to.rows.entries()) {
      let least = Infinity;
      for (const [a, before] of from.rows.entries()) {
        let cost = from.costs[a]!;
        if (cost >= least) continue;
        for (let c = 0; c < width; c++) {
          tops[c] = c < OPEN ? from.tops[a * OPEN + c]! : Infinity;
          bottoms[c] = c < OPEN ? from.bottoms[a * OPEN + c]! : -Infinity;
        }
        if (findStroke(stroke, columns[i]!, before, columns[i + 1]!, row))
          for (let column = stroke.fromColumn; column <= stroke.toColumn; column++) {
            findRows(stroke, column);
            const c = column - base;
            if (stroke.top < tops[c]!) tops[c] = stroke.top;
            if (stroke.bottom > bottoms[c]!) bottoms[c] = stroke.bottom;
          }
        for (let c = 0; c < done; c++) cost += offBy(runs, base + c, tops[c]!, bottoms[c]!, false);
        // What the other columns have too much of stays so, whatever later stretches draw.
        let sum = cost;
        for (let c = done; c < width && sum < least; c++) sum += offBy(runs, base + c, tops[c]!, bottoms[c]!, true);
        if (sum >= least) continue;
        least = sum;
        to.costs[b] = cost;
        to.before[b] = a;
        for (let c = 0; c < OPEN; c++) {
          to.tops[b * OPEN + c] = tops[c + done]!;
          to.bottoms[b * OPEN + c] = bottoms[c + done]!;
        }
      }
    }
    chain.push(to);
  }
  const last = chain.at(-1)!;
  const base = Math.floor(columns[end]! - 0.5);
  const costs = last.costs.map((cost, way) => {
    for (let at = way * OPEN, c = 0; c < OPEN; c++, at++)
      if (last.bottoms[at]! >= last.tops[at]!) cost += offBy(runs, base + c, last.tops[at]!, last.bottoms[at]!, false);
    return cost;
  });
  let own = costs.indexOf(Math.min(...costs));
  for (let i = end; i >= start; i--) {
    const { rows, before } = chain[i - start]!;
    line.rows[i] = rows[own]!;
    own = before[own]!;
  }
}

/** Columns from vertex `i` on that the stretch to the next one may draw in, and the `OPEN` ones that are left open then. */
function widthOf({ columns }: Polyline, i: number): number {
  return Math.floor(columns[i + 1]! - 0.5) - Math.floor(columns[i]! - 0.5) + OPEN;
}

function createWays(rows: Float64Array): Ways {
  return {
    rows,
    costs: new Float64Array(rows.length),
    tops: new Float64Array(rows.length * OPEN).fill(Infinity),
    bottoms: new Float64Array(rows.length * OPEN).fill(-Infinity),
    before: new Int32Array(rows.length),
  };
}

/**
 * How many rows a column's run as drawn is off from the picture's.
 * @param isOpen more may yet be drawn: only what is too much counts
 */
function offBy(runs: Runs, column: number, top: number, bottom: number, isOpen: boolean): number {
  if (column < 1 || column > runs.length - 2) return 0;
  const [there, thereLast] = runs[column]!;
  if (bottom < top) return isOpen || thereLast < there ? 0 : thereLast - there + 1;
  if (thereLast < there) return bottom - top + 1;
  const above = there - top;
  const below = bottom - thereLast;
  return isOpen ? Math.max(0, above) + Math.max(0, below) : Math.abs(above) + Math.abs(below);
}
