/**
 * Episodes of the record: found when they are asked for, and kept while the record stays the same.
 * Owns that memory, and which starts and ends were told already, which outlives a restart.
 */
import type { DatabaseSync } from "node:sqlite";
import { LRUCache } from "lru-cache";
import {
  EPISODE_THRESHOLD_MV,
  episodeChanges,
  findEpisodes,
  type Episode,
  type EpisodeChange,
} from "../series/episodes.ts";
import type { TremorTable } from "./tremor.ts";

export interface EpisodeTable {
  /** All episodes of the record by onset, oldest first; the last may still run. */
  listEpisodes(thresholdMv: number): readonly Episode[];
  /**
   * Starts and ends that weren't told before, at the default threshold; from now on they are told. Nothing is new in a
   * record that was never looked at, nor while days of it still wait to be stitched.
   */
  takeEpisodeChanges(): EpisodeChange[];
}

/** Thresholds that are remembered: the default one and some that a researcher tries. */
const REMEMBERED = 8;

const WHOLE = { startMs: Date.parse("0001-01-01T00:00:00Z"), endMs: Date.parse("9999-12-31T00:00:00Z") };

export function createEpisodeTable(
  database: DatabaseSync,
  tremor: Pick<TremorTable, "readTremor" | "countUnstitched">,
  transaction: <T>(work: () => T) => T,
  revision: () => number,
): EpisodeTable {
  const told = database.prepare("SELECT episodes FROM told");
  const clear = database.prepare("DELETE FROM told");
  const insert = database.prepare("INSERT INTO told VALUES (?)");
  const found = new LRUCache<number, { revision: number; episodes: readonly Episode[] }>({ max: REMEMBERED });

  function listEpisodes(thresholdMv: number): readonly Episode[] {
    const current = revision();
    const known = found.get(thresholdMv);
    if (known?.revision === current) return known.episodes;
    const episodes = findEpisodes(tremor.readTremor(WHOLE), thresholdMv);
    found.set(thresholdMv, { revision: current, episodes });
    return episodes;
  }

  return {
    listEpisodes,
    takeEpisodeChanges: () =>
      transaction(() => {
        if (tremor.countUnstitched() > 0) return [];
        const now = findEpisodes(tremor.readTremor(WHOLE), EPISODE_THRESHOLD_MV);
        const text = told.get()?.["episodes"] as string | undefined;
        const changes = text === undefined ? [] : episodeChanges(JSON.parse(text) as Episode[], now);
        if (text === undefined || changes.length > 0 || JSON.stringify(now) !== text) {
          clear.run();
          insert.run(JSON.stringify(now));
        }
        return changes;
      }),
  };
}
