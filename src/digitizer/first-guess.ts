/**
 * The first guess of a line's vertices, from the ink along each stretch alone.
 */
import type { Polyline } from "./pens.ts";
import { besideFrame, type Trace } from "./trace.ts";

/** Most rows that a sample is tried on in the first guess. */
const MAX_ROWS = 18;
/** Rows with less ink than this are the line's soft edge. */
const MIN_INK = 0.2;

/** Viterbi over rows of ink: each stretch counts for itself by the ink along its way. */
export function guessRows(trace: Trace, line: Polyline): void {
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
