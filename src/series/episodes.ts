/**
 * Episodes: stretches of tremor that mark an eruption, found by a threshold with hysteresis.
 * Owns the rules and a detector that takes samples one by one and can be stopped and gone on with. Which days' plots
 * show an episode is for the catalog to say, and which of them are news for `episode-news.ts`.
 */
import { CADENCE_MS, type Sample } from "../model/series.ts";
import type { SampleColumns } from "./columns.ts";

export interface Episode {
  /** The first of the samples by which it was noticed. */
  onsetMs: number;
  /** The first sample that no longer belongs to it; `undefined` while it runs. */
  endMs: number | undefined;
  /** It ends only because samples stop for two hours or more: what it did then, nobody saw. */
  endsInGap: boolean;
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
/** No two episodes are nearer to each other than this: the first low samples of the end lie between them. */
export const LEAST_BETWEEN_MS = END_SAMPLES * CADENCE_MS;
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
  /**
   * The episode that hasn't ended, with all that belongs to it so far.
   * @param nowMs two hours or more after the last sample, the gap ends it as any other does. Default: it runs
   */
  running(nowMs?: number): Episode | undefined;
  /** To go on from later: `createEpisodeDetector(thresholdMv, state)`. A copy. */
  state(): EpisodeState;
}

/**
 * Begins an episode at the first of three samples running at or above the threshold, and ends it at the first of six
 * running below 70 % of it, or where a gap of two hours or more begins. Samples are running when no such gap parts them.
 * Amplitudes are compared as 32-bit floats, which is what the record keeps: 2.3 mV there is a hair less than 2.3.
 * @param thresholdMv above 0
 * @param state of a detector with the same threshold, to go on where that one was
 */
export function createEpisodeDetector(thresholdMv = EPISODE_THRESHOLD_MV, state?: EpisodeState): EpisodeDetector {
  if (state !== undefined && state.thresholdMv !== thresholdMv)
    throw new RangeError(`Cannot go on at ${thresholdMv} mV: the state is of a detector at ${state.thresholdMv} mV`);
  const onsetFromMv = Math.fround(thresholdMv);
  const endBelowMv = Math.fround(thresholdMv * END_SHARE);
  let { lastMs, running, pending } = structuredClone(state ?? { lastMs: null, running: null, pending: null });

  /** What runs has ended: at the first low sample, or else where the samples end. */
  function end(): EpisodeChange {
    const episode = ended();
    [running, pending] = [null, null];
    return { kind: "ENDED", episode };
  }

  function ended(): Episode {
    const endMs = pending?.startMs ?? lastMs! + CADENCE_MS;
    return toEpisode(running!, endMs, endMs, (pending?.count ?? 0) < END_SAMPLES);
  }

  function takeQuiet(timeMs: number, rmsMv: number, clipped: boolean): EpisodeChange | undefined {
    if (Math.fround(rmsMv) < onsetFromMv) {
      pending = null;
      return undefined;
    }
    pending = extend(pending, timeMs, rmsMv, clipped);
    if (pending.count < ONSET_SAMPLES) return undefined;
    [running, pending] = [pending, null];
    return { kind: "STARTED", episode: toEpisode(running, undefined, timeMs + CADENCE_MS) };
  }

  function takeRunning(timeMs: number, rmsMv: number, clipped: boolean): EpisodeChange | undefined {
    if (Math.fround(rmsMv) < endBelowMv) {
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
      if (lastMs !== null && isLongGap(lastMs, timeMs)) {
        if (running !== null) change = end();
        pending = null;
      }
      const next = (running === null ? takeQuiet : takeRunning)(timeMs, rmsMv, clipped);
      lastMs = timeMs;
      return change ?? next;
    },
    running(nowMs = lastMs ?? 0) {
      if (running === null) return undefined;
      if (isLongGap(lastMs!, nowMs)) return ended();
      return toEpisode(pending === null ? running : join(running, pending), undefined, lastMs! + CADENCE_MS);
    },
    state: () => structuredClone({ thresholdMv, lastMs, running, pending }),
  };
}

/** The episodes of a series as they are at any time after its last sample. */
export interface FoundEpisodes {
  /** By onset; one that the series leaves running has no end. */
  episodes: readonly Episode[];
  /** The one that runs, as it is ended by `endsFromMs` where no sample came until then. */
  endedBySilence: Episode | undefined;
  endsFromMs: number;
}

/** All episodes of a series, by onset. @param thresholdMv above 0 */
export function searchEpisodes({ timesMs, rmsMv, clipped }: SampleColumns, thresholdMv?: number): FoundEpisodes {
  const detector = createEpisodeDetector(thresholdMv);
  const episodes: Episode[] = [];
  for (let index = 0; index < timesMs.length; index++) {
    const change = detector.push(timesMs[index]!, rmsMv[index]!, clipped[index] === 1);
    if (change?.kind === "ENDED") episodes.push(change.episode);
  }
  const running = detector.running();
  if (running !== undefined) episodes.push(running);
  const endsFromMs = (timesMs.at(-1) ?? 0) + CADENCE_MS + LONG_GAP_MS;
  return { episodes, endedBySilence: detector.running(endsFromMs), endsFromMs };
}

/**
 * All episodes of a series, by onset; the last may still run.
 * @param nowMs where it lies two hours or more after the last sample, none runs. Default: just after that sample
 */
export function findEpisodes(columns: SampleColumns, thresholdMv?: number, nowMs?: number): readonly Episode[] {
  return episodesAt(searchEpisodes(columns, thresholdMv), nowMs);
}

/** @param nowMs see `findEpisodes` */
export function episodesAt(
  { episodes, endedBySilence, endsFromMs }: FoundEpisodes,
  nowMs = -Infinity,
): readonly Episode[] {
  return endedBySilence === undefined || nowMs < endsFromMs ? episodes : [...episodes.slice(0, -1), endedBySilence];
}

/** Is there a sample's place for two hours or more in which there is none? */
function isLongGap(lastMs: number, nextMs: number): boolean {
  return nextMs - (lastMs + CADENCE_MS) >= LONG_GAP_MS;
}

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

function toEpisode(stretch: Stretch, endMs: number | undefined, knownToMs: number, endsInGap = false): Episode {
  const { startMs, peak, squaredIntegralMv2S, count } = stretch;
  return {
    onsetMs: startMs,
    endMs,
    endsInGap,
    peak: { ...peak },
    durationMs: knownToMs - startMs,
    riseMs: peak.timeMs - startMs,
    squaredIntegralMv2S,
    count,
  };
}
