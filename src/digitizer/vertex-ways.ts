/**
 * Vertex ways: on which rows GD's line may enter and leave each column that holds samples.
 * Owns the candidates, few a column; `synthesis` chooses among them.
 */
import { CROWDED, levelAround, type Run } from "./crowds.ts";
import type { StraightJoin } from "./joins.ts";
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** The samples that share a column, and how the line may enter and leave it. */
export interface Node {
  column: number;
  /** First grid sample in this column, and how many there are. */
  sample: number;
  count: number;
  /** Row of the first sample (the line enters there) and of the last one, in pairs. Empty: the plot shows none. */
  ways: number[];
  /** Of four or more samples: the rows that they cover in all, whichever of them come first and last. */
  run?: Run | undefined;
}

/** So many samples can be first, last, highest and lowest of their column. */
const FREE = 4;
const STRICTLY_FULL = 0.992;
const MAX_WAYS = 10;
/** A column with many ways that is tall as well is noise: fewer are tried, so that no picture takes long. */
const MIN_WAYS = 4;
const TALL_PX = 600;
const MAX_EDGE_ROWS = 40;
/** Ink at the frame's edge from here on may lead beyond it. */
const EDGE_INK = 0.05;
/** Samples in the frame's own column of which one may be told, and how far beyond its middle the axis may end. */
const MOST_AT_FRAME = 2;
const ON_AXIS_PX = 0.05;
/** Rows above the frame (mirrored below it) where a vertex beyond the axis may lie. */
const BEYOND = [0, 1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 56, 80];

/** The columns that hold samples, with their ways; those inside a join hold none. */
export function listNodes(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], thickness: number): Node[] {
  const nodes: Node[] = [];
  let join = 0;
  for (let sample = 0; sample < grid.count; sample++) {
    while (join < joins.length && joins[join]!.toSample <= sample) join++;
    if (join < joins.length && joins[join]!.fromSample < sample) continue;
    const column = columnOf(grid, sample);
    const last = nodes.at(-1);
    if (last !== undefined && last.column === column) last.count++;
    else nodes.push({ column, sample, count: 1, ways: [] });
  }
  for (const node of [nodes[0], nodes.at(-1)]) if (node !== undefined) keepOnAxis(trace, grid, node);
  for (const node of nodes) node.ways = listWays(trace, node, thickness, grid.spacing);
  if (grid.spacing < CROWDED) freeEnds(trace, nodes, thickness);
  return nodes;
}

/**
 * Leaves out of the frame's own column, where it holds too many samples to tell any, those that would only round into it
 * from beyond the axis.
 */
function keepOnAxis({ columns }: Trace, { firstColumn, spacing }: SampleGrid, node: Node): void {
  if (node.count <= MOST_AT_FRAME || (node.column > 0 && node.column < columns - 1)) return;
  const isOnAxis = (sample: number): boolean => {
    const at = firstColumn + sample * spacing;
    return at > -ON_AXIS_PX && at < columns - 1 + ON_AXIS_PX;
  };
  for (; node.count > 0 && !isOnAxis(node.sample); node.count--) node.sample++;
  while (node.count > 0 && !isOnAxis(node.sample + node.count - 1)) node.count--;
}

function listWays(trace: Trace, node: Node, thickness: number, spacing: number): number[] {
  const { coverage, rows, tops, bottoms, full } = trace;
  const base = node.column * rows;
  const ways: number[] = [];
  if (node.column <= 0 || node.column >= trace.columns - 1) {
    // Many samples share the frame's own column on a plot of many days: nothing can be told of them.
    if (node.count > 0 && node.count <= MOST_AT_FRAME)
      for (const row of edgeRows(trace, node.column)) ways.push(row, row);
    return ways;
  }
  let best = 0;
  let bestRow = -1;
  const bottom = bottoms[node.column]!;
  for (let row = tops[node.column]!; row <= bottom; row++) {
    const cover = coverage[base + row]!;
    if (cover > best) [best, bestRow] = [cover, row];
    if (cover < full) continue;
    let end = row;
    while (end < bottom && coverage[base + end + 1]! >= full) end++;
    const reach = end - thickness + 1;
    if (node.count === 1) for (let at = row; at <= reach; at++) ways.push(at, at);
    else if (reach >= row) pushRun(ways, coverage, base, row, end, thickness);
    row = end;
  }
  if (ways.length === 0 && best > 0.3) ways.push(bestRow, bestRow);
  const most = Math.max(MIN_WAYS, Math.min(MAX_WAYS, Math.floor(TALL_PX / (bottom - tops[node.column]! + 1))));
  if (ways.length > 2 * most) thin(ways, most);
  if (ways.length > 2 * MIN_WAYS) return ways;
  // A vertex beyond the axis shows by the line that runs over the frame's edge, here or on the way from a neighbour.
  const reach = best > 0 ? 0 : Math.ceil(spacing);
  if (touches(trace, node.column, reach, 1)) for (const far of BEYOND) ways.push(-far, -far);
  if (touches(trace, node.column, reach, rows - 2)) for (const far of BEYOND) ways.push(rows - 1 + far, rows - 1 + far);
  return ways;
}

