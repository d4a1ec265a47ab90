/**
 * Judging plots by each other: which of them take part in the consensus.
 * Owns the rules by which a plot is set aside; being misfiled is judged in `misfiled.ts`.
 */
import type { Day } from "../model/day.ts";
import { CADENCE_MS, type TimeRange } from "../model/series.ts";
import { agree, sweep, type Track } from "./tracks.ts";

export type SetAsideReason = "DISAGREES" | "MISFILED" | "OTHER_STATION";

export interface SetAside {
  /** The archive day. */
  day: Day;
  reason: SetAsideReason;
  /** In words, for people. */
  message: string;
  /** What its time axis says that it shows. */
  window: TimeRange;
}

export interface Judgement {
  setAside: SetAside[];
  /** Those that take part. */
  voters: ReadonlySet<Track>;
  /** Misfiled ones whose readings the others confirm. */
  confirmed: ReadonlySet<Track>;
}

/** More steps than this, one after the other, are more than an hour. */
const HOUR_STEPS = 3_600_000 / CADENCE_MS;

/**
 * A plot whose time axis is wrong errs to both sides and now and then agrees by chance, so a quarter of all that was
 * compared is enough too. Plots read rightly stay far below: with a single value for each pixel column, the roughest
 * reading there is, a tenth of a lively week is off by more than 3 px.
 */
const DISAGREEING_SHARE = 0.25;

/** Steps, six hours of them, that others must have seen as a misfiled plot has before it is relied on. */
const CONFIRMED_STEPS = 36;

interface Tally {
  compared: number;
  disagreed: number;
  /** Steps in disagreement up to here, one after the other, and the longest such run with its last step. */
  run: number;
  longest: number;
  longestEnd: number;
  otherStation: number;
}

/**
 * At each instant the plot that most others agree with (of equals the best read one) speaks for all. A plot
 * is set aside when it is off that one by more than three pixels for more than an hour on end, or for more than an
 * hour and a quarter of what was compared; or when most of it is outvoted by plots of another station.
 * Two plots that contradict each other alone are no majority: then the better read one stays.
 * @param tracks sorted by `first`
 */
export function judgePlots(tracks: readonly Track[], misfiled: ReadonlyMap<Day, string>): Judgement {
  const tallies = compare(tracks);
  const setAside: SetAside[] = [];
  const voters = new Set<Track>();
  const confirmed = new Set<Track>();
  for (const track of tracks) {
    const tally = tallies[track.index]!;
    const fault = findFault(track, tally);
    if (fault === undefined && !track.misfiled) voters.add(track);
    for (const day of track.days) {
      if (track.misfiled) setAside.push(report(day, "MISFILED", misfiled.get(day)!, track));
      else if (fault !== undefined) setAside.push(report(day, ...fault, track));
    }
    const agreed = tally.compared - tally.disagreed - tally.otherStation;
    if (track.misfiled && agreed >= CONFIRMED_STEPS && !contradicts(tally)) confirmed.add(track);
  }
  return { setAside: setAside.sort((a, b) => (a.day < b.day ? -1 : 1)), voters, confirmed };
}

/** Why the others outvote it, and what of it; `undefined` where they don't. */
function findFault(track: Track, tally: Tally): [SetAsideReason, string] | undefined {
  if (tally.otherStation * 2 > tally.compared)
    return ["OTHER_STATION", `shows station ${track.station}, most of those around it another one`];
  if (!contradicts(tally)) return undefined;
  const hours = (steps: number): string => `${((steps * CADENCE_MS) / 3_600_000).toFixed(1)} h`;
  const end = new Date((tally.longestEnd + 1) * CADENCE_MS).toISOString().slice(0, 16);
  return [
    "DISAGREES",
    `is off the others by more than 3 px for ${hours(tally.disagreed)} of ${hours(tally.compared)}, ` +
      `for up to ${hours(tally.longest)} on end until ${end}Z`,
  ];
}

function report(day: Day, reason: SetAsideReason, fault: string, { first, length }: Track): SetAside {
  const window = { startMs: first * CADENCE_MS, endMs: (first + length) * CADENCE_MS };
  return { day, reason, message: `The plot of ${day} ${fault}`, window };
}

function contradicts({ longest, disagreed, compared }: Tally): boolean {
  return longest > HOUR_STEPS || (disagreed > HOUR_STEPS && disagreed > compared * DISAGREEING_SHARE);
}

/** How each track fares against those that speak for all, in the order of the tracks. */
function compare(tracks: readonly Track[]): Tally[] {
  const tallies = tracks.map((): Tally => ({
    compared: 0,
    disagreed: 0,
    run: 0,
    longest: 0,
    longestEnd: 0,
    otherStation: 0,
  }));
  const from = tracks[0]?.first ?? 0;
  const to = tracks.reduce((most, { first, length }) => Math.max(most, first + length), from);
  const showing: Track[] = [];
  sweep(tracks, from, to, (active, step) => {
    showing.length = 0;
    let least = Infinity;
    let most = 0;
    let toleranceFactor = Infinity;
    let alike = true;
    for (const track of active) {
      const rmsMv = track.rmsMv[step - track.first]!;
      if (rmsMv === 0) continue;
      showing.push(track);
      if (rmsMv < least) least = rmsMv;
      if (rmsMv > most) most = rmsMv;
      if (track.toleranceFactor < toleranceFactor) toleranceFactor = track.toleranceFactor;
      if (track.station !== showing[0]!.station || track.misfiled) alike = false;
    }
    if (showing.length < 2) return;
    // Nearly always all lie close together, and then nobody need be asked who stands for whom.
    const speaker = alike && most <= least * toleranceFactor ? undefined : findSpeaker(showing, step);
    if (!alike && speaker === undefined) return;
    for (const track of showing) {
      const tally = tallies[track.index]!;
      tally.compared += 1;
      if (speaker === undefined || (isSameStation(track, speaker) && agree(track, speaker, step))) {
        tally.run = 0;
      } else if (!isSameStation(track, speaker)) {
        tally.otherStation += 1;
      } else {
        tally.disagreed += 1;
        tally.run += 1;
        if (tally.run > tally.longest) [tally.longest, tally.longestEnd] = [tally.run, step];
      }
    }
  });
  return tallies;
}

/** The plot that most plots agree with, of equals the best read, of equals the last archived; no misfiled one. */
function findSpeaker(showing: readonly Track[], step: number): Track | undefined {
  let speaker: Track | undefined;
  let most = 0;
  for (const track of showing) {
    if (track.misfiled) continue;
    let support = 0;
    for (const other of showing)
      if (!other.misfiled && isSameStation(track, other) && agree(track, other, step)) support += 1;
    if (speaker === undefined || support > most || (support === most && isBetterRead(track, speaker)))
      [speaker, most] = [track, support];
  }
  return speaker;
}

function isBetterRead(track: Track, other: Track): boolean {
  return track.standing === other.standing ? track.day > other.day : track.standing > other.standing;
}

function isSameStation(a: Track, b: Track): boolean {
  return a.station === b.station || a.station === undefined || b.station === undefined;
}
