/**
 * Choosing a pen: which of them, on which grid, explains a busy part of the picture best.
 */
import { CADENCE_MS } from "../model/series.ts";
import { CROWDED, PAIRED } from "./crowds.ts";
import type { StraightJoin } from "./joins.ts";
import { createAreaPen, createPlainPen, createWuPen, type Pen } from "./pens.ts";
import { type Fit, fitWith, mean, worst } from "./pen-fit.ts";
import { columnOf, phaseOf, type SampleGrid } from "./sample-grid.ts";
import { createThinPen } from "./thin-pen.ts";
import { isHard, type Trace } from "./trace.ts";

/** A pen that explains this much both ways is the right one. */
export const GOOD_FIDELITY = 0.97;
/** Where no pen comes nearer than this, the ink is no line. */
export const HOPELESS_FIDELITY = 0.6;
/** How much of the picture tells pens apart. */
const PART_COLUMNS = 80;
const PART_SAMPLES = 40;
/** A column is no busier than this many px, lest one spike draw all attention. */
const MAX_HEIGHT = 30;

/** Nearly all plots are drawn by GD with a line one px thick. */
export const USUAL_PEN = createWuPen(1);
/** Pens that are fast to try. */
const SNAPPING_PENS: readonly Pen[] = [createWuPen(2), createPlainPen(0), createPlainPen(0.5)];
/** Those for lines without anti-aliasing that GD drew. */
const FROM_TOP_PENS: readonly Pen[] = [createPlainPen(0, true), createPlainPen(0.5, true)];
/** Pens for lines without anti-aliasing whose vertices aren't rounded. */
const THIN_PENS: readonly Pen[] = [createThinPen(0), createThinPen(0.5)];
/** One without anti-aliasing that explains less is drawn by a wider pen. */
const THIN_FIDELITY = 0.95;
/** Of two kinds of them, the part of a picture doesn't tell which explains more where they differ by less. */
const NOT_TOLD = 0.08;
/**
 * Where the vertices of lines of real width lie, likeliest first: most programs take a pixel's place for its corner.
 * The line of another one, half a pixel further, looks just like that of samples half a column later.
 */
const PLACINGS = [
  { offsetPx: 0, hasWholeColumns: false },
  { offsetPx: 0, hasWholeColumns: true },
  { offsetPx: 0.5, hasWholeColumns: false },
  { offsetPx: 0.5, hasWholeColumns: true },
];
/** Widths of such lines in px, and the place of the one to begin with. */
const WIDTHS_PX = [1, 1.25, 1.5, 2, 2.5];
const FIRST_WIDTH = 2;
/** Pens by placing and width. */
const AREA_PENS: readonly (readonly Pen[])[] = PLACINGS.map(({ offsetPx, hasWholeColumns }) =>
  WIDTHS_PX.map((widthPx) => createAreaPen(widthPx, offsetPx, hasWholeColumns)),
);
/** What explains no more than this beyond a likelier pen explains no more at all: a tenth of a column does as much. */
export const TIE = 0.006;
/** Minutes this near are tried. */
const NEAR_MS = 60_000;

/** How well samples on a grid, drawn with a pen, explain a part of the picture: the mean share. */
export interface Judged<Of> {
  of: Of;
  pen: Pen;
  share: number;
}

/** How well each of some grids explains the same busy part of the picture, with the fast pens and those like a given one. */
export function judgeGrids<Of extends { grid: SampleGrid }>(trace: Trace, all: readonly Of[], own: Pen): Judged<Of>[] {
  const judge = (of: Of, pen: Pen): Judged<Of> => {
    const part = busyPart(trace, of.grid);
    return { of, pen, share: mean(fitWith(pen, part.trace, part.grid, [])) };
  };
  const pens = [...new Set([own, USUAL_PEN, ...SNAPPING_PENS])];
  const judged = all.flatMap((of) => pens.map((pen) => judge(of, pen)));
  const best = judged.filter(({ pen }) => pen === own).reduce((best, one) => (one.share > best.share ? one : best));
  // Half a column is a few minutes: of a pen with its vertices half a pixel further, at as much another minute, only little shows.
  const twin = own.snaps || own.hasWholeColumns === true ? undefined : twinOf(own);
  if (twin === undefined) return judged;
  const halfMs = (0.5 / best.of.grid.spacing) * CADENCE_MS * (own.offsetPx > twin.offsetPx ? 1 : -1);
  const near = all.filter(({ grid }) => {
    const awayMs = Math.abs(phaseOf(grid.firstMs - best.of.grid.firstMs - halfMs + CADENCE_MS / 2) - CADENCE_MS / 2);
    return awayMs <= NEAR_MS;
  });
  return [...judged, ...near.map((of) => judge(of, twin))];
}

/** The pen that draws the same with its vertices half a pixel further, or nearer; `undefined` of GD's pens. */
export function twinOf(own: Pen): Pen | undefined {
  const kin = own.snaps ? [...SNAPPING_PENS, ...FROM_TOP_PENS] : own.isThin === true ? THIN_PENS : AREA_PENS.flat();
  return kin.find(
    (pen) =>
      pen.thickness === own.thickness &&
      pen.reachPx === own.reachPx &&
      pen.hasWholeColumns === own.hasWholeColumns &&
      pen.isFromTop === own.isFromTop &&
      pen.offsetPx !== own.offsetPx,
  );
}

