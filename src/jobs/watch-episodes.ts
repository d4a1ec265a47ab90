/**
 * Watching for episodes: tells each start and each end of an episode once, whoever brought the plot that shows it.
 * The catalog remembers what was told, so that a restart tells nothing again.
 */
import type { Logger } from "pino";
import type { Catalog } from "../catalog/catalog.ts";
import type { EpisodeChange } from "../series/episodes.ts";

export interface EpisodeWatch {
  /** Looks at the record as it is now, and tells what is new in it. */
  look(): void;
  /** Calls `listener` for each change; answers how to stop that. */
  onChange(listener: (change: EpisodeChange) => void): () => void;
}

/** An old plot that is imported brings old episodes, and they are no news. */
const NEWS_MS = 7 * 86_400_000;

export function createEpisodeWatch({
  catalog,
  clock,
  log,
}: {
  catalog: Pick<Catalog, "takeEpisodeChanges" | "revision">;
  clock: () => number;
  log: Logger;
}): EpisodeWatch {
  const listeners = new Set<(change: EpisodeChange) => void>();
  let seen = Number.NaN;
  return {
    look() {
      const revision = catalog.revision();
      if (revision === seen) return;
      seen = revision;
      for (const change of catalog.takeEpisodeChanges()) {
        const { kind, episode } = change;
        const at = kind === "STARTED" ? episode.onsetMs : (episode.endMs ?? episode.onsetMs);
        if (clock() - at > NEWS_MS) continue;
        log.info({ onset: new Date(episode.onsetMs), peakMv: episode.peak.rmsMv }, `an episode ${kind.toLowerCase()}`);
        for (const listener of listeners) listener(change);
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
