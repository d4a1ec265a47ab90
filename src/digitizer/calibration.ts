/**
 * Calibration: the map from pixels to time and mV, read from the picture alone.
 * Owns what the axes and their labels tell; the curve is left to `trace`.
 */
import type { Calibration, PlotArea, TimeAxis } from "../model/plot.ts";
import type { Raster } from "./png.ts";

/** A rectangle of pixels; all four sides belong to it. */
export interface PixelBox {
  leftPx: number;
  topPx: number;
  rightPx: number;
  bottomPx: number;
}

/**
 * What the axes, labels and title of a plot tell. Everywhere in the digitizer the coordinate p is the middle of
 * pixel p, and rows count down from the top.
 */
export interface PlotReading {
  /** The best reading; its `plotArea` gives the middle of the frame's lines, whole pixels. */
  calibration: Calibration;
  /**
   * All time axes that the labels allow, best first (the first is `calibration.time`): where no tick mark or gridline
   * says exactly where a label belongs, the curve may decide. Seldom more than three.
   */
  timeAxes: readonly TimeAxis[];
  /** How far the ends of the time axis may lie from the best reading: one standard uncertainty. */
  timeUncertaintyMs: number;
  /** Thickness of the frame's lines; pixels nearer than half of it to the plot area's sides are frame. */
  framePx: number;
  /** Columns and rows strictly inside the frame that hold a gridline. */
  gridColumnsPx: readonly number[];
  gridRowsPx: readonly number[];
  /** Legends, stamps and other text inside the plot area: not curve. */
  textBoxes: readonly PixelBox[];
  station: string | undefined;
  title: string | undefined;
  /** What could not be read and had to be assumed, in words. */
  problems: readonly string[];
}

export interface CalibrateOptions {
  /** When the plot was fetched, ms since 1970: gives the year where labels have none, and the end where none can be read. */
  fetchedMs?: number;
}

/** Reads frame, labels and title. `undefined` when the picture has no axes at all. */
export function calibratePlot(raster: Raster, options: CalibrateOptions = {}): PlotReading | undefined {
  const plotArea = findPlotArea(raster);
  if (plotArea === undefined) return undefined;
  const endMs = options.fetchedMs ?? 0;
  const startMs = endMs - 169 * 3_600_000;
  const msPerPx = (endMs - startMs) / (plotArea.rightPx - plotArea.leftPx);
  const perPx = -2 / (plotArea.bottomPx - plotArea.topPx);
  const time: TimeAxis = {
    found: "assumed",
    originMs: startMs - msPerPx * plotArea.leftPx,
    msPerPx,
    startMs,
    endMs,
    residualPx: 0,
  };
  return {
    calibration: {
      plotArea,
      time,
      amplitude: {
        found: "assumed",
        scale: "log",
        atRow0: 1 - perPx * plotArea.topPx,
        perPx,
        minMv: 0.1,
        maxMv: 10,
        residualPx: 0,
      },
    },
    timeAxes: [time],
    timeUncertaintyMs: 300_000,
    framePx: 1,
    gridColumnsPx: [],
    gridRowsPx: [],
    textBoxes: [],
    station: undefined,
    title: undefined,
    problems: ["Labels are not read yet"],
  };
}

function findPlotArea({ widthPx, heightPx, rgb }: Raster): PlotArea | undefined {
  const dark = (x: number, y: number): boolean => rgb[3 * (y * widthPx + x)]! + rgb[3 * (y * widthPx + x) + 1]! < 160;
  const rows: number[] = [];
  const columns: number[] = [];
  for (let y = 0; y < heightPx; y++) {
    let count = 0;
    for (let x = 0; x < widthPx; x++) if (dark(x, y)) count++;
    if (count > widthPx / 2) rows.push(y);
  }
  for (let x = 0; x < widthPx; x++) {
    let count = 0;
    for (let y = 0; y < heightPx; y++) if (dark(x, y)) count++;
    if (count > heightPx / 2) columns.push(x);
  }
  if (rows.length < 2 || columns.length < 2) return undefined;
  return { leftPx: columns[0]!, rightPx: columns.at(-1)!, topPx: rows[0]!, bottomPx: rows.at(-1)! };
}
