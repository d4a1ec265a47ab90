/**
 * The record as the chart needs it: all of it coarse, and finer what the reader looks at, a little to both sides too.
 * Owns when more is asked for: when the reader has stopped moving, and what is there doesn't do.
 */
import { useEffect, useMemo, useState } from "preact/hooks";
import { ask, AskFailed } from "../client.ts";
import { news } from "../live.ts";
import { TremorChartDocument } from "../operations.ts";
import { useStore } from "../store.ts";
import { useQuery } from "../use-query.ts";
import { joinColumns, toColumns, type Columns } from "./columns.ts";
import { cutSpan, lengthOf, zoomSpan, type Span } from "./span.ts";

/** Points in the record as a whole: enough to zoom out without a hole. */
const COARSE_POINTS = 1200;
/** Steps are round, so that most times there are fewer. */
const POINTS_PER_PIXEL = 1.3;
const CALM_MS = 150;
const CADENCE_MS = 600_000;
/** Asked for on each side, in lengths of what is shown. */
const SIDE = 0.75;
const MOST_POINTS = 6000;

interface Fine {
  span: Span;
  columns: Columns;
  stepMs: number;
  news: number;
}

export interface RecordColumns {
  columns: Columns | undefined;
  /** Of the points in view, as the server made them; `undefined` until they are there. */
  stepMs: number | undefined;
  error: AskFailed | undefined;
  askAgain: () => void;
}

/** @param widthPx how many points can be told apart in view */
export function useRecord(record: Span | undefined, shown: Span | undefined, widthPx: number): RecordColumns {
  const newsCount = useStore(news);
  const whole = useQuery(
    TremorChartDocument,
    record && { ...rangeOf({ startMs: record.startMs, endMs: record.endMs + 1000 }), maxPoints: COARSE_POINTS },
  );
  const [fine, setFine] = useState<Fine>();
  const [error, setError] = useState<AskFailed>();
  const [again, setAgain] = useState(0);

  const enough = shown === undefined || (fine?.news === newsCount && isEnough(fine, shown, record!));
  useEffect(() => {
    if (enough || shown === undefined || record === undefined || widthPx === 0) return;
    const leaving = new AbortController();
    // The first time, and for news, there is nothing to wait for.
    const timer = setTimeout(() => void load(leaving.signal), fine?.news === newsCount ? CALM_MS : 0);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };

    async function load(signal: AbortSignal): Promise<void> {
      const wide = cutSpan(zoomSpan(shown!, 1 + 2 * SIDE), record!);
      const maxPoints = Math.max(
        200,
        Math.min(MOST_POINTS, Math.round((POINTS_PER_PIXEL * widthPx * lengthOf(wide)) / lengthOf(shown!))),
      );
      try {
        const { tremor } = await ask(TremorChartDocument, { ...rangeOf(wide), maxPoints }, { signal });
        const columns = toColumns(tremor);
        setFine({ span: wide, columns, stepMs: (columns.stepS[0] ?? CADENCE_MS / 1000) * 1000, news: newsCount });
        setError(undefined);
      } catch (failure) {
        if (signal.aborted) return;
        if (!(failure instanceof AskFailed)) throw failure;
        setError(failure);
      }
    }
  }, [enough, shown?.startMs, shown?.endMs, widthPx, newsCount, again]);

  const coarse = useMemo(() => whole.data && toColumns(whole.data.tremor), [whole.data]);
  const columns = useMemo(
    () => (coarse && fine ? joinColumns(coarse, fine.columns, fine.span) : (fine?.columns ?? coarse)),
    [coarse, fine],
  );
  return {
    columns,
    stepMs: fine?.stepMs,
    error: error ?? whole.error,
    askAgain: () => (whole.askAgain(), setAgain(again + 1)),
  };
}

/** Does it reach over what is shown, as fine as the samples are or as the eye can tell? */
function isEnough({ span, stepMs }: Fine, shown: Span, record: Span): boolean {
  const { startMs, endMs } = cutSpan(shown, record);
  if (startMs < span.startMs || endMs > span.endMs) return false;
  const askedFor = lengthOf(span) / lengthOf(shown);
  return stepMs <= CADENCE_MS || askedFor < 1.5 * (1 + 2 * SIDE);
}

function rangeOf({ startMs, endMs }: Span): { start: string; end: string } {
  const minute = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}:00Z`;
  return { start: minute(startMs), end: minute(endMs + 59_999) };
}
