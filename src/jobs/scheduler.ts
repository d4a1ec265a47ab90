/**
 * The schedule: when the archive job runs by itself.
 * Owns the times; the job owns what happens then. A failing run never stops the schedule.
 */
import { Cron } from "croner";
import type { Logger } from "pino";
import type { Archive } from "../archive/archive.ts";
import type { RunHistory } from "../catalog/runs.ts";
import { dayOf } from "../model/day.ts";
import type { ArchiveJob } from "./archive-now.ts";

export interface Schedule extends Disposable {
  /** The cron pattern, UTC; `undefined`: nothing runs by itself. */
  readonly pattern: string | undefined;
  nextRunMs(): number | undefined;
  /**
   * The last success should not be older than this: two periods back. `undefined` as long as nothing can be
   * asked of the schedule: it is off, or no run of it has been due since this program started.
   */
  successDueSinceMs(): number | undefined;
}

export interface ScheduleParts {
  pattern: string | undefined;
  job: Pick<ArchiveJob, "archiveNow">;
  archive: Pick<Archive, "exists">;
  catalog: Pick<RunHistory, "lastRun">;
  clock: () => number;
  log: Logger;
}

/** A run may take this long, pauses between its tries included; until then it isn't late. */
const LONGEST_RUN_MS = 3 * 60_000;

/** Starts the schedule, with a run at once when today has no archive yet or the last due run was missed. */
export function startSchedule({ pattern, job, archive, catalog, clock, log }: ScheduleParts): Schedule {
  if (pattern === undefined)
    return { pattern, nextRunMs: () => undefined, successDueSinceMs: () => undefined, [Symbol.dispose]() {} };

  const startedMs = clock();
  const cron = new Cron(pattern, { timezone: "UTC", protect: true, unref: true, catch: logged }, async () => {
    await job.archiveNow("SCHEDULE");
  });
  const due = (count: number): number[] => cron.previousRuns(count, new Date(clock())).map((date) => date.getTime());

  async function catchUp(): Promise<void> {
    const [lastDueMs] = due(1);
    const lastRun = catalog.lastRun();
    const missed = lastRun !== undefined && lastDueMs !== undefined && lastRun.startedMs < lastDueMs;
    if (missed || !(await archive.exists(dayOf(clock())))) await job.archiveNow("STARTUP");
  }
  function logged(error: unknown): void {
    log.error({ err: error }, "a scheduled run could not be started");
  }
  catchUp().catch(logged);

  return {
    pattern,
    nextRunMs: () => cron.nextRun()?.getTime(),
    successDueSinceMs() {
      const [last, beforeLast] = due(2);
      return last === undefined || last < startedMs || clock() < last + LONGEST_RUN_MS ? undefined : beforeLast;
    },
    [Symbol.dispose]() {
      cron.stop();
    },
  };
}
