/**
 * The sample grid: where on the picture the samples of the series lie.
 * Owns instants and columns; rows are found elsewhere.
 */
import type { Calibration } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";

/** Samples every ten minutes that fall on the plot, in order. */
export interface SampleGrid {
  /** Instant of the first one, ms since 1970. */
  firstMs: number;
  count: number;
  /** Column of sample `k`, counted from the left line of the frame: `firstColumn + k * spacing`, not yet rounded. */
  firstColumn: number;
  /** Columns from one sample to the next: 0.9 on a plot of seven days. */
  spacing: number;
}

/**
 * The samples that a calibrated plot can show.
 * @param phaseMs how far the samples lie after whole ten minutes of the clock
 */
export function createSampleGrid({ plotArea, time }: Calibration, phaseMs: number): SampleGrid {
  const spacing = CADENCE_MS / time.msPerPx;
  const leftMs = time.originMs + time.msPerPx * plotArea.leftPx;
  // A sample rounds into the frame's column from half a pixel outside of it.
  const reachMs = 0.499 * time.msPerPx;
  const firstMs = Math.ceil((leftMs - reachMs - phaseMs) / CADENCE_MS) * CADENCE_MS + phaseMs;
  const lastColumn = plotArea.rightPx - plotArea.leftPx + 0.499;
  const firstColumn = (firstMs - leftMs) / time.msPerPx;
  const count = Math.max(0, Math.floor((lastColumn - firstColumn) / spacing) + 1);
  return { firstMs, count, firstColumn, spacing };
}

/** The grid as a pen sees it that draws its vertices so far from their pixels' left sides; those of GD's are in the middle. */
export function gridOfPen(grid: SampleGrid, offsetPx: number): SampleGrid {
  return { ...grid, firstColumn: grid.firstColumn + (offsetPx - 0.5) };
}

/** How far an instant, or a shift, lies after whole ten minutes of the clock. */
export function phaseOf(timeMs: number): number {
  return ((timeMs % CADENCE_MS) + CADENCE_MS) % CADENCE_MS;
}

/** Halves are rounded up, whatever the last bit of the sum; some axes put every thirteenth sample on one. */
const HALF = 0.5 + 1e-6;

/** The whole column that a plotter rounds the sample to. */
export function columnOf(grid: SampleGrid, sample: number): number {
  return Math.floor(grid.firstColumn + sample * grid.spacing + HALF);
}
