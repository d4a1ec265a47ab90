/**
 * Tracks: what a plot shows, laid out by step so that plots can be laid over each other.
 * Owns the form, the pixel as a measure of agreement, and the walk along all plots at once.
 */
import type { Day } from "../model/day.ts";
import type { Calibration, Fidelity } from "../model/plot.ts";
import { CADENCE_MS, type Sample } from "../model/series.ts";

/** What one archived plot shows. Leave out what the digitizer doesn't trust. */
export interface PlotSeries {
  /** The archive day. */
  day: Day;
  /** `undefined` where it can't be read; such a plot is taken for one of any station. */
  station: string | undefined;
  /** When the source sent this very picture, where that is known. */
  fetchedMs?: number | undefined;
  calibration: Calibration | undefined;
  fidelity?: Fidelity | undefined;
  /** By time, no two at one instant. */
  samples: readonly Sample[];
}

export interface Track {
  /** Its place among the tracks. */
  index: number;
  /** The first archive day of the picture, and all of them. */
  day: Day;
  days: Day[];
  station: string | undefined;
  /** The first instant, in steps of `CADENCE_MS` since 1970, and how many steps the arrays hold. */
  first: number;
  length: number;
  /** 0 where the plot shows nothing. */
  rmsMv: Float64Array;
  /** 1 clipped at the top, -1 at the bottom, 0 not. */
  clip: Int8Array;
  uncertaintyDecades: Float32Array;
  /** Three pixels: as a factor on a logarithmic axis, in mV on a linear one. */
  toleranceFactor: number;
  toleranceMv: number;
  misfiled: boolean;
  /** How well it was read; decides where as many plots say one thing as say another. */
  standing: number;
}

/** Plots that lie farther apart than this contradict each other. */
const TOLERANCE_PX = 3;

/** One pixel of a published plot in decades (DESIGN.md, What was measured), where a plot has no calibration. */
const PUBLISHED_PX_DECADES = 1 / 136.5;

/**
 * One track for each picture that shows anything. Where a source served one picture for days, all its copies are one
 * measurement, so they make one track, that of the first day.
 */
export function createTracks(plots: readonly PlotSeries[], misfiled: ReadonlyMap<Day, string>): Track[] {
  const tracks: Track[] = [];
  const byStart = new Map<string, Track[]>();
  for (const plot of plots.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    if (plot.samples.length === 0) continue;
    const track = createTrack(plot, misfiled.has(plot.day));
    const key = `${track.first} ${track.length} ${track.misfiled ? track.day : ""}`;
    const alike = byStart.get(key) ?? [];
    const original = alike.find((other) => isCopy(other, track));
    if (original !== undefined) {
      original.days.push(plot.day);
      continue;
    }
    byStart.set(key, [...alike, track]);
    tracks.push(track);
  }
  tracks.sort((a, b) => a.first - b.first).forEach((track, index) => (track.index = index));
  return tracks;
}

function createTrack({ day, station, samples, calibration, fidelity }: PlotSeries, misfiled: boolean): Track {
  const first = Math.round(samples[0]!.timeMs / CADENCE_MS);
  const length = Math.round(samples.at(-1)!.timeMs / CADENCE_MS) - first + 1;
  const rmsMv = new Float64Array(length);
  const clip = new Int8Array(length);
  const uncertaintyDecades = new Float32Array(length);
  const axis = calibration?.amplitude;
  const middleMv =
    axis === undefined ? 1 : axis.scale === "log" ? Math.sqrt(axis.minMv * axis.maxMv) : (axis.minMv + axis.maxMv) / 2;
  for (const sample of samples) {
    const at = Math.round(sample.timeMs / CADENCE_MS) - first;
    rmsMv[at] = sample.rmsMv;
    uncertaintyDecades[at] = sample.uncertaintyDecades;
    if (sample.clipped) clip[at] = sample.rmsMv >= middleMv ? 1 : -1;
  }
  const tolerance = TOLERANCE_PX * Math.abs(axis?.perPx ?? PUBLISHED_PX_DECADES);
  const linear = axis?.scale === "linear";
  return {
    index: 0,
    day,
    days: [day],
    station,
    first,
    length,
    rmsMv,
    clip,
    uncertaintyDecades,
    // A hair more, so that exactly three pixels don't depend on how they were rounded.
    toleranceFactor: linear ? 1 : 10 ** (tolerance * (1 + 1e-9)),
    toleranceMv: linear ? tolerance * (1 + 1e-9) : 0,
    misfiled,
    standing:
      (calibration?.time.found === "labels" ? 2 : 0) +
      (fidelity === undefined ? 0 : Math.min(fidelity.explained, fidelity.present)),
  };
}

function isCopy(a: Track, b: Track): boolean {
  return (
    a.station === b.station &&
    a.rmsMv.every((rmsMv, index) => rmsMv === b.rmsMv[index]) &&
    a.clip.every((clip, index) => clip === b.clip[index])
  );
}

/** Is a value within the track's three pixels? A clipped one is only a limit, and agrees with all that is beyond it. */
export function agrees(track: Track, step: number, rmsMv: number, clip: number): boolean {
  const own = track.rmsMv[step - track.first]!;
  const ownClip = track.clip[step - track.first]!;
  const [low, high] = own < rmsMv ? [own, rmsMv] : [rmsMv, own];
  if (high <= low * track.toleranceFactor || high - low <= track.toleranceMv) return true;
  // The lower one is a limit that the truth lies above, or the higher one a limit that it lies below.
  return own < rmsMv ? ownClip > 0 || clip < 0 : ownClip < 0 || clip > 0;
}

/** Do two plots agree on an instant that both show, by the pixel of the coarser one? */
export function agree(a: Track, b: Track, step: number): boolean {
  return (
    agrees(a, step, b.rmsMv[step - b.first]!, b.clip[step - b.first]!) ||
    agrees(b, step, a.rmsMv[step - a.first]!, a.clip[step - a.first]!)
  );
}

/**
 * Walks along the steps from `from` up to, and not with, `to`, with the tracks whose window holds each.
 * Leaps over what no window holds, however long. @param tracks sorted by `first`
 */
export function sweep(
  tracks: readonly Track[],
  from: number,
  to: number,
  visit: (active: readonly Track[], step: number) => void,
): void {
  let active: Track[] = [];
  let next = 0;
  let step = from;
  while (step < to) {
    while (next < tracks.length && tracks[next]!.first <= step) active.push(tracks[next++]!);
    active = active.filter(({ first, length }) => first + length > step);
    const upcoming = tracks[next]?.first ?? to;
    const change = active.reduce((least, { first, length }) => Math.min(least, first + length), Math.min(upcoming, to));
    if (active.length === 0) step = change;
    else for (; step < change; step++) visit(active, step);
  }
}
