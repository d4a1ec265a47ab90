/**
 * The fit: the samples that redraw the trace, with the pen that does it best.
 * Owns the choice of the pen; the searches are `synthesis`, `plain-synthesis` and `refinement`.
 */
import type { Fidelity } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import { CROWDED } from "./crowds.ts";
import { lowerShare, measureFidelity } from "./fidelity.ts";
import type { StraightJoin } from "./joins.ts";
import { createAreaPen, createPlainPen, createWuPen, type Pen, type Polyline } from "./pens.ts";
import { synthesizePlain } from "./plain-synthesis.ts";
import { refine } from "./refinement.ts";
import { columnOf, gridOfPen, phaseOf, type SampleGrid } from "./sample-grid.ts";
import { synthesize, type SampleRows } from "./synthesis.ts";
import type { Trace } from "./trace.ts";

/** Samples found with one pen, and how well they explain the picture. */
export interface Fit {
  rows: SampleRows;
  pen: Pen;
  fidelity: Fidelity;
}

/** A pen that explains this much both ways is the right one. */
const GOOD_FIDELITY = 0.97;
/** A smeared copy of what GD drew doesn't come nearer; other pens' lines stay below. */
const LOSSY_FIDELITY = 0.8;
/** Where no pen comes nearer than this, the ink is no line. */
const HOPELESS_FIDELITY = 0.6;
/** Nor where GD's pen stays below this: the lines of other pens it explains by a third and more. */
const NO_LINE = 0.1;
/** Mean height of a column's ink, in heights of the plot area, beyond which it is no line. */
const TALL_SHARE = 0.3;
/** How much of the picture tells pens apart. */
const PART_COLUMNS = 80;
const PART_SAMPLES = 40;
/** A column is no busier than this many px, lest one spike draw all attention. */
const MAX_HEIGHT = 30;

/** Nearly all plots are drawn by GD with a line one px thick. */
const USUAL_PEN = createWuPen(1);
/** Pens that are fast to try, and those that take their time. */
const SNAPPING_PENS: readonly Pen[] = [createWuPen(2), createPlainPen(0), createPlainPen(0.5)];
const AREA_PENS: readonly Pen[] = [1, 1.5, 2].flatMap((widthPx) => [
  createAreaPen(widthPx, 0),
  createAreaPen(widthPx, 0.5),
  createAreaPen(widthPx, 0, true),
]);
/**
 * In a crowd nearly any pen explains nearly all, and the better ones take seconds: so the ink itself tells. Without
 * anti-aliasing, fewer pixels than this share are covered in part.
 */
const HARD_SHARE = 0.02;
const [PART_FROM, PART_TO] = [0.1, 0.9];
const HARD_PEN = createPlainPen(0);
/** GD's own ink is explained to 0.985 there and more, that of softer lines to 0.88 to 0.935. Those round no vertices. */
const SOFT_EXPLAINED = 0.96;
const SOFT_PEN = createWuPen(1, 0);
/** Minutes this near are tried. */
const NEAR_MS = 60_000;
/** How far a rough judgement of a pen may be off. */
const ROUGHLY = 0.12;

/** Finds the samples, with the pen that explains the picture best. */
export function fitSamples(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[]): Fit {
  if (grid.spacing < CROWDED && isHard(trace) && !isTooTall(trace)) return fitWith(HARD_PEN, trace, grid, joins);
  let best = fitWith(USUAL_PEN, trace, grid, joins);
  if (worst(best) >= (trace.lossy ? LOSSY_FIDELITY : GOOD_FIDELITY) || isTooTall(trace)) return best;
  const isSoft = best.fidelity.explained < SOFT_EXPLAINED && best.fidelity.present >= HOPELESS_FIDELITY && !trace.lossy;
  if (grid.spacing < CROWDED && isSoft) return fitWith(SOFT_PEN, trace, grid, joins);
  if (worst(best) < NO_LINE) return best;
  for (const pen of rankPens(trace, grid)) {
    const fit = fitWith(pen, trace, grid, joins);
    if (worst(fit) > worst(best)) best = fit;
    if (worst(best) >= GOOD_FIDELITY) break;
  }
  return best;
}

/** The lower of the two shares. */
export function worst({ fidelity }: Fit): number {
  return lowerShare(fidelity);
}

/** The mean of both, which tells what one of them alone can't where something else bounds the other. */
export function mean({ fidelity }: Fit): number {
  return (fidelity.explained + fidelity.present) / 2;
}

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
  const twin = AREA_PENS.find((pen) => !own.snaps && pen.reachPx === own.reachPx && pen.offsetPx !== own.offsetPx);
  if (twin === undefined || own.hasWholeColumns === true) return judged;
  const halfMs = (0.5 / best.of.grid.spacing) * CADENCE_MS * (own.offsetPx > twin.offsetPx ? 1 : -1);
  const near = all.filter(({ grid }) => {
    const awayMs = Math.abs(phaseOf(grid.firstMs - best.of.grid.firstMs - halfMs + CADENCE_MS / 2) - CADENCE_MS / 2);
    return awayMs <= NEAR_MS;
  });
  return [...judged, ...near.map((of) => judge(of, twin))];
}

