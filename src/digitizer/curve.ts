/**
 * The curve: which samples the ink inside the frame shows.
 * Owns the choice of the pen that explains the picture best; the search itself is `synthesis`.
 */
import type { Calibration, Fidelity } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import type { PlotReading } from "./calibration.ts";
import { compareInk } from "./fidelity.ts";
import { findJoins, type StraightJoin } from "./joins.ts";
import { drawPolyline, type Pen, type Polyline } from "./polyline.ts";
import { columnOf, type SampleGrid } from "./sample-grid.ts";
import { findSampleGrid } from "./sample-phase.ts";
import { synthesize, type SampleRows } from "./synthesis.ts";
import type { Trace } from "./trace.ts";

/** What the curve shows, still in pixels. */
export interface Curve {
  calibration: Calibration;
  grid: SampleGrid;
  /** Row of each grid sample, counted from the frame's top line; NaN where the plot shows none. */
  rows: SampleRows;
  /** One standard uncertainty of each row, in px. */
  spreadPx: Float64Array;
  joins: { startMs: number; endMs: number; fromRow: number; toRow: number }[];
  pen: Pen;
  fidelity: Fidelity;
}

/** A vertex rounded to a whole pixel: the standard deviation of an even spread over one pixel. */
const ROUNDED_PX = Math.sqrt(1 / 12);
/** A pen that explains this much both ways is the right one. */
const GOOD_FIDELITY = 0.97;

/** Reads the samples off the trace; `undefined` when there is too little ink to be a curve. */
export function readCurve(trace: Trace, reading: PlotReading): Curve | undefined {
  const { calibration, grid } = findSampleGrid(trace, reading);
  const joins = findJoins(trace, grid);
  let best: Curve | undefined;
  for (const pen of pensFor()) {
    const rows = synthesize(trace, grid, joins, pen.widthPx);
    const line = toPolyline(grid, rows, joins);
    const fidelity = compareInk(trace.coverage, drawPolyline(line, pen, trace.columns, trace.rows));
    const spreadPx = new Float64Array(grid.count).fill(ROUNDED_PX);
    const curve = { calibration, grid, rows, spreadPx, joins: shownJoins(grid, rows, joins), pen, fidelity };
    if (best === undefined || worst(fidelity) > worst(best.fidelity)) best = curve;
    if (worst(fidelity) >= GOOD_FIDELITY) break;
  }
  return best;
}

function worst({ explained, present }: Fidelity): number {
  return Math.min(explained, present);
}

function pensFor(): Pen[] {
  return [
    { kind: "wu", widthPx: 1 },
    { kind: "wu", widthPx: 2 },
  ];
}

function toPolyline(grid: SampleGrid, rows: SampleRows, joins: readonly StraightJoin[]): Polyline {
  const shown: number[] = [];
  for (let k = 0; k < grid.count; k++) if (!Number.isNaN(rows[k]!)) shown.push(k);
  const joinedAt = new Map(joins.map(({ fromSample, toSample }) => [fromSample, toSample]));
  return {
    columns: Float64Array.from(shown, (k) => columnOf(grid, k)),
    rows: Float64Array.from(shown, (k) => Math.round(rows[k]!)),
    joined: Uint8Array.from(shown, (k, i) => (shown[i + 1] === k + 1 || joinedAt.get(k) === shown[i + 1] ? 1 : 0)),
  };
}

function shownJoins(grid: SampleGrid, rows: SampleRows, joins: readonly StraightJoin[]): Curve["joins"] {
  return joins
    .filter(({ fromSample, toSample }) => !Number.isNaN(rows[fromSample]! + rows[toSample]!))
    .map(({ fromSample, toSample }) => ({
      startMs: grid.firstMs + fromSample * CADENCE_MS,
      endMs: grid.firstMs + toSample * CADENCE_MS,
      fromRow: rows[fromSample]!,
      toRow: rows[toSample]!,
    }));
}
