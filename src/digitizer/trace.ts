/**
 * The trace: how much of each pixel of the plot area the curve covers.
 * Owns which kind of ink the curve is drawn with; `coloured-ink` and `dark-ink` tell it from all else.
 */
import type { PlotArea } from "../model/plot.ts";
import type { PlotReading } from "./calibration.ts";
import { isLossy, listColoured, traceColoured } from "./coloured-ink.ts";
import { traceDark } from "./dark-ink.ts";
import type { Raster } from "./png.ts";

/** The curve's ink, column by column. Column 0 and row 0 are the left and the top line of the frame. */
export interface Trace {
  columns: number;
  rows: number;
  /** Coverage from 0 to 1 of each pixel: `coverage[column * rows + row]`. */
  coverage: Float32Array;
  /** First and last row with ink in each column; where there is none, the last lies before the first. */
  tops: Int32Array;
  bottoms: Int32Array;
  /** Red, green, blue of the line. */
  colour: Colour;
  /** Pixels from here on may be covered wholly: less than 1 as the blending rounds, and a lossy copy smears. */
  full: number;
  lossy: boolean;
}

export type Colour = readonly [number, number, number];

/** A background this far from grey is a coloured band (pastel green on white is 45). */
const BAND_CHROMA = 24;
/** Pixels of a row that are enough to tell its colour. */
const ROW_PIXELS = 60;
const FULL = 0.96;
const FULL_LOSSY = 0.8;

/** The ink inside the frame; `undefined` when nothing has a line's colour. */
export function traceCurve(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  if (area.rightPx - area.leftPx < 8 || area.bottomPx - area.topPx < 8) return undefined;
  if (isBanded(raster, area)) {
    const trace = createTrace(area, false);
    return traceDark(raster, reading, trace) ? trace : undefined;
  }
  const coloured = listColoured(raster, reading);
  const trace = createTrace(area, isLossy(coloured));
  if (traceColoured(raster, reading, coloured, trace)) return trace;
  return traceDark(raster, reading, trace) ? trace : undefined;
}

/** Covers a pixel of the trace. */
export function cover(trace: Trace, column: number, row: number, share: number): void {
  trace.coverage[column * trace.rows + row] = share > 1 ? 1 : share;
  if (row < trace.tops[column]!) trace.tops[column] = row;
  if (row > trace.bottoms[column]!) trace.bottoms[column] = row;
}

function createTrace(area: PlotArea, lossy: boolean): Trace {
  const columns = area.rightPx - area.leftPx + 1;
  const rows = area.bottomPx - area.topPx + 1;
  return {
    columns,
    rows,
    coverage: new Float32Array(columns * rows),
    tops: new Int32Array(columns).fill(rows),
    bottoms: new Int32Array(columns).fill(-1),
    colour: [0, 0, 0],
    full: lossy ? FULL_LOSSY : FULL,
    lossy,
  };
}

/** Are the rows' own colours far from grey? Some rows are enough to tell. */
function isBanded(raster: Raster, area: PlotArea): boolean {
  let [banded, looked] = [0, 0];
  const step = Math.max(1, Math.floor((area.bottomPx - area.topPx) / 24));
  for (let row = area.topPx + 1; row < area.bottomPx; row += step, looked++) {
    const colour = rowColour(raster, area, row);
    if (Math.max(...colour) - Math.min(...colour) > BAND_CHROMA) banded++;
  }
  return banded > 0.25 * looked;
}

/** The median colour of a row inside the frame, by a part of its pixels. */
export function rowColour({ rgb, widthPx }: Raster, area: PlotArea, row: number): Colour {
  const width = area.rightPx - area.leftPx - 1;
  const step = Math.max(1, Math.floor(width / ROW_PIXELS));
  const median = (channel: number): number => {
    const values = new Uint8Array(Math.floor((width - 1) / step) + 1);
    for (let i = 0; i < values.length; i++)
      values[i] = rgb[3 * (row * widthPx + area.leftPx + 1 + i * step) + channel]!;
    return values.sort()[values.length >> 1]!;
  };
  return [median(0), median(1), median(2)];
}

/**
 * The colour of wholly covered pixels: the mean of those at and just below the strength that a small share of all
 * ink pixels reaches.
 * @param strengths of each ink pixel, 0 to 255
 * @param pixels where each lies in `rgb`
 */
export function strongestColour(
  { rgb }: Raster,
  pixels: readonly number[],
  strengths: readonly number[],
  share: number,
): Colour {
  const counts = new Uint32Array(256);
  for (const strength of strengths) counts[strength]!++;
  let strong = 255;
  for (let reached = 0; strong > 0; strong--) {
    reached += counts[strong]!;
    if (reached > 0 && reached >= share * strengths.length) break;
  }
  let count = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (Math.abs(strengths[i]! - strong) > 2) continue;
    count++;
    for (let channel = 0; channel < 3; channel++) sum[channel]! += rgb[pixels[i]! + channel]!;
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** Tells whether a pixel lies in a legend, a stamp or other text inside the frame. */
export function createTextTest({ textBoxes }: PlotReading): (x: number, y: number) => boolean {
  if (textBoxes.length === 0) return () => false;
  return (x, y) => textBoxes.some((box) => x >= box.leftPx && x <= box.rightPx && y >= box.topPx && y <= box.bottomPx);
}
