/**
 * Which episodes are news: each start and each end is told once, however the record is mended afterwards.
 * A stitched record moves: another plot may shift an onset by a sample, take an episode away and bring it back, part
 * one in two or join two. Owns what counts as the same episode then.
 */
import { LEAST_BETWEEN_MS, type Episode, type EpisodeChange } from "./episodes.ts";

/** An episode whose start was told, as plain data that JSON can hold. */
export interface ToldEpisode {
  /** Where it was when it was seen the last time. */
  startMs: number;
  endMs: number;
  /** Was its end told too? */
  ended: boolean;
}

/**
 * What is new in a list of episodes, and what is told from now on. Episodes are the same where they overlap, or lie
 * nearer to each other than two can; each that was told stands for one that was found.
 * - Of one that parts in two, the later part is new.
 * - Two that join stay told. Their end is told once, unless the ends of both were.
 * - One that ended and goes on after all, since a late plot shows what was missing, is told neither again nor at its
 *   new end.
 * - One that vanishes is remembered, so that it is no news if it comes back.
 * @param told what this function answered the last time
 * @param found all episodes of the record, by onset
 */
export function findNews(
  told: readonly ToldEpisode[],
  found: readonly Episode[],
): { told: ToldEpisode[]; changes: EpisodeChange[] } {
  const known = told.map((one) => ({ ...one })).sort(byEnd);
  const alike = found.map((episode) => known.filter((one) => isNear(one, episode)));
  const free = new Set(known);
  // Whatever lies where it was seen goes on, so that the same episodes are no news. Of the others, the one that ends
  // first, so that as many as can be have one each.
  const same = found.map((episode, index) => take(alike[index]!.filter(isAt(episode)), free));
  const own = found.map((_, index) => same[index] ?? take(alike[index]!, free));

  const changes: EpisodeChange[] = [];
  found.forEach((episode, index) => {
    const self = own[index] ?? { startMs: 0, endMs: 0, ended: false };
    if (own[index] === undefined) {
      known.push(self);
      changes.push({ kind: "STARTED", episode });
    }
    self.startMs = episode.onsetMs;
    self.endMs = endOf(episode);
    // Others that have joined it stay where they were, should they part again.
    const joined = [self, ...alike[index]!.filter((one) => free.has(one))];
    if (episode.endMs === undefined || joined.every(({ ended }) => ended)) return;
    for (const one of joined) one.ended = true;
    changes.push({ kind: "ENDED", episode });
  });
  return { told: known.sort(byStart), changes };
}

const byStart = (a: ToldEpisode, b: ToldEpisode): number => a.startMs - b.startMs || a.endMs - b.endMs;
const byEnd = (a: ToldEpisode, b: ToldEpisode): number => a.endMs - b.endMs || a.startMs - b.startMs;

/** The first that is free, and isn't any more. */
function take(candidates: readonly ToldEpisode[], free: Set<ToldEpisode>): ToldEpisode | undefined {
  const first = candidates.find((one) => free.has(one));
  if (first !== undefined) free.delete(first);
  return first;
}

function isAt(episode: Episode): (one: ToldEpisode) => boolean {
  return ({ startMs, endMs }) => startMs === episode.onsetMs && endMs === endOf(episode);
}

function isNear({ startMs, endMs }: ToldEpisode, episode: Episode): boolean {
  return startMs < endOf(episode) + LEAST_BETWEEN_MS && episode.onsetMs < endMs + LEAST_BETWEEN_MS;
}

/** Of a running one, how far it is known. */
function endOf({ onsetMs, durationMs }: Episode): number {
  return onsetMs + durationMs;
}
