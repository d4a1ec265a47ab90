/**
 * Stitching: many plots that overlap become one series. Each plot shows about seven days, so an instant is seen by
 * about seven of them, and what most of them say is its value.
 * Owns the consensus; `judge-plots.ts` says which plots take part in it.
 */
import { CADENCE_MS, type Sample, type TimeRange } from "../model/series.ts";
import { findGaps } from "./gaps.ts";
import { judgePlots, type SetAside } from "./judge-plots.ts";
import { findMisfiled } from "./misfiled.ts";
import { agrees, clippedAbove, createTracks, sweep, type PlotSeries, type Track } from "./tracks.ts";
import type { Day } from "../model/day.ts";

/** What the plots say of one instant. */
export interface ConsensusSample extends Sample {
  /** How many pictures that take part show this instant; one that was archived on several days counts once. */
  shownBy: number;
  /** How many of these lie within three pixels of the value. */
  agreeing: number;
}

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
 * Joins plots. The value of an instant is the median of those that show it, on the logarithmic scale of the plots
 * (of an even count the geometric mean of the middle two). It is clipped only where all are: then it is the
 * farthest of the limits, since the truth lies beyond each.
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

  const samples: ConsensusSample[] = [];
  const [from, to] = [Math.ceil(range.startMs / CADENCE_MS), Math.ceil(range.endMs / CADENCE_MS)];
  const showing: Track[] = [];
  sweep(tracks, from, to, (active, step) => {
    showing.length = 0;
    for (const track of active) if (voters.has(track) && track.rmsMv[step - track.first]! > 0) showing.push(track);
    if (showing.length === 0)
      for (const track of active) if (confirmed.has(track) && track.rmsMv[step - track.first]! > 0) showing.push(track);
    if (showing.length > 0) samples.push(consensus(ofOneStation(showing), step));
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

function consensus(showing: Track[], step: number): ConsensusSample {
  const valueOf = (track: Track): number => track.rmsMv[step - track.first]!;
  const unclipped = showing.filter((track) => track.clip[step - track.first] === 0);
  const clipped = unclipped.length === 0;
  const voting = (clipped ? showing : unclipped).sort((a, b) => valueOf(a) - valueOf(b));
  const above = clipped && clippedAbove(voting[0]!, step);
  const rmsMv = clipped ? valueOf(voting.at(above ? -1 : 0)!) : medianMv(voting.map(valueOf));

  const clip = clipped ? (above ? 1 : -1) : 0;
  let agreeing = 0;
  for (const track of showing) if (agrees(track, step, rmsMv, clip)) agreeing += 1;
  return {
    timeMs: step * CADENCE_MS,
    rmsMv,
    clipped,
    uncertaintyDecades: uncertainty(),
    shownBy: showing.length,
    agreeing,
  };

  /**
   * That of the middle plot, or the spread between the plots where that is more (1.4826 times the median deviation,
   * which estimates the standard deviation of normal errors). It doesn't shrink with the count of plots: plots with the
   * same axes round the same way.
   */
  function uncertainty(): number {
    const own = middleOf(voting.map((track) => track.uncertaintyDecades[step - track.first]!));
    if (clipped || valueOf(voting[0]!) === valueOf(voting.at(-1)!)) return own;
    return Math.max(own, 1.4826 * middleOf(voting.map((track) => Math.abs(Math.log10(valueOf(track) / rmsMv)))));
  }
}

/** The geometric mean of the middle two of an even count; exact where they are the same. */
function medianMv(sorted: number[]): number {
  const high = sorted[sorted.length >>> 1]!;
  const low = sorted[(sorted.length - 1) >>> 1]!;
  return low === high ? low : Math.sqrt(low * high);
}

function middleOf(values: number[]): number {
  values.sort((a, b) => a - b);
  return (values[values.length >>> 1]! + values[(values.length - 1) >>> 1]!) / 2;
}

/** Those that show the station that most of them show: two stations are no two readings of one thing. */
function ofOneStation(showing: Track[]): Track[] {
  const first = showing[0]!.station;
  if (showing.every(({ station }) => station === first)) return showing;
  const known = showing.flatMap(({ station }) => station ?? []);
  const countOf = (name: string): number => known.filter((station) => station === name).length;
  const most = known.reduce((best, name) => (countOf(name) > countOf(best) ? name : best));
  return showing.filter(({ station }) => station === undefined || station === most);
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
