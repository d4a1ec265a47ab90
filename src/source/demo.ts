/**
 * The demo's source: plots in INGV's style, drawn from a synthetic tremor and served on loopback.
 * They look like INGV's, and only a tEXt chunk in them says that they aren't; who shows them says so in words.
 */
import { type Day, addDays, daysBetween, dayStartMs } from "../model/day.ts";
import type { FetchedPlot } from "../model/plot.ts";
import { CADENCE_MS } from "../model/series.ts";
import { createPlotPainter } from "./demo/draw-plot.ts";
import { startPlotServer, type OfferedPlot, type PlotServer } from "./demo/server.ts";
import { createTremor, samplesOf } from "./demo/tremor.ts";

/** The same seed shows the same tremor. */
const DEFAULT_SEED = 1669;
/** A published plot shows the last seven days, and appears some minutes after its last sample. */
const SAMPLES_PER_PLOT = 1008;
const PUBLISHED_AFTER_MS = 180_000;
const LAST_FETCH_OF_DAY_MS = (23 * 60 + 55) * 60_000;

/**
 * Serves the plot of the moment.
 * @param clock ms since 1970; its day is the demo's today
 */
export async function startDemoSource({ clock, seed }: { clock: () => number; seed?: number }): Promise<PlotServer> {
  const plotAt = await createDemoPlots(seed);
  return startPlotServer("/RMS_Etna/2.png", () => plotAt(clock()));
}

/** What would have been fetched from `sourceUrl` at 23:55 of each day, oldest first, both days included. */
export async function* demoPlots({
  from,
  to,
  sourceUrl,
}: {
  from: Day;
  to: Day;
  sourceUrl: string;
}): AsyncGenerator<FetchedPlot> {
  const plotAt = await createDemoPlots();
  for (let at = 0; at <= daysBetween(from, to); at++) {
    const fetchedMs = dayStartMs(addDays(from, at)) + LAST_FETCH_OF_DAY_MS;
    const { version, draw } = plotAt(fetchedMs);
    yield { png: draw(), sourceUrl, fetchedMs, version };
  }
}

/** The plot that was to be had at any instant. */
async function createDemoPlots(seed = DEFAULT_SEED): Promise<(timeMs: number) => OfferedPlot> {
  const painter = await createPlotPainter();
  const tremor = createTremor(seed);
  return (timeMs) => {
    const lastSampleMs = Math.floor((timeMs - PUBLISHED_AFTER_MS) / CADENCE_MS) * CADENCE_MS;
    const version = {
      etag: `"synthetic-${seed}-${lastSampleMs / CADENCE_MS}"`,
      lastModified: new Date(lastSampleMs + PUBLISHED_AFTER_MS).toUTCString(),
    };
    const draw = () =>
      painter.draw({
        samples: samplesOf(tremor, lastSampleMs - (SAMPLES_PER_PLOT - 1) * CADENCE_MS, lastSampleMs),
        texts: { Comment: "Synthetic tremor, drawn by etna-archive's demo. Not a measurement." },
      });
    return { version, draw };
  };
}
