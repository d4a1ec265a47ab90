/** What a digitizer could have read in a plot, for tests that keep it. */
import type { Digitization } from "../../src/model/plot.ts";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";

const START_MS = Date.parse("2025-10-28T13:00:00Z");

/** A week of tremor with a gap of two hours on its third day, on an axis that was read from its labels. */
export function sampleReading({ axisEnd = "2025-11-04T13:00:00Z", version = 1, trusted = true } = {}): Digitization {
  const samples = Array.from({ length: 1008 }, (_, at): Sample => ({
    timeMs: START_MS + at * CADENCE_MS,
    rmsMv: 0.4 + 0.3 * Math.sin(at / 40),
    clipped: at === 500 || at === 501,
    uncertaintyDecades: 0.00366,
  })).filter((_, at) => at < 300 || at >= 312);
  const gap = { startMs: START_MS + 300 * CADENCE_MS, endMs: START_MS + 312 * CADENCE_MS };
  return {
    version,
    widthPx: 1024,
    heightPx: 400,
    station: "ECBD",
    title: "ECBD - RMS (UTC Time)",
    calibration: {
      plotArea: { leftPx: 80, topPx: 27, rightPx: 994, bottomPx: 300 },
      time: {
        found: "labels",
        originMs: START_MS - 53_251_641.13785558,
        msPerPx: 665_645.5142231947,
        startMs: START_MS,
        endMs: Date.parse(axisEnd),
        residualPx: 0.21,
      },
      amplitude: {
        found: "labels",
        scale: "log",
        atRow0: 1.1978021978021978,
        perPx: -0.007326007326007326,
        minMv: 0.1,
        maxMv: 10,
        residualPx: 0,
      },
    },
    window: { startMs: START_MS, endMs: START_MS + 1008 * CADENCE_MS },
    samples,
    gaps: [gap],
    joins: [{ ...gap, startMv: 0.6, endMv: 0.62 }],
    fidelity: { explained: 0.998, present: 0.997 },
    trusted,
    problems: [],
  };
}
