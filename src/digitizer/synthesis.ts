/**
 * Samples by synthesis: the rows of the vertices that, drawn again as GD draws, give the picture.
 * Owns the search: each column that holds samples has a few possible rows, and dynamic programming
 * takes the sequence whose redrawn ink is nearest to the ink that is there.
 */
import type { StraightJoin } from "./joins.ts";
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";
import { layRun, layStretch } from "./wu-line.ts";

/** The rows of the samples, one a grid sample; NaN where the plot shows none. Rows outside of the frame are clipped. */
export type SampleRows = Float64Array;

/** The samples that share a column, and how the line may enter and leave it. */
interface Node {
  column: number;
  /** First grid sample in this column, and how many there are. */
  sample: number;
  count: number;
  /** Row of the first sample (the line enters there) and of the last one, in pairs. Empty: the plot shows none. */
  ways: number[];
}

const STRICTLY_FULL = 0.992;
const MAX_WAYS = 10;
/** A column with many ways that is tall as well is noise: fewer are tried, so that no picture takes long. */
const MIN_WAYS = 4;
const TALL_PX = 600;
const MAX_EDGE_ROWS = 40;
/** Ink that a sample hidden behind the frame must explain at the least. */
const HIDDEN_COST = 0.1;
/** Ink at the frame's edge from here on may lead beyond it. */
const EDGE_INK = 0.05;
/** Rows above the frame (mirrored below it) where a vertex beyond the axis may lie. */
const BEYOND = [0, 1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 56, 80];

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

function listNodes(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], thickness: number): Node[] {
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
  for (const node of nodes) node.ways = listWays(trace, node, thickness, grid.spacing);
  return nodes;
}

function listWays(trace: Trace, node: Node, thickness: number, spacing: number): number[] {
  const { coverage, rows, tops, bottoms, full } = trace;
  const base = node.column * rows;
  const ways: number[] = [];
  if (node.column <= 0 || node.column >= trace.columns - 1) {
    // Many samples share the frame's own column on a plot of many days: nothing can be told of them.
    if (node.count <= 2) for (const row of edgeRows(trace, node.column)) ways.push(row, row);
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
function thin(ways: number[], most: number): void {
  const count = ways.length / 2;
  const kept: number[] = [];
  for (let i = 0; i < most; i++) {
    const way = Math.round((i * (count - 1)) / (most - 1));
    kept.push(ways[2 * way]!, ways[2 * way + 1]!);
  }
  ways.splice(0, ways.length, ...kept);
}

/**
 * Viterbi over one unbroken stretch of columns. A column's ink depends on the way before, its own and the
 * next, so that a state is a pair of ways.
 */
function solveChain(redraw: Redraw, nodes: readonly Node[], rows: SampleRows): void {
  const none = [NaN, NaN];
  // best[a * ways + b]: least cost of all columns before node i, where node i-1 goes way a and node i way b.
  let best = new Float64Array(nodes[0]!.ways.length / 2);
  const choices: Int32Array[] = [];
  let before: readonly number[] = none;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!;
    const next = nodes[i + 1];
    const own = node.ways;
    const after = next?.ways ?? none;
    const [beforeCount, ownCount, afterCount] = [before.length / 2, own.length / 2, after.length / 2];
    const reached = new Float64Array(ownCount * afterCount).fill(Infinity);
    const choice = new Int32Array(ownCount * afterCount);
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
            );
          if (cost < reached[b * afterCount + c]!) {
            reached[b * afterCount + c] = cost;
            choice[b * afterCount + c] = a;
          }
        }
      }
    }
    best = reached;
    choices.push(choice);
    before = own;
  }
  // `best` now holds one cost for each way of the last node; walk back.
  let own = best.indexOf(Math.min(...best));
  let after = 0;
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!;
    const afterCount = (nodes[i + 1]?.ways.length ?? 2) / 2;
    const first = node.ways[2 * own]!;
    const last = node.ways[2 * own + 1]!;
    for (let k = 0; k < node.count; k++)
      rows[node.sample + k] = node.count === 1 ? first : first + ((last - first) * k) / (node.count - 1);
    const earlier = choices[i]![own * afterCount + after]!;
    after = own;
    own = earlier;
  }
}

/** Costs of redrawn columns: squared differences of coverage, summed over the rows. */
interface Redraw {
  /** One column, with the stretch that leads into its samples and the one that leads on. NaN: there is none. */
  column(
    column: number,
    enterRow: number,
    leaveRow: number,
    fromColumn: number,
    fromRow: number,
    toColumn: number,
    toRow: number,
  ): number;
  /** All columns strictly between two that hold samples. */
  between(fromColumn: number, fromRow: number, toColumn: number, toRow: number): number;
}

function createRedraw({ coverage, rows, columns, tops, bottoms }: Trace, thickness: number): Redraw {
  const uncovered = new Float32Array(rows).fill(1);
  /** Squared ink of each column: its cost when left blank. */
  const blank = new Float64Array(columns);
  for (let column = 0; column < columns; column++)
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++)
      blank[column]! += coverage[at]! * coverage[at]!;
  const settle = (column: number, top: number, bottom: number): number => {
    const base = column * rows;
    let cost = blank[column]!;
    for (let row = top; row <= bottom; row++) {
      const redrawn = 1 - uncovered[row]!;
      cost += redrawn * (redrawn - 2 * coverage[base + row]!);
      uncovered[row] = 1;
    }
    return cost;
  };
  return {
    column(column, enterRow, leaveRow, fromColumn, fromRow, toColumn, toRow) {
      if (column <= 0 || column >= columns - 1) return Number.isNaN(enterRow) ? 0 : HIDDEN_COST;
      let top = Math.min(enterRow, leaveRow);
      let bottom = Math.max(enterRow, leaveRow);
      if (fromRow < top) top = fromRow;
      if (fromRow > bottom) bottom = fromRow;
      if (toRow < top) top = toRow;
      if (toRow > bottom) bottom = toRow;
      top = Math.max(1, top);
      bottom = Math.min(rows - 2, bottom + thickness - 1);
      for (let k = 0; k < thickness; k++) {
        layRun(uncovered, top, bottom, Math.min(enterRow, leaveRow) + k, Math.max(enterRow, leaveRow) + k);
        if (fromColumn < column && !Number.isNaN(fromRow))
          layStretch(uncovered, top, bottom, column, fromColumn, fromRow + k, column, enterRow + k);
        if (toColumn > column && !Number.isNaN(toRow))
          layStretch(uncovered, top, bottom, column, column, leaveRow + k, toColumn, toRow + k);
      }
      return settle(column, top, bottom);
    },
    between(fromColumn, fromRow, toColumn, toRow) {
      const top = Math.max(1, Math.min(fromRow, toRow));
      const bottom = Math.min(rows - 2, Math.max(fromRow, toRow) + thickness - 1);
      let cost = 0;
      if (Number.isNaN(fromRow + toRow)) {
        for (let column = fromColumn + 1; column < toColumn; column++) cost += blank[column]!;
        return cost;
      }
      for (let column = fromColumn + 1; column < toColumn; column++) {
        for (let k = 0; k < thickness; k++)
          layStretch(uncovered, top, bottom, column, fromColumn, fromRow + k, toColumn, toRow + k);
        cost += settle(column, top, bottom);
      }
      return cost;
    },
  };
}
