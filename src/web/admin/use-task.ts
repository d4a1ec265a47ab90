/** Work that the server does for an admin: whether it goes on, for how long, and how it ended. */
import { useEffect, useState } from "preact/hooks";
import { ask, AskFailed } from "../client.ts";
import { news } from "../live.ts";
import type { TypedDocumentString } from "../operations.ts";
import { useStore } from "../store.ts";
import { adminToken } from "./session.ts";

export interface Task<Result, Variables> {
  /** Seconds so far; `undefined` while nothing is being done. */
  seconds: number | undefined;
  result: Result | undefined;
  failure: AskFailed | undefined;
  start: (variables: Variables) => void;
  /** As before anything was done. */
  forget: () => void;
}

export function useTask<Result, Variables>(mutation: TypedDocumentString<Result, Variables>): Task<Result, Variables> {
  const token = useStore(adminToken);
  const [startedMs, setStartedMs] = useState<number>();
  const [seconds, setSeconds] = useState(0);
  const [result, setResult] = useState<Result>();
  const [failure, setFailure] = useState<AskFailed>();
  useEffect(() => {
    if (startedMs === undefined) return;
    const timer = setInterval(() => setSeconds(Math.floor((performance.now() - startedMs) / 1000)), 1000);
    return () => clearInterval(timer);
  }, [startedMs]);

  const forget = (): void => {
    setResult(undefined);
    setFailure(undefined);
  };
  const start = async (variables: Variables): Promise<void> => {
    forget();
    setSeconds(0);
    setStartedMs(performance.now());
    try {
      const answer = await ask(mutation, variables, { token });
      setResult(() => answer);
    } catch (error) {
      if (!(error instanceof AskFailed)) throw error;
      setFailure(error);
    } finally {
      setStartedMs(undefined);
      // Runs that bring nothing new, or fail, tell nobody.
      news.set(news.get() + 1);
    }
  };
  return {
    seconds: startedMs === undefined ? undefined : seconds,
    result,
    failure,
    start: (variables) => void start(variables),
    forget,
  };
}
