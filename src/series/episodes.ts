/**
 * Episodes: stretches of tremor that mark an eruption, found by a threshold with hysteresis.
 * Owns the rules and a detector that takes samples one by one and can be stopped and gone on with. Which days' plots
 * show an episode is for the catalog to say.
 */
import { CADENCE_MS, type Sample, type TimeRange } from "../model/series.ts";
import type { SampleColumns } from "./columns.ts";

export interface Episode {
  /** The first of the samples by which it was noticed. */
  onsetMs: number;
  /** The first sample that no longer belongs to it; `undefined` while it runs. */
  endMs: number | undefined;
  /** The greatest amplitude, at the first instant that has it (of clipped ones, if any is); then the true peak is higher. */
  peak: Pick<Sample, "timeMs" | "rmsMv" | "clipped">;
  /** From onset to end; of a running one, up to what is known. */
  durationMs: number;
  /** From onset to peak. */
  riseMs: number;
  /**
   * The integral of the squared amplitude over time in mV² s, which grows with the radiated seismic energy: each sample
   * stands for its ten minutes, a gap adds nothing.
   */
  squaredIntegralMv2S: number;
  /** Samples from onset to end. */
  count: number;
}

/** Default of `thresholdMv`. */
export const EPISODE_THRESHOLD_MV = 2;

/** Samples at or above the threshold, one after the other, that begin an episode. */
const ONSET_SAMPLES = 3;
/** Samples below `END_SHARE` of the threshold, one after the other, that end it. */
const END_SAMPLES = 6;
const END_SHARE = 0.7;
/** A gap this long ends an episode, and any run of samples. */
const LONG_GAP_MS = 2 * 3_600_000;
const CADENCE_S = CADENCE_MS / 1000;

/** A sum over some samples in a row. */
interface Stretch {
  startMs: number;
  peak: Episode["peak"];
  squaredIntegralMv2S: number;
  count: number;
}

/** All that a detector knows, as plain data that JSON can hold. */
export interface EpisodeState {
  thresholdMv: number;
  /** The last sample seen. */
  lastMs: number | null;
  /** The running episode, without `pending`. */
  running: Stretch | null;
  /** While nothing runs: samples at or above the threshold. While one runs: samples that may turn out to be its end. */
  pending: Stretch | null;
}

export type EpisodeChange = { kind: "STARTED" | "ENDED"; episode: Episode };

export interface EpisodeDetector {
  /**
   * Takes the next sample; answers what it brings about. A sample after a long gap can end one episode, and is never
   * enough to start another.
   * @throws {RangeError} when it isn't later than the one before
   */
  push(timeMs: number, rmsMv: number, clipped: boolean): EpisodeChange | undefined;
  /** The episode that hasn't ended, with all that belongs to it so far. */
  running(): Episode | undefined;
  /** To go on from later: `createEpisodeDetector(thresholdMv, state)`. A copy. */
  state(): EpisodeState;
}

/**
 * Begins an episode at the first of three samples running at or above the threshold, and ends it at the first of six
 * running below 70 % of it, or where a gap of two hours or more begins. Samples are running when no such gap parts them.
 * @param thresholdMv above 0
 * @param state of a detector with the same threshold, to go on where that one was
 */
export function createEpisodeDetector(thresholdMv = EPISODE_THRESHOLD_MV, state?: EpisodeState): EpisodeDetector {
  if (state !== undefined && state.thresholdMv !== thresholdMv)
    throw new RangeError(`Cannot go on at ${thresholdMv} mV: the state is of a detector at ${state.thresholdMv} mV`);
  const endBelowMv = thresholdMv * END_SHARE;
  let { lastMs, running, pending } = structuredClone(state ?? { lastMs: null, running: null, pending: null });

  /** What runs has ended: at the first low sample, or else where the samples end. */
  function end(): EpisodeChange {
    const endMs = pending?.startMs ?? lastMs! + CADENCE_MS;
    const episode = toEpisode(running!, endMs, endMs);
    [running, pending] = [null, null];
    return { kind: "ENDED", episode };
  }

  function takeQuiet(timeMs: number, rmsMv: number, clipped: boolean): EpisodeChange | undefined {
    if (rmsMv < thresholdMv) {
      pending = null;
      return undefined;
    }
    pending = extend(pending, timeMs, rmsMv, clipped);
    if (pending.count < ONSET_SAMPLES) return undefined;
    [running, pending] = [pending, null];
    return { kind: "STARTED", episode: toEpisode(running, undefined, timeMs + CADENCE_MS) };
  }

  function takeRunning(timeMs: number, rmsMv: number, clipped: boolean): EpisodeChange | undefined {
    if (rmsMv < endBelowMv) {
      pending = extend(pending, timeMs, rmsMv, clipped);
      return pending.count < END_SAMPLES ? undefined : end();
    }
    if (pending !== null) {
      running = join(running!, pending);
      pending = null;
    }
    running = extend(running, timeMs, rmsMv, clipped);
    return undefined;
  }

  return {
    push(timeMs, rmsMv, clipped) {
      if (lastMs !== null && timeMs <= lastMs)
        throw new RangeError(`Sample at ${timeMs} comes after that at ${lastMs}`);
      let change: EpisodeChange | undefined;
      if (lastMs !== null && timeMs - (lastMs + CADENCE_MS) >= LONG_GAP_MS) {
        if (running !== null) change = end();
        pending = null;
      }
      const next = (running === null ? takeQuiet : takeRunning)(timeMs, rmsMv, clipped);
      lastMs = timeMs;
      return change ?? next;
    },
    running() {
      if (running === null) return undefined;
      return toEpisode(pending === null ? running : join(running, pending), undefined, lastMs! + CADENCE_MS);
    },
    state: () => structuredClone({ thresholdMv, lastMs, running, pending }),
  };
}

