/**
 * Samples by synthesis: the rows of the vertices that, drawn again as GD draws, give the picture.
 * Owns the search: each column that holds samples has a few possible rows, and dynamic programming
 * takes the sequence whose redrawn ink is nearest to the ink that is there.
 */
import type { Run } from "./crowds.ts";
import { spend } from "./effort.ts";
import type { StraightJoin } from "./joins.ts";
import { createRedraw, type Redraw } from "./redraw-cost.ts";
import type { SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";
import { listNodes, type Node, thin } from "./vertex-ways.ts";

/** The rows of the samples, one a grid sample; NaN where the plot shows none. Rows outside of the frame are clipped. */
export type SampleRows = Float64Array;

/** Ways left to each column where all of them would be too much work: its ends and its middle. */
const FEW_WAYS = 3;
/** Most ways are dearer than the best before they are drawn. */
const SELDOM = 3;
/** Pixels drawn in a column of a long level stretch. */
const LEAST_HEIGHT = 4;

/**
 * Finds the sample rows that redraw the trace.
 * Of a picture that leaves too much to try, they are found roughly, or not at all.
 * @param thickness of the line in px: it is drawn again that often, each time one row lower
 */
export function synthesize(
  trace: Trace,
  grid: SampleGrid,
  joins: readonly StraightJoin[],
  thickness: number,
): SampleRows {
  const nodes = listNodes(trace, grid, joins, thickness);
  const redraw = createRedraw(trace, thickness);
  const rows: SampleRows = new Float64Array(grid.count).fill(NaN);
  if (!spend(trace.effort, thickness * workOf(nodes, trace.rows))) {
    for (const { ways } of nodes) if (ways.length > 2 * FEW_WAYS) thin(ways, FEW_WAYS);
    if (!spend(trace.effort, thickness * workOf(nodes, trace.rows))) return rows;
  }
  for (let start = 0; start < nodes.length;) {
    if (nodes[start]!.ways.length === 0) {
      start++;
      continue;
    }
    let end = start + 1;
    while (end < nodes.length && nodes[end]!.ways.length > 0) end++;
    solveChain(redraw, nodes.slice(start, end), rows);
    start = end;
  }
  return rows;
}

/** Pixels that are drawn where each way of a column is tried with each one of both columns beside it. */
function workOf(nodes: readonly Node[], rows: number): number {
  const tops = nodes.map(({ ways }) =>
    Math.max(
      0,
      ways.reduce((top, row) => (row < top ? row : top), rows),
    ),
  );
  const bottoms = nodes.map(({ ways }) =>
    Math.min(
      rows,
      ways.reduce((bottom, row) => (row > bottom ? row : bottom), 0),
    ),
  );
  const countAt = (i: number): number => Math.max(1, (nodes[i]?.ways.length ?? 0) / 2);
  let work = 0;
  for (let i = 0; i < nodes.length; i++) {
    const top = Math.min(tops[i - 1] ?? rows, tops[i]!, tops[i + 1] ?? rows);
    const bottom = Math.max(bottoms[i - 1] ?? 0, bottoms[i]!, bottoms[i + 1] ?? 0);
    const height = Math.max(0, bottom - top) + 1;
    const between = (nodes[i + 1]?.column ?? 0) - nodes[i]!.column - 1;
    work += countAt(i) * countAt(i + 1) * (countAt(i - 1) * height + Math.max(0, between) * LEAST_HEIGHT);
  }
  return work / SELDOM;
}

/**
 * Viterbi over one unbroken stretch of columns. A column's ink depends on the way before, its own and the
 * next, so that a state is a pair of ways.
 */
function solveChain(redraw: Redraw, nodes: readonly Node[], rows: SampleRows): void {
  const none = [NaN, NaN];
  // best[a * ways + b]: least cost of all columns before node i, where node i-1 goes way a and node i way b.
  const most = nodes.reduce((ways, node) => Math.max(ways, node.ways.length / 2), 1);
  let best = new Float64Array(most * most);
  let reached = new Float64Array(most * most);
  const order = new Int32Array(most);
  // choices[choicesAt[i] + b * ways + c]: the way of node i-1 where node i goes way b and node i+1 way c.
  const choicesAt = new Int32Array(nodes.length + 1);
  for (let i = 0; i < nodes.length; i++)
    choicesAt[i + 1] = choicesAt[i]! + (nodes[i]!.ways.length / 2) * ((nodes[i + 1]?.ways.length ?? 2) / 2);
  const choices = new Int32Array(choicesAt[nodes.length]!);
  let before: readonly number[] = none;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const next = nodes[i + 1];
    const own = node.ways;
    const after = next?.ways ?? none;
    const [beforeCount, ownCount, afterCount] = [before.length / 2, own.length / 2, after.length / 2];
    reached.fill(Infinity, 0, ownCount * afterCount);
    const choiceAt = choicesAt[i]!;
    const beforeColumn = nodes[i - 1]?.column ?? NaN;
    for (let b = 0; b < ownCount; b++) {
      // The likeliest first, which leave nothing to the others: of several as good, the first one in the list is taken.
      sortByCost(order, beforeCount, best, ownCount, b);
      for (let c = 0; c < afterCount; c++) {
        const between =
          next === undefined ? 0 : redraw.between(node.column, own[2 * b + 1]!, next.column, after[2 * c]!);
        const to = b * afterCount + c;
        for (let k = 0; k < beforeCount; k++) {
          const a = order[k]!;
          const so = best[a * ownCount + b]! + between;
          if (so > reached[to]!) break;
          if (so === reached[to]! && a > choices[choiceAt + to]!) continue;
          const cost =
            so +
            redraw.column(
              node.column,
              own[2 * b]!,
              own[2 * b + 1]!,
              beforeColumn,
              before[2 * a + 1]!,
              next?.column ?? NaN,
              after[2 * c]!,
              node.run,
            );
          if (cost < reached[to]! || (cost === reached[to]! && a < choices[choiceAt + to]!)) {
            reached[to] = cost;
            choices[choiceAt + to] = a;
          }
        }
      }
    }
    [best, reached] = [reached, best];
    before = own;
  }
  // `best` now holds one cost for each way of the last node; walk back.
  const ends = best.subarray(0, before.length / 2);
  let own = ends.indexOf(Math.min(...ends));
  let after = 0;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const afterCount = (nodes[i + 1]?.ways.length ?? 2) / 2;
    const first = node.ways[2 * own]!;
    const last = node.ways[2 * own + 1]!;
    for (let k = 0; k < node.count; k++)
      rows[node.sample + k] = node.count === 1 ? first : first + ((last - first) * k) / (node.count - 1);
    if (node.run !== undefined) coverRun(rows, node, node.run);
    const earlier = choices[choicesAt[i]! + own * afterCount + after]!;
    after = own;
    own = earlier;
  }
}

/** Fills `order` with the ways a before way b, cheapest first; those as cheap as each other as they come. */
function sortByCost(order: Int32Array, count: number, best: Float64Array, ownCount: number, b: number): void {
  for (let a = 0; a < count; a++) {
    const cost = best[a * ownCount + b]!;
    let at = a;
    for (; at > 0 && best[order[at - 1]! * ownCount + b]! > cost; at--) order[at] = order[at - 1]!;
    order[at] = a;
  }
}

/** The extremes of a crowd's run that neither its first nor its last sample has are those of two in the middle. */
function coverRun(rows: SampleRows, { sample, count }: Node, { top, bottom }: Run): void {
  const [first, last] = [rows[sample]!, rows[sample + count - 1]!];
  const middle = sample + (count >> 1);
  if (first !== top && last !== top) rows[middle - 1] = top;
  if (first !== bottom && last !== bottom) rows[middle] = bottom;
}
