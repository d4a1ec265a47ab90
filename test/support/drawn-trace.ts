/** Traces as a pen leaves them, for the tests of what finds the samples in them again. */
import type { PlotReading } from "../../src/digitizer/calibration.ts";
import { createReach, type Pen, type Polyline } from "../../src/digitizer/pens.ts";
import { columnOf, type SampleGrid } from "../../src/digitizer/sample-grid.ts";
import { cover, createTrace, type Trace } from "../../src/digitizer/trace.ts";

export const CADENCE_MS = 600_000;
export const START_MS = Date.parse("2025-05-06T00:00:00Z");

/** A plot of so many columns and rows inside its frame, whose axis begins at `START_MS`. */
export interface DrawnTrace {
  trace: Trace;
  grid: SampleGrid;
  reading: PlotReading;
}

/**
 * @param rows of each sample from the first of the grid on, counted from the frame's top line; NaN: none is drawn.
 * A pen that doesn't snap takes them as they are.
 * @param spacing columns from one sample to the next
 * @param joined bridge missing samples by a straight line
 */
export function drawTrace(
  pen: Pen,
  rows: readonly number[],
  {
    spacing,
    firstColumn = 2,
    height = 200,
    joined = false,
  }: { spacing: number; firstColumn?: number; height?: number; joined?: boolean },
): DrawnTrace {
  const width = Math.ceil(firstColumn + rows.length * spacing) + 4;
  const area = { leftPx: 10, topPx: 20, rightPx: 10 + width - 1, bottomPx: 20 + height - 1 };
  const trace = createTrace(area, false);
  const grid: SampleGrid = { firstMs: START_MS, count: rows.length, firstColumn, spacing };
  const line = lineOf(pen, grid, rows, joined);
  const reach = createReach(line, pen);
  for (let column = 1; column < width - 1; column++) {
    const { from, to } = reach(column);
    const ink = new Float32Array(height);
    if (to >= from) pen.drawColumn(ink, 1, height - 2, column, line, from, to);
    for (let row = 1; row < height - 1; row++) if (ink[row]! > 0.01) cover(trace, column, row, ink[row]!);
  }
  const msPerPx = CADENCE_MS / spacing;
  const startMs = START_MS - firstColumn * msPerPx;
  const time = {
    found: "labels" as const,
    originMs: startMs - area.leftPx * msPerPx,
    msPerPx,
    startMs,
    endMs: startMs + (width - 1) * msPerPx,
    residualPx: 0,
  };
  const perPx = -2 / (height - 1);
  const amplitude = {
    found: "labels" as const,
    scale: "log" as const,
    atRow0: 1 - perPx * area.topPx,
    perPx,
    minMv: 0.1,
    maxMv: 10,
    residualPx: 0,
  };
  const reading: PlotReading = {
    calibration: { plotArea: area, time, amplitude },
    timeAxes: [time],
    timeUncertaintyMs: 60_000,
    middleUncertaintyMs: 60_000,
    isTimeByLabels: false,
    isCutOff: { left: false, right: false },
    framePx: 1,
    gridColumnsPx: [],
    gridRowsPx: [],
    textBoxes: [],
    station: undefined,
    title: undefined,
    isDateDoubtful: false,
    problems: [],
  };
  return { trace, grid, reading };
}

function lineOf(pen: Pen, grid: SampleGrid, rows: readonly number[], joined: boolean): Polyline {
  const shown = [...rows.keys()].filter((k) => !Number.isNaN(rows[k]!));
  const place = (k: number): number => {
    const at = grid.firstColumn + k * grid.spacing + pen.offsetPx;
    return pen.snaps ? Math.floor(at) : pen.hasWholeColumns === true ? Math.floor(at) + 0.5 : at;
  };
  return {
    columns: Float64Array.from(shown, pen.thickness === undefined ? place : (k) => columnOf(grid, k)),
    rows: Float64Array.from(shown, (k) => rows[k]!),
    joined: Uint8Array.from(shown, (k, i) => (i + 1 < shown.length && (joined || shown[i + 1] === k + 1) ? 1 : 0)),
  };
}

/** Rows that jump about as tremor does: the same for the same seed. */
export function noisyRows(count: number, { seed = 1, middle = 100, spread = 9 } = {}): number[] {
  let state = seed * 7919 + 17;
  const chance = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state / 0x8000_0000;
  };
  return Array.from({ length: count }, () => Math.round(middle + spread * (chance() + chance() + chance() - 1.5)));
}
