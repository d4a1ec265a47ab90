/**
 * A made-up tremor and the plots that show it, for tests: quiet wandering, episodes, and pictures that round to pixels.
 */
import { addDays, dayStartMs, type Day } from "../../src/model/day.ts";
import type { Calibration } from "../../src/model/plot.ts";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";
import type { PlotSeries } from "../../src/series/tracks.ts";

/** Random numbers from 0 to 1, the same for the same seed (the mulberry32 generator). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The true amplitude in mV at each step of ten minutes from `startMs` on. */
export interface Truth {
  startMs: number;
  rmsMv: Float64Array;
}

/** @param episodes spread evenly; each climbs for hours, stays up for hours, and falls within an hour */
export function createTruth(start: Day, days: number, episodes: number, random: () => number): Truth {
  const rmsMv = new Float64Array(days * 144);
  let wander = 0;
  for (let step = 0; step < rmsMv.length; step++) {
    wander = 0.97 * wander + 0.02 * (random() + random() + random() - 1.5);
    rmsMv[step] = 0.4 * 10 ** wander;
  }
  for (let number = 0; number < episodes; number++) {
    const middle = Math.floor(((number + 0.3 + 0.4 * random()) / episodes) * rmsMv.length);
    const [climb, stay, fall] = [10 + random() * 30, 12 + random() * 40, 2 + random() * 4];
    const height = 0.95 + random() * 0.6;
    for (let step = -Math.ceil(climb); step < stay + fall; step++) {
      const share = step < 0 ? 1 + step / climb : step < stay ? 1 : 1 - (step - stay) / fall;
      if (rmsMv[middle + step] !== undefined) rmsMv[middle + step]! *= 10 ** (height * share);
    }
  }
  return { startMs: dayStartMs(start), rmsMv };
}

/** A published plot's axes (see DESIGN.md); the amplitude axis from `10^low` to `10^high` mV over 273 rows. */
export function createCalibration(low = -1, high = 1): Calibration {
  const perPx = -(high - low) / 273;
  return {
    plotArea: { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 },
    time: { found: "labels", originMs: 0, msPerPx: 665_000, startMs: 0, endMs: 0, residualPx: 0 },
    amplitude: {
      found: "labels",
      scale: "log",
      atRow0: high - perPx * 27,
      perPx,
      minMv: 10 ** low,
      maxMv: 10 ** high,
      residualPx: 0,
    },
  };
}

const WEEK_STEPS = 1008;

/**
 * The plot that ends `endMs` (not included), archived under `day`.
 * @param options.error a random shift of each reading in px, up to this many both ways
 */
export function showPlot(
  truth: Truth,
  day: Day,
  endMs = dayStartMs(addDays(day, 1)),
  options: { calibration?: Calibration; error?: number; random?: () => number } = {},
): PlotSeries {
  const { calibration = createCalibration(), error = 0, random = () => 0.5 } = options;
  const { atRow0, perPx } = calibration.amplitude;
  const samples: Sample[] = [];
  const end = Math.floor((endMs - truth.startMs) / CADENCE_MS);
  for (let step = Math.max(0, end - WEEK_STEPS); step < Math.min(end, truth.rmsMv.length); step++) {
    const exactRow = (Math.log10(truth.rmsMv[step]!) - atRow0) / perPx;
    const row = Math.round(exactRow + error * (2 * random() - 1));
    const shownRow = Math.min(300, Math.max(27, row));
    samples.push({
      timeMs: truth.startMs + step * CADENCE_MS,
      rmsMv: Number((10 ** (atRow0 + perPx * shownRow)).toPrecision(6)),
      clipped: exactRow < 27 || exactRow > 300,
      uncertaintyDecades: Math.abs(perPx) / 2,
    });
  }
  return { day, station: "ECBD", calibration, fidelity: { explained: 0.99, present: 0.99 }, samples };
}
