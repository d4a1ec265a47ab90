/** All episodes of the record, page after page. */
import { useEffect, useState } from "preact/hooks";
import { ask, AskFailed } from "../client.ts";
import type { Peak } from "../language/format.ts";
import { news } from "../live.ts";
import { EpisodesDocument, type EpisodesQuery } from "../operations.ts";
import { useStore } from "../store.ts";

export interface EpisodeSpan {
  startMs: number;
  /** `Infinity` while it goes on. */
  endMs: number;
  peak: Peak;
}

const LARGEST_PAGE = 500;
/** More would be no help to anyone who looks at a chart. */
const MOST_PAGES = 20;

export function useEpisodes(): readonly EpisodeSpan[] {
  const newsCount = useStore(news);
  const [episodes, setEpisodes] = useState<readonly EpisodeSpan[]>([]);
  useEffect(() => {
    const leaving = new AbortController();
    void readAll(leaving.signal).catch((error: unknown) => {
      // The chart tells of a server that can't be reached; the marks that were there stay.
      if (!leaving.signal.aborted && !(error instanceof AskFailed)) throw error;
    });
    return () => leaving.abort();

    async function readAll(signal: AbortSignal): Promise<void> {
      const found: EpisodeSpan[] = [];
      for (let page = 0, after: string | null = null; page < MOST_PAGES; page++) {
        const { episodes: answer }: EpisodesQuery = await ask(
          EpisodesDocument,
          { first: LARGEST_PAGE, after },
          { signal },
        );
        for (const { node } of answer.edges)
          found.push({
            startMs: Date.parse(node.onset),
            endMs: node.end === null ? Infinity : Date.parse(node.end),
            peak: node.peak,
          });
        setEpisodes([...found]);
        after = answer.pageInfo.endCursor;
        if (!answer.pageInfo.hasNextPage) return;
      }
    }
  }, [newsCount]);
  return episodes;
}
