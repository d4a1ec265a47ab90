/** Plots of a tremor that a test makes up, put into a catalog and stitched. */
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { CatalogReading } from "../../src/catalog/readings.ts";
import { Day, dayStartMs } from "../../src/model/day.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { sampleReading } from "./sample-reading.ts";

/** What the plot of a day shows: seven days up to 23:50, or as much of them as `shows` says. */
export function plotOf(
  day: string,
  tremor: (timeMs: number) => number,
  shows: (timeMs: number) => boolean = () => true,
): CatalogReading {
  const lastMs = dayStartMs(Day.parse(day)) + 143 * CADENCE_MS;
  const times = Array.from({ length: 1008 }, (_, at) => lastMs - (1007 - at) * CADENCE_MS).filter(shows);
  return {
    day: Day.parse(day),
    digitizerVersion: 1,
    trusted: true,
    station: "ECBD",
    fetchedMs: undefined,
    calibration: undefined,
    fidelity: { explained: 0.99, present: 0.99 },
    problem: undefined,
    samples: times.map((timeMs) => ({
      timeMs,
      rmsMv: Math.min(10, tremor(timeMs)),
      clipped: tremor(timeMs) > 10,
      uncertaintyDecades: 0.0037,
    })),
  };
}

export function putPlots(catalog: Catalog, ...plots: CatalogReading[]): void {
  for (const plot of plots) catalog.putDay(plot.day, catalog.findDay(plot.day), plot);
  catalog.judgeFiling();
  while (catalog.stitchDays(64) > 0);
}

/** What a digitizer reads in a plot of the seven days up to `endMs`, each hour with its own amplitude. */
export function weekUpTo(endMs: number): Digitization {
  const startMs = endMs - 1008 * CADENCE_MS;
  const samples = Array.from({ length: 1008 }, (_, at) => {
    const timeMs = startMs + at * CADENCE_MS;
    const rmsMv = 0.5 + (Math.floor(timeMs / 3_600_000) % 7) / 100;
    return { timeMs, rmsMv, clipped: false, uncertaintyDecades: 0.0037 };
  });
  return { ...sampleReading(), samples, gaps: [], joins: [], window: { startMs, endMs } };
}
