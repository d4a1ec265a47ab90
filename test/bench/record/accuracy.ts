/**
 * How true the record is: held against the tremor that the plots were drawn from.
 */
import type { Catalog } from "../../../src/catalog/catalog.ts";
import { addDays, dayStartMs } from "../../../src/model/day.ts";
import { CADENCE_MS } from "../../../src/model/series.ts";
import { createColumns } from "../../../src/series/columns.ts";
import { findEpisodes, type Episode } from "../../../src/series/episodes.ts";
import { firstClear, firstShown, lastDayOf, pixelAt, type Simulation } from "./simulate.ts";

export interface Accuracy {
  /** Instants that any plot shows, how many of them the record lacks, and how many it has that no plot was drawn from. */
  shown: number;
  lacking: number;
  invented: number;
  /** Instants that no plot shows but behind its frame, and how many of them the record has all the same. */
  hidden: number;
  hiddenFound: number;
  /** Errors in pixels of the plot of that day; clipped samples left out. */
  record: { median: number; p95: number };
  singlePlots: { median: number; p95: number };
  setAside: string[];
  episodes: {
    truth: number;
    found: number;
    /** Of the truth's episodes, how many have one of their own in the record. */
    matched: number;
    worstOnsetMinutes: number;
    worstEndMinutes: number;
    /** Of peaks that aren't clipped, in percent. */
    worstPeakPercent: number;
  };
}

export function measureAccuracy(simulation: Simulation, catalog: Catalog): Accuracy {
  const { truth, first, plots } = simulation;
  const startMs = dayStartMs(addDays(first, -8));
  const endMs = dayStartMs(addDays(lastDayOf(simulation), 1));
  const steps = (endMs - startMs) / CADENCE_MS;
  const stepOf = (timeMs: number): number => (timeMs - startMs) / CADENCE_MS;
  const isDrawn = new Uint8Array(steps);
  const isShown = new Uint8Array(steps);
  for (const plot of plots) {
    isDrawn.fill(1, stepOf(firstShown(plot)), stepOf(plot.lastMs) + 1);
    isShown.fill(1, stepOf(firstClear(plot)), stepOf(plot.lastMs) + 1);
  }
  const trueMv = Float64Array.from(isDrawn, (flag, step) => (flag === 0 ? 0 : truth(startMs + step * CADENCE_MS)));
  const errorPx = (timeMs: number, rmsMv: number): number =>
    Math.abs(Math.log10(rmsMv / trueMv[stepOf(timeMs)]!)) / pixelAt(simulation, timeMs);

  const { timesMs, rmsMv, clipped } = catalog.readTremor({ startMs: startMs - 1e12, endMs: endMs + 1e12 });
  const errors: number[] = [];
  let invented = 0;
  const inRecord = new Uint8Array(steps);
  timesMs.forEach((timeMs, at) => {
    if (isDrawn[stepOf(timeMs)] !== 1) return void invented++;
    inRecord[stepOf(timeMs)] = 1;
    if (clipped[at] === 0) errors.push(errorPx(timeMs, rmsMv[at]!));
  });
  const single: number[] = [];
  for (const { day } of plots)
    for (const sample of catalog.findReading(day)?.samples ?? [])
      if (!sample.clipped && isDrawn[stepOf(sample.timeMs)] === 1) single.push(errorPx(sample.timeMs, sample.rmsMv));

  let [shown, lacking, hidden, hiddenFound] = [0, 0, 0, 0];
  isDrawn.forEach((flag, step) => {
    const found = inRecord[step]!;
    if (isShown[step] === 1) [shown, lacking] = [shown + 1, lacking + 1 - found];
    else if (flag === 1) [hidden, hiddenFound] = [hidden + 1, hiddenFound + found];
  });
  return {
    shown,
    lacking,
    invented,
    hidden,
    hiddenFound,
    record: quantilesOf(errors),
    singlePlots: quantilesOf(single),
    setAside: catalog.listSetAside().map(({ day }) => day),
    episodes: compareEpisodes(trueEpisodes(trueMv, startMs), catalog.listEpisodes(2)),
  };
}

function trueEpisodes(trueMv: Float64Array, startMs: number): readonly Episode[] {
  const columns = createColumns(trueMv.filter((mV) => mV > 0).length);
  let at = 0;
  trueMv.forEach((mV, step) => {
    if (mV === 0) return;
    columns.timesMs[at] = startMs + step * CADENCE_MS;
    columns.rmsMv[at++] = mV;
  });
  return findEpisodes(columns, 2);
}

function compareEpisodes(truth: readonly Episode[], found: readonly Episode[]): Accuracy["episodes"] {
  let [matched, worstOnsetMinutes, worstEndMinutes, worstPeakPercent] = [0, 0, 0, 0];
  const minutes = (a = 0, b = 0): number => Math.abs(a - b) / 60_000;
  for (const episode of truth) {
    const same = found.filter(
      ({ onsetMs, durationMs }) =>
        onsetMs < episode.onsetMs + episode.durationMs && onsetMs + durationMs > episode.onsetMs,
    );
    if (same.length !== 1) continue;
    const [other] = same as [Episode];
    matched += 1;
    worstOnsetMinutes = Math.max(worstOnsetMinutes, minutes(other.onsetMs, episode.onsetMs));
    worstEndMinutes = Math.max(worstEndMinutes, minutes(other.endMs, episode.endMs));
    if (!other.peak.clipped)
      worstPeakPercent = Math.max(worstPeakPercent, 100 * Math.abs(other.peak.rmsMv / episode.peak.rmsMv - 1));
  }
  return { truth: truth.length, found: found.length, matched, worstOnsetMinutes, worstEndMinutes, worstPeakPercent };
}

function quantilesOf(values: readonly number[]): { median: number; p95: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { median: at(0.5), p95: at(0.95) };
}
