/**
 * Samples by synthesis: the rows of the vertices that, drawn again as GD draws, give the picture.
 * Owns the search: each column that holds samples has a few possible rows, and dynamic programming
 * takes the sequence whose redrawn ink is nearest to the ink that is there.
 */
import type { Run } from "./crowds.ts";
import type { StraightJoin } from "./joins.ts";
import { createRedraw, type Redraw } from "./redraw-cost.ts";
import type { SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";
import { listNodes, type Node } from "./vertex-ways.ts";

/** The rows of the samples, one a grid sample; NaN where the plot shows none. Rows outside of the frame are clipped. */
export type SampleRows = Float64Array;

/**
 * Finds the sample rows that redraw the trace.
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
      for (let c = 0; c < afterCount; c++) {
        const between =
          next === undefined ? 0 : redraw.between(node.column, own[2 * b + 1]!, next.column, after[2 * c]!);
        for (let a = 0; a < beforeCount; a++) {
          const so = best[a * ownCount + b]! + between;
          if (so >= reached[b * afterCount + c]!) continue;
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
          if (cost < reached[b * afterCount + c]!) {
            reached[b * afterCount + c] = cost;
            choices[choiceAt + b * afterCount + c] = a;
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

/** The extremes of a crowd's run that neither its first nor its last sample has are those of two in the middle. */
function coverRun(rows: SampleRows, { sample, count }: Node, { top, bottom }: Run): void {
  const [first, last] = [rows[sample]!, rows[sample + count - 1]!];
  const middle = sample + (count >> 1);
  if (first !== top && last !== top) rows[middle - 1] = top;
  if (first !== bottom && last !== bottom) rows[middle] = bottom;
}
