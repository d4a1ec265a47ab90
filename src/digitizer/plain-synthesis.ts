/**
 * Samples of a line without anti-aliasing. Whole pixels alone tell nothing of a vertex, but where one column's run of
 * ink ends and the next one's begins does: a steep stretch changes columns half way between its ends.
 * Owns that search, by dynamic programming over the possible rows of each column.
 */
import { PAIRED } from "./crowds.ts";
import { createDescent } from "./descent.ts";
import { spend } from "./effort.ts";
import type { StraightJoin } from "./joins.ts";
import type { Pen } from "./pens.ts";
import type { FittedLine } from "./refinement.ts";
import type { SampleGrid } from "./sample-grid.ts";
import { inkedRows, type Trace } from "./trace.ts";

/** The samples that share a column. */
interface Node {
  column: number;
  sample: number;
  count: number;
  /** Row of the first and of the last sample, in pairs. */
  ways: number[];
}

const INKED = 0.5;
/** Most rows that a column's only sample is tried on. */
const MAX_ROWS = 14;
/** Rows tried for each of two samples in one column. */
const SHARED_ROWS = 5;
/** How far from a row found among few others its column is searched again. */
const NEAR_ROWS = 3;
const SHARED_NEAR_ROWS = 1;
/** Rows beyond the frame where a vertex may lie whose line leaves it. */
const BEYOND = [1, 4, 12, 36];
/** One column is no further off than this, in squared px, lest stray ink outweigh all else. */
const MOST_OFF = 40;
/** How far each vertex found is moved in search of a better one, in px. */
const STEPS = [1, 2, 1, 3, 1];

/** Finds the samples whose line, drawn in whole pixels, has the trace's runs of ink: none where that is too much work. */
export function synthesizePlain(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): FittedLine {
  const listed = listNodes(trace, grid, joins, pen.offsetPx);
  const nodes = spend(trace.effort, workOf(listed)) ? listed : [];
  const samples: number[] = [];
  const [columns, rows, joined]: [number[], number[], number[]] = [[], [], []];
  const bridged = new Map(joins.map(({ fromSample, toSample }) => [fromSample, toSample]));
  for (let start = 0; start < nodes.length;) {
    let end = start + 1;
    while (end < nodes.length && follows(nodes[end - 1]!, nodes[end]!, bridged)) end++;
    const chain = nodes.slice(start, end);
    const roughly = solve(trace, chain);
    const finer = chain.map((_, i) => narrow(trace, chain, roughly, i));
    const found = spend(trace.effort, workOf(finer)) ? solve(trace, finer) : roughly;
    for (const [i, { column, sample, count }] of chain.entries()) {
      const [first, last] = found[i]!;
      for (let k = 0; k < count; k++) {
        samples.push(sample + k);
        columns.push(column);
        rows.push(count === 1 ? first : Math.round(first + ((last - first) * k) / (count - 1)));
        joined.push(i + 1 < chain.length || k + 1 < count ? 1 : 0);
      }
    }
    start = end;
  }
  const line = {
    columns: Float64Array.from(columns),
    rows: Float64Array.from(rows),
    joined: Uint8Array.from(joined),
  };
  // The runs alone don't tell which of two pixels a line takes that are as near to it, nor all rows of a long run. Of many
  // samples in one column none but its ends show.
  if (samples.length > 0 && grid.spacing >= PAIRED) {
    const descent = createDescent(trace, line, pen);
    for (const step of STEPS) descent.step(step);
  }
  return { line, samples: Int32Array.from(samples) };
}

/** How often a column's run is compared: for each way with each one of both columns beside it. */
function workOf(nodes: readonly Node[]): number {
  const countAt = (i: number): number => (nodes[i]?.ways.length ?? 2) / 2;
  let work = 0;
  for (let i = 0; i < nodes.length; i++) {
    const between = Math.max(1, (nodes[i + 1]?.column ?? 0) - nodes[i]!.column);
    work += countAt(i) * countAt(i + 1) * (countAt(i - 1) + between);
  }
  return work;
}

