/**
 * Stitching: many plots that overlap become one series. Each plot shows about seven days, so an instant is seen by
 * about seven of them, and what most of them say is its value.
 * Owns who is asked about which instant; `judge-plots.ts` says who takes part, `consensus.ts` what they say together.
 */
import type { Day } from "../model/day.ts";
import { CADENCE_MS, type Sample, type TimeRange } from "../model/series.ts";
import { createConsensus, type ConsensusSample } from "./consensus.ts";
import { findGaps } from "./gaps.ts";
import { judgePlots, type SetAside } from "./judge-plots.ts";
import { findMisfiled } from "./misfiled.ts";
import { createTracks, sweep, type PlotSeries, type Track } from "./tracks.ts";

export interface Stitched {
  /** By time. */
  samples: ConsensusSample[];
  /** What no plot shows: within `range`, or else between the first and the last sample. Never interpolated. */
  gaps: TimeRange[];
  /** The plots that overlap the range and took no part, by day. */
  setAside: SetAside[];
}

export interface StitchOptions {
  /** Default: all that the plots show. */
  range?: TimeRange | undefined;
  /**
   * Plots that lie under the wrong day, with what is wrong (`findMisfiled`). Telling them takes the whole archive, so
   * whoever stitches a part of it hands them in. Default: judged among `plots`.
   */
  misfiled?: ReadonlyMap<Day, string> | undefined;
}

/**
 * How far from an instant a plot can lie and still matter to it, in ms: a plot is judged by those that overlap it.
 * To stitch a range as if all were stitched, hand in each plot that shows anything within `STITCH_REACH_MS` of it.
 * A plot that comes, changes or goes can change what lies within `STITCH_REACH_MS` of its window, and nothing else.
 * For plots of up to eight days; those that INGV publishes show seven.
 */
export const STITCH_REACH_MS = 8 * 86_400_000;

/**
 * Joins plots: the value of an instant is the consensus of those that show it (`createConsensus`).
 * Set aside are plots that contradict the others for more than an hour (see `judgePlots`), plots of another station,
 * and misfiled ones. Of these last alone, the samples serve where no other plot shows anything, provided that for
 * some hours elsewhere they say what the others say, so that their own time axis is known to be right.
 */
export function stitch(plots: readonly PlotSeries[], options: StitchOptions = {}): Stitched {
  const range = options.range ?? rangeOf(plots);
  if (range === undefined) return { samples: [], gaps: [], setAside: [] };
  const misfiled = options.misfiled ?? findMisfiled(plots.flatMap(toFiled));
  const tracks = createTracks(plots, misfiled);
  const { setAside, voters, confirmed } = judgePlots(tracks, misfiled);

  const taking = tracks.filter((track) => voters.has(track) || confirmed.has(track));
  const consensus = createConsensus();
  const samples: ConsensusSample[] = [];
  const [from, to] = [Math.ceil(range.startMs / CADENCE_MS), Math.ceil(range.endMs / CADENCE_MS)];
  const showing: Track[] = [];
  sweep(taking, from, to, (active, step) => {
    showing.length = 0;
    for (const track of active) if (!track.misfiled && track.rmsMv[step - track.first]! > 0) showing.push(track);
    if (showing.length === 0)
      for (const track of active) if (track.misfiled && track.rmsMv[step - track.first]! > 0) showing.push(track);
    if (showing.length > 0) samples.push(consensus(showing, step));
  });
  return {
    samples,
    gaps: findGaps(
      samples.map(({ timeMs }) => timeMs),
      options.range ?? spanOf(samples),
    ),
    setAside: setAside.filter(({ window }) => window.startMs < range.endMs && window.endMs > range.startMs),
  };
}

const toFiled = ({ day, samples, fetchedMs }: PlotSeries) => {
  const last = samples.at(-1);
  return last === undefined ? [] : [{ day, lastMs: last.timeMs, fetchedMs }];
};

function rangeOf(plots: readonly PlotSeries[]): TimeRange | undefined {
  const shown = plots.filter(({ samples }) => samples.length > 0);
  if (shown.length === 0) return undefined;
  const startMs = shown.reduce((least, { samples }) => Math.min(least, samples[0]!.timeMs), Infinity);
  const lastMs = shown.reduce((most, { samples }) => Math.max(most, samples.at(-1)!.timeMs), -Infinity);
  return { startMs, endMs: lastMs + CADENCE_MS };
}

function spanOf(samples: readonly Sample[]): TimeRange {
  if (samples.length === 0) return { startMs: 0, endMs: 0 };
  return { startMs: samples[0]!.timeMs, endMs: samples.at(-1)!.timeMs + CADENCE_MS };
}
