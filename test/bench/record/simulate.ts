/**
 * A simulated archive: plots drawn from a tremor that is known, with all that goes wrong in years of archiving.
 * Owns what was planned, so that it can be held against what is read back.
 */
import { createPlotPainter } from "../../../src/source/demo/draw-plot.ts";
import { createTremor, samplesOf, type Tremor, type TremorEpisode } from "../../../src/source/demo/tremor.ts";
import { addDays, Day, dayOf, dayStartMs } from "../../../src/model/day.ts";
import { CADENCE_MS } from "../../../src/model/series.ts";
import { createRandom } from "../../series/synthetic.ts";

export interface SimulatedPlot {
  /** The day under which the picture lies. */
  day: Day;
  /** The last instant that it shows; it shows seven days. */
  lastMs: number;
  /** Of the amplitude axis, which begins at 0.1 mV. */
  maxDecade: number;
}

export interface Simulation {
  first: Day;
  days: number;
  truth: Tremor;
  /** By day. */
  plots: SimulatedPlot[];
  missing: number;
  stale: number;
  /** Days whose pictures changed places. */
  swapped: Day[];
  episodes: number;
}

export interface SimulationOptions {
  days: number;
  episodes: number;
  seed?: number;
}

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
export const SAMPLES_PER_PLOT = 1008;
const MISSING_SHARE = 0.05;
const STALE_SHARE = 0.02;
const MISSING_RUNNING = 6;
/** The record of these archives begins here. */
const FIRST_DAY = Day.parse("2005-03-01");

/** 5 % of days missing, also 6 running; 2 % stale; three pictures swapped; another axis from the middle on. */
export function simulate({ days, episodes, seed = 1669 }: SimulationOptions): Simulation {
  const random = createRandom(seed);
  const below = (count: number): number => Math.floor(random() * count);

  const missing = new Set<number>();
  const firstMissing = Math.floor(days * 0.3);
  for (let at = firstMissing; at < firstMissing + MISSING_RUNNING; at++) missing.add(at);
  // The days around the long gap stay, so that their plots show what was missed.
  const isFree = (at: number): boolean =>
    at > 7 && at < days - 8 && !missing.has(at) && Math.abs(at - firstMissing - 3) > 12;
  while (missing.size < Math.round(days * MISSING_SHARE)) {
    const at = below(days);
    if (isFree(at)) missing.add(at);
  }
  const swapped = [0.2, 0.55, 0.8].map((share) => {
    let at = Math.floor(days * share);
    while (!isFree(at)) at++;
    return at;
  });
  const stale = new Map<number, number>();
  while (stale.size < Math.round(days * STALE_SHARE)) {
    const at = below(days);
    if (isFree(at) && !swapped.includes(at)) stale.set(at, 1 + below(3));
  }

  const plotOf = (at: number): Omit<SimulatedPlot, "day"> => {
    const shownDay = at - (stale.get(at) ?? 0);
    return {
      lastMs: dayStartMs(addDays(FIRST_DAY, shownDay)) + DAY_MS - CADENCE_MS,
      maxDecade: shownDay < days / 2 ? 1 : 2,
    };
  };
  const plots: SimulatedPlot[] = [];
  for (let at = 0; at < days; at++) {
    if (missing.has(at)) continue;
    const place = swapped.indexOf(at);
    const from = place < 0 ? at : swapped[(place + 1) % swapped.length]!;
    plots.push({ day: addDays(FIRST_DAY, at), ...plotOf(from) });
  }
  return {
    first: FIRST_DAY,
    days,
    truth: createTremor(seed, planEpisodes(days, episodes, random)),
    plots,
    missing: missing.size,
    stale: stale.size,
    swapped: swapped.map((at) => addDays(FIRST_DAY, at)),
    episodes,
  };
}

function planEpisodes(days: number, count: number, random: () => number): TremorEpisode[] {
  const of = (from: number, to: number): number => from + (to - from) * random();
  return Array.from({ length: count }, (_, number) => {
    const middleDay = ((number + 0.3 + 0.4 * random()) / count) * days;
    return {
      startMs: dayStartMs(FIRST_DAY) + Math.round(middleDay * 144) * CADENCE_MS,
      riseMs: of(4, 16) * HOUR_MS,
      plateauMs: of(0.5, 5) * HOUR_MS,
      fallMs: of(0.7, 4) * HOUR_MS,
      peakMv: 10 ** of(Math.log10(3.5), Math.log10(12)),
    };
  });
}

/** Draws the pictures, one by one. */
export async function* drawPlots({ truth }: Simulation, plots: readonly SimulatedPlot[]) {
  const painter = await createPlotPainter();
  for (const plot of plots) {
    const { lastMs, maxDecade } = plot;
    const samples = samplesOf(truth, firstShown(plot), lastMs);
    yield { plot, png: painter.draw({ samples, maxDecade, texts: { Comment: "Synthetic tremor, for a benchmark." } }) };
  }
}

export function firstShown({ lastMs }: Pick<SimulatedPlot, "lastMs">): number {
  return lastMs - (SAMPLES_PER_PLOT - 1) * CADENCE_MS;
}

/** The first instant that the frame doesn't hide: the axis begins with the plot's first sample, so that one lies behind it. */
export function firstClear(plot: Pick<SimulatedPlot, "lastMs">): number {
  return firstShown(plot) + CADENCE_MS;
}

/** One pixel of the plot that was drawn on a day, in decades. */
export function pixelAt({ first, days }: Simulation, timeMs: number): number {
  const at = (timeMs - dayStartMs(first)) / DAY_MS;
  return (at < days / 2 ? 2 : 3) / 273;
}

export const nameOf = ({ day }: Pick<SimulatedPlot, "day">): string =>
  `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}.png`;

export const lastDayOf = ({ first, days }: Simulation): Day => dayOf(dayStartMs(first) + (days - 1) * DAY_MS);
