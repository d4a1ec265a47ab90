/**
 * Episodes of the record: found when they are asked for, and kept while the record stays the same.
 * Owns that memory, and which starts and ends were told already, which outlives a restart and a rebuild.
 */
import type { DatabaseSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import { findNews, type ToldEpisode } from "../series/episode-news.ts";
import {
  EPISODE_THRESHOLD_MV,
  episodesAt,
  searchEpisodes,
  type Episode,
  type EpisodeChange,
  type FoundEpisodes,
} from "../series/episodes.ts";
import { CatalogDamaged } from "./damage.ts";
import type { TremorTable } from "./tremor.ts";

export interface EpisodeTable {
  /**
   * All episodes of the record by onset, oldest first; the last may still run.
   * @param nowMs where it lies two hours or more after the last sample, none runs. Default: just after that sample
   */
  listEpisodes(thresholdMv: number, nowMs?: number): readonly Episode[];
  /**
   * Starts and ends that weren't told before, at the default threshold; from now on they are told. Nothing is new in a
   * record that was never looked at, nor what is older than the first look, whoever brings it later; nor is anything
   * while days of the record still wait to be stitched. That samples stop tells no end: they may only be late.
   */
  takeEpisodeChanges(nowMs: number): EpisodeChange[];
}

/** Thresholds that are remembered: the default one and some that a researcher tries. */
const REMEMBERED = 8;

const WHOLE = { startMs: Date.parse("0001-01-01T00:00:00Z"), endMs: Date.parse("9999-12-31T00:00:00Z") };

/** What a plot shows as new may be so much older than the look: beyond that a plot is stale (DESIGN.md, Time). */
const LATE_MS = 6 * 3_600_000;

export function createEpisodeTable(
  database: DatabaseSync,
  tremor: Pick<TremorTable, "readTremor" | "countUnstitched">,
  transaction: <T>(work: () => T) => T,
  revision: () => number,
): EpisodeTable {
  const memory = database.prepare("SELECT since_ms, told FROM told_episodes");
  const clear = database.prepare("DELETE FROM told_episodes");
  const insert = database.prepare("INSERT INTO told_episodes VALUES (?, ?)");
  const known = new LRUCache<number, { revision: number; found: FoundEpisodes }>({ max: REMEMBERED });

  function search(thresholdMv: number): FoundEpisodes {
    const current = revision();
    const before = known.get(thresholdMv);
    if (before?.revision === current) return before.found;
    const found = searchEpisodes(tremor.readTremor(WHOLE), thresholdMv);
    known.set(thresholdMv, { revision: current, found });
    return found;
  }

  return {
    listEpisodes: (thresholdMv, nowMs) => episodesAt(search(thresholdMv), nowMs),
    takeEpisodeChanges: (nowMs) =>
      transaction(() => {
        if (tremor.countUnstitched() > 0) return [];
        const { since_ms: sinceMs, told: before } = (memory.get() ?? {}) as { since_ms?: number; told?: string };
        const { told, changes } = findNews(
          before === undefined ? [] : parseTold(before),
          search(EPISODE_THRESHOLD_MV).episodes,
        );
        const now = JSON.stringify(told);
        if (now !== before) {
          clear.run();
          insert.run(sinceMs ?? Math.round(nowMs) - LATE_MS, now);
        }
        if (sinceMs === undefined) return [];
        return changes.filter(({ kind, episode }) => {
          const atMs = kind === "STARTED" ? episode.onsetMs : (episode.endMs ?? episode.onsetMs);
          return atMs >= sinceMs;
        });
      }),
  };
}

function parseTold(text: string): ToldEpisode[] {
  try {
    return JSON.parse(text) as ToldEpisode[];
  } catch (cause) {
    throw new CatalogDamaged("what was told of episodes isn't JSON", { cause });
  }
}
