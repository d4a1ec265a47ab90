/**
 * A query and its answer in a component. What was answered stays while it is asked anew: when the variables change,
 * when there is news, or when someone says so.
 */
import { useEffect, useState } from "preact/hooks";
import { ask, AskFailed } from "./client.ts";
import { news } from "./live.ts";
import type { TypedDocumentString } from "./operations.ts";
import { useStore } from "./store.ts";

export interface Answer<Result> {
  /** The last good answer, perhaps to the variables before. */
  data: Result | undefined;
  /** Why the last asking failed; `undefined` as soon as one succeeds. */
  error: AskFailed | undefined;
  asking: boolean;
  askAgain: () => void;
}

/**
 * @param variables `undefined`: nothing is asked yet
 * @param token in place of the one for reading
 */
export function useQuery<Result, Variables>(
  query: TypedDocumentString<Result, Variables>,
  variables: Variables | undefined,
  token?: string,
): Answer<Result> {
  const [data, setData] = useState<Result>();
  const [error, setError] = useState<AskFailed>();
  const [asking, setAsking] = useState(true);
  const [again, setAgain] = useState(0);
  const newsCount = useStore(news);
  const key = JSON.stringify(variables);

  useEffect(() => {
    if (variables === undefined) return;
    const leaving = new AbortController();
    setAsking(true);
    ask(query, variables, { signal: leaving.signal, token }).then(
      (result) => {
        if (leaving.signal.aborted) return;
        setData(() => result);
        setError(undefined);
        setAsking(false);
      },
      (failure: unknown) => {
        if (leaving.signal.aborted) return;
        if (!(failure instanceof AskFailed)) throw failure;
        setError(failure);
        setAsking(false);
      },
    );
    return () => leaving.abort();
  }, [query, key, token, newsCount, again]);

  return { data, error, asking, askAgain: () => setAgain(again + 1) };
}
