/**
 * Consensus: one value out of what several plots say of one instant.
 */
import { CADENCE_MS, type Sample } from "../model/series.ts";
import { agrees, type Track } from "./tracks.ts";

/** What the plots say of one instant. */
export interface ConsensusSample extends Sample {
  /** How many pictures that take part show this instant; one that was archived on several days counts once. */
  shownBy: number;
  /** How many of these lie within three pixels of the value. */
  agreeing: number;
}

/** A standard deviation in median deviations from the median, where errors are normal. */
const MEDIAN_DEVIATIONS = 1.4826;

/**
 * Makes a function from the tracks that show a step to its sample: the median of the unclipped values on the
 * logarithmic scale of the plots (of an even count the geometric mean of the middle two). Where they are clipped (`isClipped`) the sample
 * is, at the farthest of the limits, since the truth lies beyond each.
 * Its uncertainty is that of the middle plot, or the spread between the plots where that is more. It doesn't shrink with the
 * count of plots: plots with the same axes round the same way.
 */
export function createConsensus(): (showing: readonly Track[], step: number) => ConsensusSample {
  // Lists that are used again: this runs once for each of a million instants.
  const values: number[] = [];
  const uncertainties: number[] = [];
  const deviations: number[] = [];

  return (tracks, step) => {
    const showing = ofOneStation(tracks);
    const clipped = showing.some((track) => track.clip[step - track.first] !== 0) && isClipped(showing, step);
    values.length = 0;
    uncertainties.length = 0;
    for (const track of showing) {
      const at = step - track.first;
      if (clipped !== (track.clip[at] !== 0)) continue;
      insert(values, track.rmsMv[at]!);
      insert(uncertainties, track.uncertaintyDecades[at]!);
    }
    const clip = clipped ? clipOf(showing, step) : 0;
    const rmsMv = clip > 0 ? values.at(-1)! : clip < 0 ? values[0]! : geometricMedian(values);

    let uncertaintyDecades = middleOf(uncertainties);
    if (!clipped && values[0] !== values.at(-1)) {
      deviations.length = 0;
      for (const value of values) insert(deviations, Math.abs(Math.log10(value / rmsMv)));
      uncertaintyDecades = Math.max(uncertaintyDecades, MEDIAN_DEVIATIONS * middleOf(deviations));
    }
    let agreeing = 0;
    for (const track of showing) if (agrees(track, step, rmsMv, clip)) agreeing += 1;
    return { timeMs: step * CADENCE_MS, rmsMv, clipped, uncertaintyDecades, shownBy: showing.length, agreeing };
  };
}

/**
 * Clipped where all say so; and where most do and what the others show lies within the limit, since a curve at the very edge
 * of its plot is easily read a pixel inside. A value beyond the limit is of a plot that reaches farther.
 */
function isClipped(showing: readonly Track[], step: number): boolean {
  const clips = showing.filter((track) => track.clip[step - track.first] !== 0);
  if (clips.length === showing.length) return true;
  if (clips.length * 2 <= showing.length) return false;
  const valueOf = (track: Track): number => track.rmsMv[step - track.first]!;
  const limits = clips.map(valueOf);
  const others = showing.filter((track) => !clips.includes(track)).map(valueOf);
  return clipOf(showing, step) > 0
    ? Math.max(...others) < Math.max(...limits)
    : Math.min(...others) > Math.min(...limits);
}

/** The end at which the plots are clipped: 1 the top, -1 the bottom. */
function clipOf(showing: readonly Track[], step: number): number {
  return showing.map((track) => track.clip[step - track.first]!).find((clip) => clip !== 0) ?? 0;
}

/** Those that show the station that most of them show: two stations are no two readings of one thing. */
function ofOneStation(showing: readonly Track[]): readonly Track[] {
  const first = showing[0]!.station;
  if (showing.every(({ station }) => station === first)) return showing;
  const known = showing.flatMap(({ station }) => station ?? []);
  const countOf = (name: string): number => known.filter((station) => station === name).length;
  const most = known.reduce((best, name) => (countOf(name) > countOf(best) ? name : best));
  return showing.filter(({ station }) => station === undefined || station === most);
}

/** Into its place in a sorted list, which is quicker than sorting for the few plots that show an instant. */
function insert(sorted: number[], value: number): void {
  let at = sorted.length;
  while (at > 0 && sorted[at - 1]! > value) {
    sorted[at] = sorted[at - 1]!;
    at -= 1;
  }
  sorted[at] = value;
}

/** Exact where the middle two are the same. */
function geometricMedian(sorted: readonly number[]): number {
  const high = sorted[sorted.length >>> 1]!;
  const low = sorted[(sorted.length - 1) >>> 1]!;
  return low === high ? low : Math.sqrt(low * high);
}

function middleOf(sorted: readonly number[]): number {
  return (sorted[sorted.length >>> 1]! + sorted[(sorted.length - 1) >>> 1]!) / 2;
}
