/**
 * The first guess of a line's vertices, from the ink along each stretch alone.
 */
import { spend } from "./effort.ts";
import type { Polyline } from "./pens.ts";
import { besideFrame, inkedRows, type Trace } from "./trace.ts";

/** Most rows that a sample is tried on in the first guess. */
const MAX_ROWS = 18;
/** Rows with less ink than this are the line's soft edge. */
const MIN_INK = 0.2;

/** What was guessed on a trace: pens that differ in width alone put their vertices into the same columns. */
const guessed = new WeakMap<Trace, Polyline[]>();

/** Gives a line's vertices their rows; false where that is too much work. */
export function guessRows(trace: Trace, line: Polyline): boolean {
  const known = guessed.get(trace) ?? [];
  const alike = known.find(({ columns, joined }) => isSame(columns, line.columns) && isSame(joined, line.joined));
  if (alike !== undefined) {
    line.rows.set(alike.rows);
    return true;
  }
  if (!spend(trace.effort, workOf(trace, line))) return false;
  searchRows(trace, line);
  guessed.set(trace, [...known, { ...line, rows: line.rows.slice() }]);
  return true;
}

/** Pixels that are looked at along the stretches between all rows that are tried. */
function workOf(trace: Trace, { columns }: Polyline): number {
  let [work, before] = [0, 0];
  for (let i = 0; i < columns.length; i++) {
    const column = besideFrame(Math.floor(columns[i]!), trace.columns);
    const height = Math.max(1, trace.bottoms[column]! - trace.tops[column]! + 1);
    const across = columns[i]! - (columns[i - 1] ?? columns[i]!);
    work += Math.min(MAX_ROWS, height) * Math.min(MAX_ROWS, before) * Math.max((height + before) / 2, across);
    before = height;
  }
  return work;
}

function isSame(a: Float64Array | Uint8Array, b: Float64Array | Uint8Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Viterbi over rows of ink: each stretch counts for itself by the ink along its way. */
function searchRows(trace: Trace, line: Polyline): void {
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

function rowsToTry(trace: Trace, column: number): Float64Array {
  const [top, bottom] = inkedRows(trace, column, MIN_INK);
  const count = Math.min(MAX_ROWS, bottom - top + 1);
  return Float64Array.from({ length: count }, (_, i) =>
    count === 1 ? top + 0.5 : top + 0.5 + (i * (bottom - top)) / (count - 1),
  );
}

/** Squared ink of the stretch, less twice what of it is there: least where it explains most. */
function stretchCost({ coverage, rows }: Trace, x1: number, y1: number, x2: number, y2: number): number {
  const across = x2 - x1;
  const down = y2 - y1;
  const steps = Math.max(1, Math.ceil(Math.max(Math.abs(down), across)));
  let cost = 0;
  const weight = Math.max(Math.abs(down), across) / steps;
  // Beyond the picture there is no ink. Asking the array itself there would make all of its answers slow.
  const size = coverage.length;
  const isSteep = Math.abs(down) > across;
  for (let k = 0; k < steps; k++) {
    const at = (k + 0.5) / steps;
    const x = x1 + at * across;
    const y = y1 + at * down;
    // The two pixels that share the line's ink here, and the second one's share.
    const column = Math.floor(isSteep ? x - 0.5 : x);
    const row = Math.floor(isSteep ? y : y - 0.5);
    const share = isSteep ? x - 0.5 - column : y - 0.5 - row;
    const first = column * rows + row;
    const second = isSteep ? first + rows : first + 1;
    const ink =
      (1 - share) * (first >= 0 && first < size ? coverage[first]! : 0) +
      share * (second >= 0 && second < size ? coverage[second]! : 0);
    const square = (1 - share) * (1 - share) + share * share;
    cost += weight * (square - 2 * ink);
  }
  return cost;
}
