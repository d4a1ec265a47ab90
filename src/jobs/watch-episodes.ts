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
  let isFailing = false;

  function tell(change: EpisodeChange): void {
    const { kind, episode } = change;
    const at = kind === "STARTED" ? episode.onsetMs : (episode.endMs ?? episode.onsetMs);
    if (clock() - at > NEWS_MS) return;
    log.info({ onset: new Date(episode.onsetMs), peakMv: episode.peak.rmsMv }, `an episode ${kind.toLowerCase()}`);
    for (const listener of listeners) listener(change);
  }

  return {
    look() {
      try {
        const revision = catalog.revision();
        if (revision === seen) return;
        const changes = catalog.takeEpisodeChanges(clock());
        seen = revision; // a catalog that another process kept busy is searched at the next look
        isFailing = false;
        changes.forEach(tell);
      } catch (error) {
        // Whoever called has kept a plot or followed the tree, and that was well done.
        if (!isFailing) log.error({ err: error }, "the record could not be searched for episodes");
        isFailing = true;
      }
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
