/**
 * A synthetic tremor: what a volcano like Etna might do, known for any instant without computing those before it.
 * It swells slowly between 0.3 and 0.55 mV, jitters every ten minutes, and now and then rises to 3 to 10 mV within
 * hours and drops again, as in a lava fountain.
 */
import { CADENCE_MS } from "../../model/series.ts";
import type { DrawnSample } from "./draw-plot.ts";

/** RMS amplitude in mV at an instant, ms since 1970. The same seed always tells the same story. */
export type Tremor = (timeMs: number) => number;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Each span of so many days holds at most one episode, so that an instant asks for one alone. */
const EPISODE_SPAN_MS = 8 * DAY_MS;

/** A paroxysm: it builds up, goes on for a while, and breaks off. */
export interface TremorEpisode {
  startMs: number;
  riseMs: number;
  plateauMs: number;
  fallMs: number;
  peakMv: number;
}

/** @param episodes in place of those that chance would bring; by time, none reaching into the next */
export function createTremor(seed: number, episodes?: readonly TremorEpisode[]): Tremor {
  const chance = createChance(seed);

  function backgroundDecades(timeMs: number): number {
    const months = swell(chance, "months", timeMs / (50 * DAY_MS));
    const days = swell(chance, "days", timeMs / (2.5 * DAY_MS));
    const hours = swell(chance, "hours", timeMs / (7 * HOUR_MS));
    return Math.log10(0.4) + 0.07 * months + 0.05 * days + 0.02 * hours;
  }

  function findEpisode(span: number): TremorEpisode | undefined {
    const of = (what: string, from: number, to: number) => from + (to - from) * chance(what, span);
    // Active and quiet phases of some months take turns.
    const activity = 0.55 + 0.4 * swell(chance, "phase", (span * EPISODE_SPAN_MS) / (120 * DAY_MS));
    if (chance("episode", span) > activity) return undefined;
    const riseMs = of("rise", 4, 16) * HOUR_MS;
    const plateauMs = of("plateau", 0.5, 5) * HOUR_MS;
    const fallMs = of("fall", 0.7, 4) * HOUR_MS;
    const room = EPISODE_SPAN_MS - riseMs - plateauMs - fallMs;
    const startMs = span * EPISODE_SPAN_MS + room * chance("start", span);
    return { startMs, riseMs, plateauMs, fallMs, peakMv: 10 ** of("peak", Math.log10(3), Math.log10(8.4)) };
  }

  const episodeAt = (timeMs: number): TremorEpisode | undefined =>
    episodes === undefined
      ? findEpisode(Math.floor(timeMs / EPISODE_SPAN_MS))
      : episodes.findLast(({ startMs }) => startMs <= timeMs);

  return (timeMs) => {
    const background = backgroundDecades(timeMs);
    const episode = episodeAt(timeMs);
    const strength = episode === undefined ? 0 : strengthOf(episode, timeMs);
    const step = Math.round(timeMs / CADENCE_MS);
    // Three throws together are near enough to a bell curve, of standard deviation 0.5.
    const jitter = chance("a", step) + chance("b", step) + chance("c", step) - 1.5;
    const flicker = strength * 0.06 * swell(chance, "flicker", timeMs / (0.7 * HOUR_MS));
    const height = strength * (Math.log10(episode?.peakMv ?? 1) - background);
    return 10 ** (background + height + flicker - 0.03 * strength + jitter * (0.075 - 0.045 * strength));
  };
}

/** The samples of a stretch of time, one at each whole ten minutes in it, its end included. */
export function samplesOf(tremor: Tremor, startMs: number, endMs: number): DrawnSample[] {
  const samples: DrawnSample[] = [];
  for (let timeMs = Math.ceil(startMs / CADENCE_MS) * CADENCE_MS; timeMs <= endMs; timeMs += CADENCE_MS)
    samples.push({ timeMs, rmsMv: tremor(timeMs) });
  return samples;
}

/** From 0 (not felt) to 1 (full). It gathers speed while it rises, and breaks off faster than it came. */
function strengthOf({ startMs, riseMs, plateauMs, fallMs }: TremorEpisode, timeMs: number): number {
  const sinceMs = timeMs - startMs;
  if (sinceMs <= 0) return 0;
  if (sinceMs < riseMs) return (sinceMs / riseMs) ** 2.2;
  if (sinceMs < riseMs + plateauMs) return 1;
  const left = 1 - (sinceMs - riseMs - plateauMs) / fallMs;
  return left <= 0 ? 0 : left ** 1.5;
}

/** A number from 0 to 1 for each name and whole number. */
type Chance = (what: string, at: number) => number;

function createChance(seed: number): Chance {
  const salts = new Map<string, number>();
  return (what, at) => {
    let salt = salts.get(what);
    if (salt === undefined) {
      salt = [...what].reduce((sum, letter) => scramble(sum + letter.charCodeAt(0)), scramble(seed));
      salts.set(what, salt);
    }
    return scramble(salt + Math.imul(at, 0x9e3779b1)) / 2 ** 32;
  };
}

/** Spreads 32 bits so that near numbers land far apart (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** A smooth curve between -1 and 1 through a throw at each whole number. */
function swell(chance: Chance, what: string, at: number): number {
  const before = Math.floor(at);
  const part = at - before;
  const eased = part * part * (3 - 2 * part);
  return 2 * (chance(what, before) * (1 - eased) + chance(what, before + 1) * eased) - 1;
}
