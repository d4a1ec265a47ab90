/**
 * Writing runs into the history, leniently: a history that can't be written (a full disk, say) must not keep a plot
 * from being archived.
 */
import type { Logger } from "pino";
import type { Run, RunEnd, RunHistory, RunTrigger } from "../catalog/runs.ts";
import { KnownError, StoreFailed, type ErrorCode } from "../model/errors.ts";
import type { LastRuns } from "./last-runs.ts";

export interface RunLogParts {
  catalog: Pick<RunHistory, "startRun" | "findRun" | "endRun">;
  clock: () => number;
  log: Logger;
  /** Hears of those that can't be written. */
  lastRuns?: LastRuns | undefined;
}

/** The id of a run that the history could not take down. */
const UNRECORDED = 0;

/** A run that goes on, with what the history must know of it should it be lost meanwhile. */
type OpenRun = Run & { fetches: boolean };

export function openRun(trigger: RunTrigger, fetches: boolean, { catalog, clock, log }: RunLogParts): OpenRun {
  const startedMs = clock();
  try {
    return { ...catalog.startRun({ trigger, startedMs, fetches }), fetches };
  } catch (error) {
    log.error({ err: error }, "the run could not be written into the history");
    const unknown = { endedMs: undefined, outcome: undefined, day: undefined };
    return { id: UNRECORDED, trigger, startedMs, fetches, ...unknown, errorCode: undefined, errorMessage: undefined };
  }
}

export function closeRun(
  { fetches, ...run }: OpenRun,
  end: RunEnd,
  { catalog, log, lastRuns }: Omit<RunLogParts, "clock">,
): Run {
  const { trigger, startedMs } = run;
  try {
    // A catalog that was lost meanwhile knows it no more, and another run may have its id there.
    const known = catalog.findRun(run.id);
    const isOwn = known?.trigger === trigger && known.startedMs === startedMs;
    return catalog.endRun(isOwn ? run.id : catalog.startRun({ trigger, startedMs, fetches }).id, end);
  } catch (error) {
    log.error({ err: error, runId: run.id }, "the end of the run could not be written into the history");
  }
  const { endedMs, outcome, day, error } = end;
  const ended = { ...run, endedMs, outcome, day, errorCode: error?.code, errorMessage: error?.message };
  lastRuns?.remember(ended);
  return ended;
}

/** Logs what a run threw: all there is of what nobody expected. @returns it, and what the history keeps of it */
export function tellFailure(thrown: unknown, log: Logger, what: string) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code: ErrorCode = error instanceof KnownError ? error.code : "INTERNAL";
  const path = error instanceof StoreFailed ? error.path : undefined;
  if (error instanceof KnownError) log.warn({ code, reason: error.message, path }, what);
  else log.error({ code, err: error }, what);
  return { error, code, message: error.message };
}