/** The other pens to try, best first, by how they explain a part of the picture. */
function rankPens(trace: Trace, grid: SampleGrid): Pen[] {
  const part = busyPart(trace, grid);
  const judge = (pen: Pen, isRough = false): { pen: Pen; fidelity: number } => ({
    pen,
    fidelity: worst(fitWith(pen, part.trace, part.grid, [], isRough)),
  });
  const byFidelity = (a: { fidelity: number }, b: { fidelity: number }): number => b.fidelity - a.fidelity;
  const judged = SNAPPING_PENS.map((pen) => judge(pen)).sort(byFidelity);
  if (judged[0]!.fidelity >= GOOD_FIDELITY || grid.spacing < CROWDED) return [judged[0]!.pen];
  const rough = AREA_PENS.map((pen) => judge(pen, true)).sort(byFidelity);
  const least = Math.max(judged[0]!.fidelity, rough[0]!.fidelity) - ROUGHLY;
  for (const { pen, fidelity } of rough) {
    if (fidelity < least) break;
    const found = judge(pen);
    judged.push(found);
    if (found.fidelity >= GOOD_FIDELITY) return [pen];
  }
  judged.sort(byFidelity);
  return judged.slice(0, judged[0]!.fidelity < HOPELESS_FIDELITY ? 1 : 2).map(({ pen }) => pen);
}

/** Are all pixels covered wholly, or not at all? */
function isHard({ coverage, columns, rows, tops, bottoms }: Trace): boolean {
  let [inked, part] = [0, 0];
  for (let column = 0; column < columns; column++)
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++) {
      if (coverage[at]! < PART_FROM) continue;
      inked++;
      if (coverage[at]! < PART_TO) part++;
    }
  return part < HARD_SHARE * inked;
}

/** A line seldom spans much of the height within one column: what does so everywhere is noise, not worth long work. */
function isTooTall({ columns, rows, tops, bottoms }: Trace): boolean {
  let [sum, inked] = [0, 0];
  for (let column = 0; column < columns; column++) {
    if (bottoms[column]! < tops[column]!) continue;
    sum += bottoms[column]! - tops[column]! + 1;
    inked++;
  }
  return sum > TALL_SHARE * inked * rows;
}

/** The columns where the line moves most: they tell pens apart. */
function busyPart(trace: Trace, grid: SampleGrid): { trace: Trace; grid: SampleGrid } {
  const { columns, rows, coverage, tops, bottoms } = trace;
  const width = Math.min(columns, Math.ceil(Math.max(PART_COLUMNS, PART_SAMPLES * grid.spacing)));
  let [best, from, sum] = [-1, 0, 0];
  const height = (column: number): number => Math.min(MAX_HEIGHT, Math.max(0, bottoms[column]! - tops[column]! + 1));
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

export function fitWith(
  pen: Pen,
  trace: Trace,
  grid: SampleGrid,
  joins: readonly StraightJoin[],
  isRough: boolean = false,
): Fit {
  if (pen.thickness !== undefined) {
    const own = gridOfPen(grid, pen.offsetPx);
    const rows = synthesize(trace, own, joins, pen.thickness);
    const fidelity = measureFidelity(trace, toPolyline(own, rows, joins), pen);
    return { rows: rows.map((row) => row + (0.5 - pen.offsetPx)), pen, fidelity };
  }
  const { line, samples } = pen.snaps
    ? synthesizePlain(trace, grid, joins, pen.offsetPx)
    : refine(trace, grid, joins, pen, isRough);
  const rows: SampleRows = new Float64Array(grid.count).fill(NaN);
  // A snapped row stands for all places in its pixel, so for the middle of it.
  const middle = pen.snaps ? 0.5 : 0;
  for (let i = 0; i < samples.length; i++) rows[samples[i]!] = line.rows[i]! + middle - pen.offsetPx;
  return { rows, pen, fidelity: measureFidelity(trace, line, pen) };
}

function toPolyline(grid: SampleGrid, rows: SampleRows, joins: readonly StraightJoin[]): Polyline {
  let count = 0;
  for (let k = 0; k < grid.count; k++) if (!Number.isNaN(rows[k]!)) count++;
  const line = { columns: new Float64Array(count), rows: new Float64Array(count), joined: new Uint8Array(count) };
  let before = -1;
  for (let k = 0, i = 0; k < grid.count; k++) {
    if (Number.isNaN(rows[k]!)) continue;
    line.columns[i] = columnOf(grid, k);
    line.rows[i] = Math.round(rows[k]!);
    const last = before;
    if (i > 0 && (last === k - 1 || joins.some(({ fromSample, toSample }) => fromSample === last && toSample === k)))
      line.joined[i - 1] = 1;
    before = k;
    i++;
  }
  return line;
}