/** All episodes of a series, by onset; the last may still run. */
export function findEpisodes({ timesMs, rmsMv, clipped }: SampleColumns, thresholdMv?: number): Episode[] {
  const detector = createEpisodeDetector(thresholdMv);
  const episodes: Episode[] = [];
  for (let index = 0; index < timesMs.length; index++) {
    const change = detector.push(timesMs[index]!, rmsMv[index]!, clipped[index] === 1);
    if (change?.kind === "ENDED") episodes.push(change.episode);
  }
  const running = detector.running();
  return running === undefined ? episodes : [...episodes, running];
}

/**
 * What is new in a list of episodes, so that each start and each end is told once. A stitched record may shift an onset
 * by some samples when another plot comes, so episodes are the same when they overlap.
 * @param before as found the last time
 */
export function episodeChanges(before: readonly Episode[], after: readonly Episode[]): EpisodeChange[] {
  return after.flatMap((episode): EpisodeChange[] => {
    const known = before.filter((other) => overlap(rangeOf(other), rangeOf(episode)));
    const changes: EpisodeChange[] = [];
    if (known.length === 0) changes.push({ kind: "STARTED", episode });
    if (episode.endMs !== undefined && known.every(({ endMs }) => endMs === undefined))
      changes.push({ kind: "ENDED", episode });
    return changes;
  });
}

const rangeOf = ({ onsetMs, durationMs }: Episode): TimeRange => ({ startMs: onsetMs, endMs: onsetMs + durationMs });
const overlap = (a: TimeRange, b: TimeRange): boolean => a.startMs < b.endMs && b.startMs < a.endMs;

/** The stretch with one more sample. Changes it in place where there is one: it may take a million. */
function extend(stretch: Stretch | null, timeMs: number, rmsMv: number, clipped: boolean): Stretch {
  const squaredMv2S = rmsMv * rmsMv * CADENCE_S;
  if (stretch === null)
    return { startMs: timeMs, peak: { timeMs, rmsMv, clipped }, squaredIntegralMv2S: squaredMv2S, count: 1 };
  stretch.peak = higher(stretch.peak, { timeMs, rmsMv, clipped });
  stretch.squaredIntegralMv2S += squaredMv2S;
  stretch.count += 1;
  return stretch;
}

function join(early: Stretch, late: Stretch): Stretch {
  return {
    startMs: early.startMs,
    peak: higher(early.peak, late.peak),
    squaredIntegralMv2S: early.squaredIntegralMv2S + late.squaredIntegralMv2S,
    count: early.count + late.count,
  };
}

/** Of equals the earlier, but rather a clipped one, which stands for more than it says. */
function higher(early: Episode["peak"], late: Episode["peak"]): Episode["peak"] {
  if (late.rmsMv === early.rmsMv) return late.clipped && !early.clipped ? late : early;
  return late.rmsMv > early.rmsMv ? late : early;
}

function toEpisode(stretch: Stretch, endMs: number | undefined, knownToMs: number): Episode {
  const { startMs, peak, squaredIntegralMv2S, count } = stretch;
  return {
    onsetMs: startMs,
    endMs,
    peak: { ...peak },
    durationMs: knownToMs - startMs,
    riseMs: peak.timeMs - startMs,
    squaredIntegralMv2S,
    count,
  };
}
