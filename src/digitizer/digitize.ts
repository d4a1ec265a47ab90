/**
 * Digitize: a plot in, a series out.
 * The method, step by step: decode the picture; find the plot area and read title, ticks and labels; fit the axes;
 * trace the curve's ink; find the samples that redraw it; compare the redrawn picture with the real one.
 * Pure: bytes in, a value out, the same on every machine.
 */
import type { AmplitudeAxis, Calibration, Digitization } from "../model/plot.ts";
import { CADENCE_MS, type Sample, type TimeRange } from "../model/series.ts";
import { isOfHours, offPlainLine } from "./axis-ends.ts";
import { calibratePlot, type CalibrateOptions, type PlotReading } from "./calibration.ts";
import { readCurve, type Curve } from "./curve.ts";
import { CURVE_FIDELITY, lowerShare, TRUSTED_FIDELITY } from "./fidelity.ts";
import { decodePng } from "./png.ts";
import { MOST_DAYS } from "./time-axis.ts";
import { traceCurve } from "./trace-curve.ts";
import { DIGITIZER_VERSION } from "./version.ts";

/** Significant digits of a value: a tenth of a pixel is 0.2 %. */
const DIGITS = 4;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** How far all labels of some fonts stand beside their ticks, and how far apart hours must be to be told by such. */
const LABELS_OFF_PX = 2;
const LEAST_HOUR_PX = 2 * LABELS_OFF_PX;
/** How far those of most fonts stand from where they should at the most. */
const NEAR_PX = 0.9;

export type DigitizeOptions = CalibrateOptions;

/**
 * Reads a plot's numbers.
 * @returns where there is no readable curve, no samples, and `problems` says why
 * @throws {PlotRejected} when the bytes aren't a whole PNG; nothing else, whatever the bytes
 */
export function digitize(png: Uint8Array, options: DigitizeOptions = {}): Digitization {
  const raster = decodePng(png);
  const unread: Digitization = {
    version: DIGITIZER_VERSION,
    widthPx: raster.widthPx,
    heightPx: raster.heightPx,
    station: undefined,
    title: undefined,
    calibration: undefined,
    window: undefined,
    samples: [],
    gaps: [],
    joins: [],
    fidelity: undefined,
    trusted: false,
    problems: [],
  };
  const reading = calibratePlot(raster, options);
  if (reading === undefined) return { ...unread, problems: ["Found no axes in the picture"] };
  const { station, title, calibration } = reading;
  const problems = [...reading.problems];
  const days = Math.round((calibration.time.endMs - calibration.time.startMs) / DAY_MS);
  if (days > MOST_DAYS) {
    const problem = `The time axis spans ${days} days, need at most ${MOST_DAYS} for samples every ten minutes`;
    return { ...unread, station, title, calibration, problems: [...problems, problem] };
  }
  const trace = traceCurve(raster, reading);
  const curve = trace === undefined ? undefined : readCurve(trace, reading);
  if (curve === undefined || lowerShare(curve.fidelity) < CURVE_FIDELITY)
    return { ...unread, station, title, calibration, problems: [...problems, "Found axes, but no curve in them"] };

  const samples = toSamples(curve);
  const { fidelity } = curve;
  const isFaithful = samples.length > 1 && lowerShare(fidelity) >= TRUSTED_FIDELITY;
  if (!isFaithful)
    problems.push(
      `The samples explain ${percent(fidelity.explained)} of the curve, and ${percent(fidelity.present)} of the redrawn ` +
        `curve is in the picture; need ${percent(TRUSTED_FIDELITY)} both ways`,
    );
  const offMinutes = minutesOff(reading, curve.calibration);
  if (offMinutes !== undefined)
    problems.push(`Only its labels tell where the time axis lies: all times may be some ${offMinutes} minutes off`);
  return {
    ...unread,
    station,
    title,
    calibration: curve.calibration,
    window: curve.window,
    samples,
    gaps: gapsOf(samples),
    joins: curve.joins.map(({ fromRow, toRow, startMs, endMs }) => ({
      startMs,
      endMs,
      startMv: amplitudeAt(curve.calibration.amplitude, calibration.plotArea.topPx + fromRow),
      endMv: amplitudeAt(curve.calibration.amplitude, calibration.plotArea.topPx + toRow),
    })),
    fidelity,
    // An axis that was assumed redraws the picture as well as the right one.
    trusted: isFaithful && !reading.isDateDoubtful && isRead(curve.calibration),
    problems,
  };
}

/**
 * How far the times may be off for what labels alone tell, if any: an axis of whole hours is beyond doubt where these are
 * more than a few pixels apart, and the labels stand near to where they have it.
 */
function minutesOff({ isTimeByLabels, timeAxes }: PlotReading, { time }: Calibration): number | undefined {
  if (!isTimeByLabels) return undefined;
  const { msPerPx } = time;
  const off = offPlainLine(time, timeAxes);
  const isNear = off === undefined || Math.abs(off.startMs + off.endMs) / 2 < NEAR_PX * msPerPx;
  if (isOfHours(time) && isNear && HOUR_MS >= LEAST_HOUR_PX * msPerPx) return undefined;
  return Math.ceil((LABELS_OFF_PX * msPerPx) / MINUTE_MS);
}

function isRead({ time, amplitude }: Calibration): boolean {
  return time.found === "labels" && amplitude.found === "labels";
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Rows, counted from the frame's top line, to mV; beyond the frame the value is held at the axis' limit. */
function toSamples({ calibration, grid, rows, spreadPx }: Curve): Sample[] {
  const { amplitude, plotArea } = calibration;
  const bottom = plotArea.bottomPx - plotArea.topPx;
  const samples: Sample[] = [];
  // Most rows come many times.
  const known = new Map<number, { rmsMv: number; rounded: number }>();
  for (let k = 0; k < grid.count; k++) {
    const row = rows[k]!;
    if (Number.isNaN(row)) continue;
    const clipped = row < 0.5 || row > bottom - 0.5;
    const rowPx = plotArea.topPx + Math.min(bottom, Math.max(0, row));
    let value = known.get(rowPx);
    if (value === undefined) {
      const rmsMv = amplitudeAt(amplitude, rowPx);
      known.set(rowPx, (value = { rmsMv, rounded: Number(rmsMv.toPrecision(DIGITS)) }));
    }
    if (!(value.rmsMv > 0)) continue;
    samples.push({
      timeMs: Math.round(grid.firstMs + k * CADENCE_MS),
      rmsMv: value.rounded,
      clipped,
      uncertaintyDecades: spreadPx[k]! * decadesPerPx(calibration, value.rmsMv),
    });
  }
  return samples;
}

function amplitudeAt({ scale, atRow0, perPx }: AmplitudeAxis, rowPx: number): number {
  const value = atRow0 + perPx * rowPx;
  return scale === "log" ? 10 ** value : value;
}

function decadesPerPx({ amplitude }: Calibration, rmsMv: number): number {
  const perPx = Math.abs(amplitude.perPx);
  return amplitude.scale === "log" ? perPx : perPx / (rmsMv * Math.LN10);
}

/** Stretches inside the window without samples: from the first one missing up to the next one there. */
function gapsOf(samples: readonly Sample[]): TimeRange[] {
  const gaps: TimeRange[] = [];
  for (let i = 1; i < samples.length; i++) {
    const startMs = samples[i - 1]!.timeMs + CADENCE_MS;
    if (samples[i]!.timeMs > startMs) gaps.push({ startMs, endMs: samples[i]!.timeMs });
  }
  return gaps;
}
