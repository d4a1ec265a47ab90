/**
 * Joins: straight stretches by which a plotter bridges samples that are missing.
 * Owns telling them from what the line does by itself: no noisy series keeps to a straight line for hours.
 */
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import type { Trace } from "./trace.ts";

/** A straight stretch between two samples; the samples strictly between them are missing. */
export interface StraightJoin {
  fromSample: number;
  toSample: number;
}

/** A stretch of fewer columns may be chance. */
const MIN_COLUMNS = 12;
/** A join spans at least this many samples. */
const MIN_SAMPLES = 5;
/** How far the middle of a column's ink may lie from the straight line, in px. */
const TOLERANCE_PX = 0.2;
/** How far off the column of its bends may be. */
const BEND_PX = 1;
/** A join is this much longer than the straight stretches that the line shows elsewhere. */
const TIMES_USUAL = 3;
/** A stretch whose ends differ less in height, in px, is level. */
const LEVEL_PX = 0.3;
/** Where so much of the curve is level, that is what its series does. */
const MOSTLY = 0.5;

/** The straight joins on the picture, in order. */
export function findJoins(trace: Trace, grid: SampleGrid): StraightJoin[] {
  const middles = inkMiddles(trace);
  const stretches = listStraight(trace, middles).sort((a, b) => b.to - b.from - (a.to - a.from));
  const usual = stretches[Math.ceil(stretches.length * 0.05)];
  const enough = Math.max(MIN_COLUMNS, MIN_SAMPLES * grid.spacing, usual ? TIMES_USUAL * (usual.to - usual.from) : 0);
  const isLong = ({ from, to }: Stretch): boolean => to - from >= enough;
  const isLevel = ({ from, to }: Stretch): boolean => Math.abs(middles[to]! - middles[from]!) < LEVEL_PX;
  const isOften = isMostlyLevel(
    middles,
    stretches.filter((stretch) => isLong(stretch) && isLevel(stretch)),
  );
  const joins: StraightJoin[] = [];
  for (const stretch of stretches) {
    if (!isLong(stretch)) break;
    if (isOften && isLevel(stretch)) continue;
    const { from, to } = withVertices(trace, middles, stretch);
    // The last sample in the first column, the first one in the last column.
    let fromSample = Math.floor((from + 0.5 - grid.firstColumn) / grid.spacing);
    while (fromSample > 0 && columnOf(grid, fromSample) > from) fromSample--;
    let toSample = Math.ceil((to - 0.5 - grid.firstColumn) / grid.spacing);
    while (toSample < grid.count - 1 && columnOf(grid, toSample) < to) toSample++;
    // A bend so slight that its column is one off isn't that of a sample many columns away.
    if (columnOf(grid, fromSample + 1) - from <= BEND_PX && from - columnOf(grid, fromSample) > BEND_PX) fromSample++;
    if (to - columnOf(grid, toSample - 1) <= BEND_PX && columnOf(grid, toSample) - to > BEND_PX) toSample--;
    fromSample = Math.max(0, fromSample);
    toSample = Math.min(grid.count - 1, toSample);
    if (toSample - fromSample >= MIN_SAMPLES) joins.push({ fromSample, toSample });
  }
  return joins.sort((a, b) => a.fromSample - b.fromSample);
}

/** Does the curve keep level by itself, as a station without signal does, for most of its columns? */
function isMostlyLevel(middles: Float64Array, level: readonly Stretch[]): boolean {
  let inked = 0;
  for (const middle of middles) if (!Number.isNaN(middle)) inked++;
  return level.reduce((sum, { from, to }) => sum + to - from + 1, 0) > MOSTLY * inked;
}

interface Stretch {
  from: number;
  to: number;
}

/** Middle of each column's ink, in rows; NaN where there is none. */
function inkMiddles({ coverage, columns, rows, tops, bottoms }: Trace): Float64Array {
  const middles = new Float64Array(columns).fill(NaN);
  for (let column = 0; column < columns; column++) {
    let [ink, moment] = [0, 0];
    for (let row = tops[column]!; row <= bottoms[column]!; row++) {
      ink += coverage[column * rows + row]!;
      moment += coverage[column * rows + row]! * row;
    }
    if (ink > 0.5) middles[column] = moment / ink;
  }
  return middles;
}

/** Cuts the curve into stretches, each as long as one straight line stays near the middles of all its columns. */
function listStraight({ tops, bottoms }: Trace, middles: Float64Array): Stretch[] {
  const stretches: Stretch[] = [];
  for (let from = 0; from < middles.length;) {
    if (Number.isNaN(middles[from]!)) {
      from++;
      continue;
    }
    let [least, most] = [-Infinity, Infinity];
    let to = from;
    while (to + 1 < middles.length) {
      const next = to + 1;
      const away = next - from;
      const rise = middles[next]! - middles[from]!;
      const [low, high] = [(rise - TOLERANCE_PX) / away, (rise + TOLERANCE_PX) / away];
      if (!(low <= most && high >= least)) break;
      const slope = Math.abs((Math.max(least, low) + Math.min(most, high)) / 2);
      if (away > 1 && bottoms[next]! - tops[next]! > slope + 3) break;
      least = Math.max(least, low);
      most = Math.min(most, high);
      to = next;
    }
    stretches.push({ from, to });
    from = Math.max(to, from + 1);
  }
  return stretches;
}

/** Fits the line to the inner part, and follows it outwards to the vertices where it begins and ends. */
function withVertices({ coverage, rows }: Trace, middles: Float64Array, { from, to }: Stretch): Stretch {
  const margin = Math.floor((to - from) / 5);
  const [a, b] = [from + margin, to - margin];
  let [n, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
  for (let x = a; x <= b; x++) {
    const y = middles[x]!;
    n++;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumXY += x * y;
  }
  const slope = (n * sumXY - sumX * sumY) / (n * sumXX - sumX * sumX);
  const at = (column: number): number => (sumY + slope * (n * column - sumX)) / n;
  const outwards = (start: number, step: 1 | -1): number => {
    let column = start;
    while (Math.abs((middles[column + step] ?? NaN) - at(column + step)) < TOLERANCE_PX) column += step;
    // The vertex itself: its column holds the next stretch too, but the pixel on the line is full.
    const row = Math.round(at(column + step));
    if ((coverage[(column + step) * rows + row] ?? 0) > 0.9) column += step;
    return column;
  };
  return { from: outwards(a, -1), to: outwards(b, 1) };
}