function follows(before: Node, node: Node, bridged: ReadonlyMap<number, number>): boolean {
  const last = before.sample + before.count - 1;
  return node.sample === last + 1 || bridged.get(last) === node.sample;
}

function listNodes(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], offsetPx: number): Node[] {
  const nodes: Node[] = [];
  for (let sample = 0; sample < grid.count; sample++) {
    const column = Math.floor(grid.firstColumn + sample * grid.spacing + offsetPx);
    if (column < 1 || column > trace.columns - 2) continue;
    if (joins.some(({ fromSample, toSample }) => sample > fromSample && sample < toSample)) continue;
    const last = nodes.at(-1);
    if (last !== undefined && last.column === column) last.count++;
    else nodes.push({ column, sample, count: 1, ways: [] });
  }
  for (const node of nodes) node.ways = listWays(trace, node);
  return nodes.filter(({ ways }) => ways.length > 0);
}

function listWays(trace: Trace, { column, count }: Node): number[] {
  const ways: number[] = [];
  const [top, bottom] = inkedRows(trace, column, INKED);
  if (bottom < top) return ways;
  const tried = rowsBetween(top, bottom, count === 1 ? MAX_ROWS : SHARED_ROWS);
  if (top === 1) for (const far of BEYOND) tried.push(-far);
  if (bottom === trace.rows - 2) for (const far of BEYOND) tried.push(trace.rows - 1 + far);
  if (count === 1) for (const row of tried) ways.push(row, row);
  else for (const first of tried) for (const last of tried) ways.push(first, last);
  return ways;
}

/** All rows of a short run; of a long one those near its ends, and some between. */
function rowsBetween(top: number, bottom: number, most: number): number[] {
  const height = bottom - top + 1;
  if (height <= most) return Array.from({ length: height }, (_, k) => top + k);
  const near = most >= 10 ? 4 : 1;
  const between = most - 2 * near;
  const inner = Array.from({ length: between }, (_, k) =>
    Math.round(top + near + ((k + 0.5) * (height - 2 * near)) / between),
  );
  return [
    ...Array.from({ length: near }, (_, k) => top + k),
    ...inner,
    ...Array.from({ length: near }, (_, k) => bottom - near + 1 + k),
  ];
}

/**
 * A column with the rows to try on once more, where not all of its long run were: those around the rows found, and where a
 * stretch would end that starts at an end of the next run, or in its row, and changes columns between the two.
 */
function narrow(
  { tops, bottoms }: Trace,
  chain: readonly Node[],
  found: readonly (readonly [number, number])[],
  at: number,
): Node {
  const node = chain[at]!;
  const [top, bottom] = [tops[node.column]!, bottoms[node.column]!];
  const isShared = node.count > 1;
  if (bottom - top < (isShared ? SHARED_ROWS : MAX_ROWS)) return node;
  const rowsAround = (row: number, beside: readonly number[]): number[] => {
    const near = isShared ? SHARED_NEAR_ROWS : NEAR_ROWS;
    const tried = new Set(Array.from({ length: 2 * near + 1 }, (_, k) => row + k - near));
    for (const i of beside) {
      const other = chain[i];
      if (other === undefined || Math.abs(other.column - node.column) !== 1) continue;
      const ends = [tops[other.column]!, bottoms[other.column]!, found[i]![i < at ? 1 : 0]];
      for (const end of ends) tried.add(2 * top - 1 - end).add(2 * bottom + 1 - end);
    }
    return [...tried].filter((other) => other === row || (other >= top && other <= bottom));
  };
  const [first, last] = found[at]!;
  if (!isShared) return { ...node, ways: rowsAround(first, [at - 1, at + 1]).flatMap((row) => [row, row]) };
  const lasts = rowsAround(last, [at + 1]);
  return { ...node, ways: rowsAround(first, [at - 1]).flatMap((row) => lasts.flatMap((other) => [row, other])) };
}

