/**
 * How the last runs went: as the history tells, and where that couldn't be written, as on a disk that fails or has become
 * read-only, as this process remembers. Else of just those runs that fail with the disk nobody would hear.
 */
import type { Logger } from "pino";
import type { Run, RunHistory } from "../catalog/runs.ts";

export interface RunsSoFar {
  /** The last that fetched and succeeded. */
  success: Run | undefined;
  /** The first and the last since then that failed and that no command asked for. */
  failed: { first: Run; last: Run } | undefined;
}

export interface LastRuns {
  /** Remembers one that has ended and that the history couldn't take down. */
  remember(run: Run): void;
  find(): RunsSoFar;
}

const NONE: RunsSoFar = { success: undefined, failed: undefined };

export function createLastRuns({
  catalog,
  log,
}: {
  catalog: Pick<RunHistory, "lastSuccess" | "failuresAfter">;
  log: Logger;
}): LastRuns {
  let own = NONE;

  function ask(): RunsSoFar {
    try {
      const success = catalog.lastSuccess();
      return { success, failed: catalog.failuresAfter(success?.id ?? 0) };
    } catch (error) {
      log.warn({ err: error }, "the history of runs can't be read");
      return NONE;
    }
  }

  return {
    remember(run) {
      if (run.trigger === "COMMAND") return; // it may have kept a picture at hand, and tells nothing of the schedule
      if (run.outcome !== "FAILED") own = { success: run, failed: undefined };
      else own = { ...own, failed: { first: own.failed?.first ?? run, last: run } };
    },
    find() {
      const kept = ask();
      return own === NONE ? kept : join(kept, own);
    },
  };
}

/** The history may be written again by now, so that either may be the later. Only their times tell. */
function join(kept: RunsSoFar, own: RunsSoFar): RunsSoFar {
  const [success] = [kept.success, own.success].filter((run) => run !== undefined).toSorted(newestFirst);
  const isSince = (run: Run): boolean => success === undefined || run.startedMs > success.startedMs;
  const failed = [kept.failed, own.failed]
    .flatMap((runs) => (runs === undefined ? [] : [runs.first, runs.last]))
    .filter(isSince)
    .toSorted(newestFirst);
  return { success, failed: failed.length === 0 ? undefined : { first: failed.at(-1)!, last: failed[0]! } };
}

function newestFirst(a: Run, b: Run): number {
  return b.startedMs - a.startedMs;
}