/**
 * The first and the last of many samples in a column may lie anywhere in its run, which the others cover. Where a
 * line leads on outside of the run it tells where from; else they most likely lie on the level of the columns around.
 */
function freeEnds(trace: Trace, nodes: readonly Node[], thickness: number): void {
  const { tops, bottoms, rows } = trace;
  // Where the line runs over the frame's edge, its first and last vertex may lie beyond.
  const isInside = ({ column }: Node): boolean => tops[column]! > 1 && bottoms[column]! < rows - 2;
  // Of a tall column, and of one beside it, more ways than they have would take long.
  const isTall = ({ column }: Node): boolean =>
    [column - 1, column, column + 1].some((near) => MAX_WAYS * (bottoms[near]! - tops[near]! + 1) > TALL_PX);
  const crowds = nodes.filter((node) => node.count >= FREE && node.ways.length > 2 && isInside(node) && !isTall(node));
  const runs = crowds.map(({ column }) => longestRun(trace, column, thickness));
  for (const [i, node] of crowds.entries()) {
    const run = runs[i];
    if (run === undefined) continue;
    node.run = run;
    const level = Math.round(Math.min(run.bottom, Math.max(run.top, levelAround(runs, i))));
    const ends = [level, run.top, run.bottom];
    node.ways = ends.flatMap((first) => ends.flatMap((last) => [first, last]));
  }
}

/** `undefined` where no two rows are wholly covered. */
function longestRun(
  { coverage, rows, tops, bottoms, lossy, full }: Trace,
  column: number,
  thickness: number,
): Run | undefined {
  const least = lossy ? full : STRICTLY_FULL;
  let best: Run | undefined;
  for (let row = tops[column]!; row <= bottoms[column]!; row++) {
    if (coverage[column * rows + row]! < least) continue;
    const top = row;
    while (row < bottoms[column]! && coverage[column * rows + row + 1]! >= least) row++;
    const bottom = row - thickness + 1;
    if (bottom > top && (best === undefined || bottom - top > best.bottom - best.top)) best = { top, bottom };
  }
  return best;
}

function touches({ coverage, rows, columns }: Trace, column: number, reach: number, row: number): boolean {
  for (let near = Math.max(0, column - reach); near <= Math.min(columns - 1, column + reach); near++)
    if (coverage[near * rows + row]! > EDGE_INK) return true;
  return false;
}

/** Two or more samples in a column leave a full run, entered at one end and left at the other. */
function pushRun(
  ways: number[],
  coverage: Float32Array,
  base: number,
  top: number,
  bottom: number,
  thickness: number,
): void {
  let [innerTop, innerBottom] = [top, bottom];
  while (innerTop < bottom && coverage[base + innerTop]! < STRICTLY_FULL) innerTop++;
  while (innerBottom > innerTop && coverage[base + innerBottom]! < STRICTLY_FULL) innerBottom--;
  const tops = innerTop === top ? [top] : [top, innerTop];
  const bottoms = innerBottom === bottom ? [bottom] : [bottom, innerBottom];
  for (const a of tops)
    for (const end of bottoms) {
      const b = Math.max(a, end - thickness + 1);
      ways.push(a, b);
      if (a !== b) ways.push(b, a);
    }
}

/**
 * The frame hides its own columns: the ink of the next column tells where the line comes from, if it does at all.
 * NaN stands for no sample.
 */
function edgeRows({ tops, bottoms, columns }: Trace, column: number): number[] {
  const beside = column <= 0 ? 1 : columns - 2;
  const [top, bottom] = [tops[beside]!, bottoms[beside]!];
  if (bottom < top) return [];
  const rows = [NaN];
  const step = Math.max(1, (bottom - top + 2) / MAX_EDGE_ROWS);
  for (let row = top - 1; row <= bottom + 1; row += step) rows.push(Math.round(row));
  return rows;
}

/** Keeps so many ways, evenly picked. */
export function thin(ways: number[], most: number): void {
  const count = ways.length / 2;
  const kept: number[] = [];
  for (let i = 0; i < most; i++) {
    const way = Math.round((i * (count - 1)) / (most - 1));
    kept.push(ways[2 * way]!, ways[2 * way + 1]!);
  }
  ways.splice(0, ways.length, ...kept);
}