/** Viterbi; a state is the way of one column and of the next, since a run ends half way to both neighbours. */
function solve(trace: Trace, nodes: readonly Node[]): [number, number][] {
  const { tops, bottoms } = trace;
  const choices: Int32Array[] = [];
  let before: Node | undefined;
  let best = new Float64Array(nodes[0]!.ways.length / 2);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const next = nodes[i + 1];
    const [top, bottom] = [tops[node.column]! - 0.5, bottoms[node.column]! + 0.5];
    const [beforeCount, count, nextCount] = [
      (before?.ways.length ?? 2) / 2,
      node.ways.length / 2,
      (next?.ways.length ?? 2) / 2,
    ];
    const reached = new Float64Array(count * nextCount).fill(Infinity);
    const choice = new Int32Array(count * nextCount);
    for (let b = 0; b < count; b++) {
      const [first, last] = [node.ways[2 * b]!, node.ways[2 * b + 1]!];
      const [high, low] = [Math.min(first, last) - 0.5, Math.max(first, last) + 0.5];
      for (let a = 0; a < beforeCount; a++) {
        const so = best[a * count + b]!;
        const enter =
          before === undefined
            ? first
            : edgeOf(before.column, before.ways[2 * a + 1]!, node.column, first, node.column - 0.5);
        const [highIn, lowIn] = [Math.min(high, enter), Math.max(low, enter)];
        for (let c = 0; c < nextCount; c++) {
          if (so >= reached[b * nextCount + c]!) continue;
          const leave =
            next === undefined ? last : edgeOf(node.column, last, next.column, next.ways[2 * c]!, node.column + 0.5);
          const offTop = Math.max(0.5, Math.min(highIn, leave)) - top;
          const offBottom = Math.min(trace.rows - 1.5, Math.max(lowIn, leave)) - bottom;
          const cost = so + Math.min(MOST_OFF, offTop * offTop + offBottom * offBottom);
          if (cost < reached[b * nextCount + c]!) {
            reached[b * nextCount + c] = cost;
            choice[b * nextCount + c] = a;
          }
        }
      }
    }
    if (next !== undefined) addBetween(trace, node, next, reached);
    best = reached;
    choices.push(choice);
    before = node;
  }
  const found: [number, number][] = [];
  let own = best.indexOf(Math.min(...best));
  let after = 0;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { ways } = nodes[i]!;
    found.unshift([ways[2 * own]!, ways[2 * own + 1]!]);
    const nextCount = (nodes[i + 1]?.ways.length ?? 2) / 2;
    const earlier = choices[i]![own * nextCount + after]!;
    after = own;
    own = earlier;
  }
  return found;
}

/** The row where a stretch crosses from one column into another. */
function edgeOf(fromColumn: number, fromRow: number, toColumn: number, toRow: number, at: number): number {
  return fromRow + ((toRow - fromRow) * (at - fromColumn)) / (toColumn - fromColumn);
}

/** Columns between two that hold samples show the stretch alone. */
function addBetween({ tops, bottoms, rows }: Trace, node: Node, next: Node, reached: Float64Array): void {
  const nextCount = next.ways.length / 2;
  for (let column = node.column + 1; column < next.column; column++)
    for (let b = 0; b < node.ways.length / 2; b++)
      for (let c = 0; c < nextCount; c++) {
        const [from, to] = [node.ways[2 * b + 1]!, next.ways[2 * c]!];
        const enter = edgeOf(node.column, from, next.column, to, column - 0.5);
        const leave = edgeOf(node.column, from, next.column, to, column + 0.5);
        const middle = (enter + leave) / 2;
        const offTop = Math.max(0.5, Math.min(enter, leave, middle - 0.5)) - (tops[column]! - 0.5);
        const offBottom = Math.min(rows - 1.5, Math.max(enter, leave, middle + 0.5)) - (bottoms[column]! + 0.5);
        reached[b * nextCount + c]! += Math.min(MOST_OFF, offTop * offTop + offBottom * offBottom);
      }
}
