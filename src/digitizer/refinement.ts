/**
 * Samples by refinement: for pens whose vertices lie anywhere between pixels.
 * Owns the search: a first guess by dynamic programming over single stretches, then each vertex is moved
 * for as long as the redrawn columns around it come nearer to the picture.
 */
import type { StraightJoin } from "./joins.ts";
import { createDescent, type Descent } from "./descent.ts";
import { guessRows } from "./first-guess.ts";
import type { Pen, Polyline } from "./pens.ts";
import type { SampleGrid } from "./sample-grid.ts";
import { guessThinRows } from "./thin-search.ts";
import { besideFrame, type Trace } from "./trace.ts";

/** Ink that a sample's own column must have. */
const MIN_INK = 0.2;
/** Squared ink that the first or last sample of a stretch must explain, for each px of its line's length and width. */
const MIN_GAIN = 0.2;
/** The same for one behind the frame, where nothing but its stretch shows. */
const MIN_HIDDEN_GAIN = 0.4;

/** A line through the trace, and which grid sample each of its vertices is. */
export interface FittedLine {
  line: Polyline;
  samples: Int32Array;
}

const NOTHING: FittedLine = {
  line: { columns: new Float64Array(0), rows: new Float64Array(0), joined: new Uint8Array(0) },
  samples: new Int32Array(0),
};

/**
 * Finds the vertices that redraw the trace with a pen, as well as the effort allows; none where it doesn't allow a first guess.
 */
export function refine(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): FittedLine {
  const fitted = listVertices(trace, grid, joins, pen);
  const { line } = fitted;
  const isGuessed = pen.isThin === true ? guessThinRows(trace, line) : guessRows(trace, line);
  if (!isGuessed) return NOTHING;
  const descent = createDescent(trace, line, pen);
  for (const step of [2, 1, 0.5]) descent.step(step);
  for (let round = 0; round < 2; round++) {
    descent.jump();
    for (const step of [2, 1, 0.5, 0.25]) descent.step(step);
  }
  for (const step of [0.5, 0.12, 0.25, 0.06]) descent.step(step);
  return withoutIdleEnds(trace, pen, grid.spacing, fitted, descent);
}

/** The samples whose columns hold ink. */
function listVertices(trace: Trace, grid: SampleGrid, joins: readonly StraightJoin[], pen: Pen): FittedLine {
  const inside = (k: number): boolean => joins.some(({ fromSample, toSample }) => k > fromSample && k < toSample);
  const samples: number[] = [];
  const columns: number[] = [];
  for (let k = 0; k < grid.count; k++) {
    const at = grid.firstColumn + k * grid.spacing + pen.offsetPx;
    const column = besideFrame(Math.floor(at), trace.columns);
    // Of the samples that the frame hides only the last one before the picture, and the first one after, may show.
    const isHidden = column !== Math.floor(at);
    if (isHidden && at < 1 && at + grid.spacing < 1) continue;
    if (isHidden && at >= trace.columns - 1 && at - grid.spacing >= trace.columns - 1) continue;
    if (inside(k)) continue;
    let most = 0;
    for (let row = trace.tops[column]!; row <= trace.bottoms[column]!; row++)
      most = Math.max(most, trace.coverage[column * trace.rows + row]!);
    if (most < MIN_INK) continue;
    samples.push(k);
    columns.push(pen.hasWholeColumns === true ? Math.floor(at) + 0.5 : at);
  }
  const joinedAt = new Map(joins.map(({ fromSample, toSample }) => [fromSample, toSample]));
  const joined = samples.map((k, i) => {
    const next = samples[i + 1];
    return next !== undefined && (next === k + 1 || next === joinedAt.get(k)) ? 1 : 0;
  });
  return {
    line: {
      columns: Float64Array.from(columns),
      rows: new Float64Array(columns.length),
      joined: Uint8Array.from(joined),
    },
    samples: Int32Array.from(samples),
  };
}

/**
 * Leaves out samples at the ends of a stretch of curve whose own bit of line explains too little ink: a line's cap
 * reaches into columns where there is no sample any more, and the frame may hide one that isn't there.
 */
function withoutIdleEnds(
  { columns }: Trace,
  pen: Pen,
  spacing: number,
  { line, samples }: FittedLine,
  descent: Descent,
): FittedLine {
  const count = samples.length;
  const widthPx = pen.reachPx * Math.SQRT2;
  const least = (i: number): number => {
    const isHidden = line.columns[i]! < 1 || line.columns[i]! >= columns - 1;
    return (isHidden ? MIN_HIDDEN_GAIN : MIN_GAIN) * widthPx * Math.min(1, spacing);
  };
  const isJoined = (i: number): boolean => i >= 0 && line.joined[i] === 1;
  const idle = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (isJoined(i) && !isJoined(i - 1) && descent.gainOf(i, i + 1) < least(i)) idle[i] = 1;
    if (isJoined(i - 1) && !isJoined(i) && descent.gainOf(i, i - 1) < least(i)) idle[i] = 1;
  }
  const kept = [...samples.keys()].filter((i) => idle[i] === 0);
  return {
    line: {
      columns: Float64Array.from(kept, (i) => line.columns[i]!),
      rows: Float64Array.from(kept, (i) => line.rows[i]!),
      joined: Uint8Array.from(kept, (i) => (isJoined(i) && idle[i + 1] === 0 ? 1 : 0)),
    },
    samples: Int32Array.from(kept, (i) => samples[i]!),
  };
}