interface PenFit {
  pen: Pen;
  fit: Fit;
}

/** The other pens to try, at the most two, the likelier ones first, by how they explain a part of the picture. */
export function rankPens(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[]): Pen[] {
  const part = busyPart(trace, grid, joins);
  const judge = (pen: Pen): PenFit => ({ pen, fit: fitWith(pen, part.trace, part.grid, []) });
  const isPlain = isHard(trace) && grid.spacing >= CROWDED;
  const snapping = [...SNAPPING_PENS, ...(isPlain ? FROM_TOP_PENS : [])].map(judge);
  const thin = isPlain && grid.spacing >= PAIRED ? THIN_PENS.map(judge) : [];
  const fastest = likeliest(snapping);
  if (thin.length > 0) {
    // The right one of these explains all, so that no tie is a chance.
    const plain = mostOf(snapping);
    const own = likeliest(thin);
    const most = Math.max(worst(plain.fit), worst(own.fit));
    // A thin line's vertices are free enough to explain nearly all of one between whole pixels, too.
    if (most >= THIN_FIDELITY)
      return [plain, own].filter(({ fit }) => worst(fit) >= most - NOT_TOLD).map(({ pen }) => pen);
  }
  if (worst(fastest.fit) >= GOOD_FIDELITY || grid.spacing < CROWDED) return [fastest.pen];
  const placed = AREA_PENS.map((pens) => fitWidth(pens, judge));
  const own = likeliest(placed);
  const other = mostOf([...placed, ...snapping].filter((one) => one !== own));
  const [first, second] = worst(other.fit) > worst(own.fit) + TIE ? [other, own] : [own, other];
  return worst(first.fit) < HOPELESS_FIDELITY ? [first.pen] : [first.pen, second.pen];
}

/** The one that explains most, ties to the first. */
function mostOf(judged: readonly PenFit[]): PenFit {
  return judged.reduce((most, one) => (worst(one.fit) > worst(most.fit) ? one : most));
}

/** The first of those that do nearly best. */
function likeliest(judged: readonly PenFit[]): PenFit {
  const most = worst(mostOf(judged).fit);
  return judged.find(({ fit }) => worst(fit) >= most - TIE)!;
}

/** The pen of the width that explains most: from the first one on, thinner or wider for as long as that explains more. */
function fitWidth(pens: readonly Pen[], judge: (pen: Pen) => PenFit): PenFit {
  const first = judge(pens[FIRST_WIDTH]!);
  let best = first;
  for (const step of [-1, 1]) {
    for (let next = FIRST_WIDTH + step; pens[next] !== undefined; next += step) {
      const other = judge(pens[next]!);
      if (worst(other.fit) <= worst(best.fit)) break;
      best = other;
    }
    if (best !== first) break;
  }
  return best;
}

/** The columns where the line moves most: they tell pens apart. Straight joins, which have no vertices, don't. */
function busyPart(
  trace: Trace,
  grid: SampleGrid,
  joins: readonly StraightJoin[] = [],
): { trace: Trace; grid: SampleGrid } {
  const { columns, rows, coverage, tops, bottoms } = trace;
  const width = Math.min(columns, Math.ceil(Math.max(PART_COLUMNS, PART_SAMPLES * grid.spacing)));
  let [best, from, sum] = [-Infinity, 0, 0];
  const joined = joins.map(
    ({ fromSample, toSample }) => [columnOf(grid, fromSample), columnOf(grid, toSample)] as const,
  );
  const height = (column: number): number =>
    joined.some(([start, end]) => column > start && column < end)
      ? -MAX_HEIGHT
      : Math.min(MAX_HEIGHT, Math.max(0, bottoms[column]! - tops[column]! + 1));
  for (let column = 0; column < columns; column++) {
    sum += height(column);
    if (column >= width) sum -= height(column - width);
    if (column >= width - 1 && sum > best) [best, from] = [sum, column - width + 1];
  }
  const to = from + width;
  return {
    trace: {
      ...trace,
      columns: width,
      coverage: coverage.subarray(from * rows, to * rows),
      tops: tops.subarray(from, to),
      bottoms: bottoms.subarray(from, to),
    },
    grid: cropGrid(grid, from, to),
  };
}

function cropGrid(grid: SampleGrid, from: number, to: number): SampleGrid {
  const { firstMs, firstColumn, spacing, count } = grid;
  const first = Math.max(0, Math.ceil((from - 0.499 - firstColumn) / spacing));
  const last = Math.min(count - 1, Math.floor((to - 1 + 0.499 - firstColumn) / spacing));
  return {
    firstMs: firstMs + first * CADENCE_MS,
    count: Math.max(0, last - first + 1),
    firstColumn: firstColumn + first * spacing - from,
    spacing,
  };
}
