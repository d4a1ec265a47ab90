/**
 * Plots: the published PNG as it was fetched, and what can be read in it.
 * Owns the nouns only; `source` fetches plots, `archive` keeps them, `digitizer` reads them.
 */
import type { Sample, TimeRange } from "./series.ts";

/** Which version of the plot a server had, in its own words: for conditional requests. */
export interface PlotVersion {
  etag?: string;
  lastModified?: string;
}

/** A plot as fetched: a whole PNG and where it came from. */
export interface FetchedPlot {
  /** The file's own bytes, checked to be a whole PNG. */
  png: Uint8Array;
  /** Where it was fetched: the URL that was asked, whatever it redirects to, or `file:NAME` for a picture at hand. */
  sourceUrl: string;
  /** When its last byte arrived, ms since 1970. */
  fetchedMs: number;
  version: PlotVersion;
}

/** How an axis was found: read from its labels, or assumed where they can't be read. */
export type AxisFound = "labels" | "assumed";

/** The time axis: `timeMs = originMs + msPerPx * columnPx`. Columns count from the image's left edge. */
export interface TimeAxis {
  found: AxisFound;
  originMs: number;
  msPerPx: number;
  /** Times at the left and the right line of the frame. */
  startMs: number;
  endMs: number;
  /** Root mean square distance of the ticks from the fitted line, in px; 0 where assumed. */
  residualPx: number;
}

/**
 * The amplitude axis. Logarithmic: `log10(mV) = atRow0 + perPx * rowPx`; linear: `mV = atRow0 + perPx * rowPx`.
 * Rows count down from the top of the image, so `perPx` is negative.
 */
export interface AmplitudeAxis {
  found: AxisFound;
  scale: "log" | "linear";
  atRow0: number;
  perPx: number;
  /** Amplitudes in mV at the bottom and the top line of the frame. */
  minMv: number;
  maxMv: number;
  residualPx: number;
}

/** The rectangle inside the axes: pixel columns and rows of the frame's lines. */
export interface PlotArea {
  leftPx: number;
  topPx: number;
  rightPx: number;
  bottomPx: number;
}

/** The map from pixels to time and mV. */
export interface Calibration {
  plotArea: PlotArea;
  time: TimeAxis;
  amplitude: AmplitudeAxis;
}

/** How well the samples, drawn again, explain the picture. Shares from 0 to 1. */
export interface Fidelity {
  /** Share of the curve's ink in the picture that the samples explain. */
  explained: number;
  /** Share of the redrawn ink that is there in the picture. */
  present: number;
}

/** A straight stretch that joins two samples over hours in which the plot shows none. */
export interface Join extends TimeRange {
  startMv: number;
  endMv: number;
}

/** What was read in a plot. Where there is no readable curve, `samples` is empty and `problems` says why. */
export interface Digitization {
  /** Version of the digitizer that read it; a higher one reads better. */
  version: number;
  widthPx: number;
  heightPx: number;
  station: string | undefined;
  title: string | undefined;
  calibration: Calibration | undefined;
  /**
   * First and last instant of the period that the plot covers; its end says how fresh the plot is. The frame may hide the
   * samples at either, and `samples` has none there then.
   */
  window: TimeRange | undefined;
  /** Sorted by time, no two at one instant. */
  samples: Sample[];
  gaps: TimeRange[];
  joins: Join[];
  fidelity: Fidelity | undefined;
  /** May its samples enter the record? False below the fidelity threshold. */
  trusted: boolean;
  /** In words, for people. Empty when all went well. */
  problems: string[];
}
