/**
 * The schedule: when the archive job runs by itself.
 * Owns the times; the job owns what happens then. A failing run never stops the schedule.
 * Where many servers share a store, the one that leads runs it, each due time once.
 */
import { Cron } from "croner";
import type { Logger } from "pino";
import type { Archive } from "../archive/archive.ts";
import type { RunHistory } from "../catalog/runs.ts";
import { dayOf } from "../model/day.ts";
import type { ArchiveJob } from "./archive-now.ts";
import type { Leadership } from "./leadership.ts";

export interface Schedule extends Disposable {
  /** Begins to run: from now on at its times, and at once when today has no archive yet or the last due run was missed. */
  start(): void;
  /** The cron pattern, UTC; `undefined`: nothing runs by itself. */
  readonly pattern: string | undefined;
  nextRunMs(): number | undefined;
  /**
   * The last success should not be older than this: two periods back. `undefined` as long as nothing can be
   * asked of the schedule: it is off, or no run of it has been due since this program started, or came to lead.
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
  /** Absent: this server is the only one that fetches. */
  leadership?: Pick<Leadership, "isLeader" | "lastRun" | "tell" | "onElected"> | undefined;
}

/** A run may take this long, pauses between its tries included; until then it isn't late. */
const LONGEST_RUN_MS = 3 * 60_000;

/** Nothing runs before it is started: a server that can't listen has no business to fetch. */
export function createSchedule({ pattern, job, archive, catalog, clock, log, leadership }: ScheduleParts): Schedule {
  if (pattern === undefined)
    return {
      pattern,
      start() {},
      nextRunMs: () => undefined,
      successDueSinceMs: () => undefined,
      [Symbol.dispose]() {},
    };

  /** Since when this server is the one to run it: what was due before is in another's history. */
  let inChargeSinceMs = clock();
  let state: "waiting" | "started" | "stopped" = "waiting";
  const isStopped = (): boolean => state === "stopped";
  let isElected = leadership === undefined;
  const options = { timezone: "UTC", protect: true, unref: true, paused: true, catch: logged } as const;
  const cron = new Cron(pattern, options, async () => {
    await run("SCHEDULE");
  });
  const due = (count: number): number[] => cron.previousRuns(count, new Date(clock())).map((date) => date.getTime());

  /** This very second's, where one is due now. */
  const lastDueMs = (): number | undefined =>
    cron.previousRuns(1, new Date((Math.floor(clock() / 1000) + 1) * 1000))[0]?.getTime();

  async function run(trigger: "SCHEDULE" | "STARTUP"): Promise<void> {
    if (isStopped()) return; // while it was looked whether a run is due
    if (leadership === undefined) return void (await job.archiveNow(trigger));
    const dueMs = lastDueMs() ?? clock();
    const last = leadership.lastRun();
    if (!leadership.isLeader() || (last?.done && last.dueMs >= dueMs)) return;
    // Told before it begins, so that a leader whose lease has just run out doesn't begin at all.
    if (!(await leadership.tell({ dueMs, done: false })) || isStopped()) return;
    await job.archiveNow(trigger, { mayGoOn: leadership.isLeader });
    if (!(await leadership.tell({ dueMs, done: true }))) log.warn("another server has come to lead during a run");
  }

  async function catchUp(): Promise<void> {
    const dueMs = lastDueMs();
    if ((dueMs !== undefined && wasMissed(dueMs)) || !(await archive.exists(dayOf(clock())))) await run("STARTUP");
  }
  /** A run that another server has begun and not ended counts as missed: that server leads no more. */
  function wasMissed(dueMs: number): boolean {
    const last = leadership?.lastRun();
    if (last !== undefined) return last.dueMs < dueMs || !last.done;
    const lastRun = catalog.lastRun();
    return lastRun !== undefined && lastRun.startedMs < dueMs;
  }
  function logged(error: unknown): void {
    log.error({ err: error }, "a scheduled run could not be started");
  }
  leadership?.onElected(() => {
    inChargeSinceMs = clock();
    isElected = true;
    if (state === "started") catchUp().catch(logged);
  });

  return {
    pattern,
    start() {
      state = "started";
      cron.resume();
      if (isElected) catchUp().catch(logged);
    },
    nextRunMs: () => cron.nextRun()?.getTime(),
    successDueSinceMs() {
      if (leadership !== undefined && !leadership.isLeader()) return undefined;
      const [last, beforeLast] = due(2);
      return last === undefined || last < inChargeSinceMs || clock() < last + LONGEST_RUN_MS ? undefined : beforeLast;
    },
    [Symbol.dispose]() {
      state = "stopped";
      cron.stop();
    },
  };
}
