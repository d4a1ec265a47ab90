/**
 * A maintenance run: long work (verify, backup, restore, import) with its row in the history and its lines in the log.
 * As with archival runs, a history that can't be written keeps no work from being done.
 */
import type { Logger } from "pino";
import type {
  MaintenanceEnd,
  MaintenanceHistory,
  MaintenanceKind,
  MaintenanceRun,
  MaintenanceStart,
} from "../catalog/maintenance-runs.ts";
import type { RunTrigger } from "../catalog/runs.ts";
import { tellFailure } from "./run-log.ts";

export interface MaintenanceParts {
  catalog: Pick<MaintenanceHistory, "startMaintenance" | "findMaintenance" | "endMaintenance">;
  clock: () => number;
  log: Logger;
}

/** What is written down of work that went to its end. */
export interface MaintenanceSummary {
  /** Did it find something wrong? */
  problems: boolean;
  /** One sentence for people, without a path of the machine. */
  summary: string;
  counts: Record<string, number>;
}

/** The id of a run that the history could not take down. */
const UNRECORDED = 0;

/**
 * Does the work as one maintenance run.
 * @param summarize tells of its result what the history keeps
 * @param start what is known of it before it begins
 * @throws what the work throws, once that is written down
 */
export async function asMaintenance<Result>(
  kind: MaintenanceKind,
  trigger: RunTrigger,
  parts: MaintenanceParts,
  work: () => Promise<Result>,
  summarize: (result: Result) => MaintenanceSummary,
  { place, counts = {} }: Pick<MaintenanceStart, "place" | "counts"> = {},
): Promise<{ run: MaintenanceRun; result: Result }> {
  const run = open({ kind, trigger, startedMs: parts.clock(), place, counts }, parts);
  const log = parts.log.child({ kind, trigger });
  try {
    const result = await work();
    const { problems, summary, counts } = summarize(result);
    if (problems) log.warn({ counts }, summary);
    else log.info({ counts }, summary);
    const outcome = problems ? "PROBLEMS" : "DONE";
    return { run: close(run, { endedMs: parts.clock(), outcome, summary, counts }, parts), result };
  } catch (thrown) {
    const { code, message } = tellFailure(thrown, log, "maintenance failed");
    close(run, { endedMs: parts.clock(), outcome: "FAILED", error: { code, message } }, parts);
    throw thrown;
  }
}

function open(
  start: MaintenanceStart & Pick<MaintenanceRun, "counts">,
  { catalog, log }: MaintenanceParts,
): MaintenanceRun {
  try {
    return catalog.startMaintenance(start);
  } catch (error) {
    log.error({ err: error }, "the run could not be written into the history");
    const open = { endedMs: undefined, outcome: undefined, summary: undefined };
    return { id: UNRECORDED, ...start, ...open, errorCode: undefined, errorMessage: undefined };
  }
}

function close(run: MaintenanceRun, end: MaintenanceEnd, { catalog, log }: MaintenanceParts): MaintenanceRun {
  try {
    // A catalog that was lost meanwhile knows it no more, and another run may have its id there.
    const known = catalog.findMaintenance(run.id);
    const isOwn = known?.kind === run.kind && known.startedMs === run.startedMs;
    return catalog.endMaintenance(isOwn ? run.id : catalog.startMaintenance(run).id, end);
  } catch (error) {
    log.error({ err: error, runId: run.id }, "the end of the run could not be written into the history");
  }
  const { endedMs, outcome } = end;
  if (end.outcome === "FAILED")
    return { ...run, endedMs, outcome, errorCode: end.error.code, errorMessage: end.error.message };
  return { ...run, endedMs, outcome, summary: end.summary, counts: end.counts };
}
