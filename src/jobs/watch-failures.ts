/**
 * Watching for failures: asks every minute how the runs, the last day, the disk, the verification and the backup are, and
 * whether any server leads, where many share a store.
 * Owns the asking; `alert-rules.ts` judges.
 */
import type { Logger } from "pino";
import type { Archive } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";
import type { Run } from "../catalog/runs.ts";
import { addDays, dayOf, dayStartMs } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { changesOf, type Facts } from "./alert-rules.ts";
import { decisiveBackupRuns, listBackups } from "./backup-runs.ts";
import { EACH_MINUTE, startCron } from "./cron.ts";
import type { AlertMemory, Outbox } from "./alert-outbox.ts";
import type { LastRuns } from "./last-runs.ts";
import type { Leadership } from "./leadership.ts";
import { tellOfElection, watchElection } from "./watch-election.ts";

export interface WatchParts {
  archive: Pick<Archive, "exists" | "freeBytes">;
  catalog: Pick<Catalog, "listMaintenance" | "listDays" | "totals">;
  outbox: Outbox;
  /** Does anything fetch by itself? */
  isScheduled: boolean;
  retentionDays: number;
  lastRuns: Pick<LastRuns, "find">;
  /** Where the backup is, if one is set up here: those to other places tell nothing of it. */
  backupPlace?: string | undefined;
  clock: () => number;
  log: Logger;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The last run of a day may still be under way when it ends. */
const DAY_GRACE_MS = 10 * 60_000;
/** Of these one has ended, though others may still be under way. */
const FEW_RUNS = 20;
/** Over so many days the rates are measured. */
const RATE_DAYS = 7;
/** A record's bytes, beside those of its picture. */
const RECORD_BYTES = 16_000;

/** Looks once and tells what has changed. */
export async function lookForFailures(parts: WatchParts, election?: Facts["election"]): Promise<void> {
  const { outbox, archive, clock } = parts;
  const nowMs = clock();
  const freeBytes = await archive.freeBytes();
  const free = freeBytes === undefined ? [] : remember(outbox.memory.free, nowMs, freeBytes);
  const facts: Facts = {
    nowMs,
    ...runsSoFar(parts),
    lastDay: await lastDay(parts, nowMs),
    verification: known(parts, () => lastVerification(parts)),
    backups: known(parts, () => decisiveBackupRuns(listBackups(parts.catalog, parts.backupPlace))) ?? [],
    disk:
      freeBytes === undefined
        ? undefined
        : known(parts, () => ({ freeBytes, bytesPerDay: bytesPerDay(parts, free, nowMs) })),
    election,
  };
  const { states, changes } = changesOf(outbox.memory.states, facts);
  if (
    states !== outbox.memory.states ||
    free.length !== outbox.memory.free.length ||
    free.at(-1) !== outbox.memory.free.at(-1)
  )
    await outbox.put(states, changes, free);
}

export interface SharedWatchParts extends WatchParts {
  /** Where servers share a store: is this the one that tells of it now? */
  isInCharge: () => boolean;
  /** Where they elect it: who leads. */
  leadership: Pick<Leadership, "server" | "leader"> | undefined;
}

/** Looks as a server does: at all where it is in charge, else at whether any is. */
export function createLook(parts: SharedWatchParts): () => Promise<void> {
  const findElection = watchElection(parts.leadership, parts.clock);
  return async () => {
    const election = findElection();
    await (parts.isInCharge()
      ? lookForFailures(parts, election)
      : tellOfElection(parts.outbox, parts.clock(), election));
  };
}

/** Looks each minute, until it is closed. */
export function startWatching(parts: SharedWatchParts): AsyncDisposable {
  let looking = Promise.resolve();
  const look = createLook(parts);
  const lookAgain = (): Promise<void> => {
    looking = look().catch((error: unknown) =>
      parts.log.error({ err: error }, "nobody could look whether something fails"),
    );
    return looking;
  };
  const cron = startCron(EACH_MINUTE, lookAgain, parts.log);
  return {
    async [Symbol.asyncDispose]() {
      cron[Symbol.dispose]();
      await looking;
    },
  };
}

function runsSoFar({ lastRuns, isScheduled, outbox }: WatchParts): Pick<Facts, "failing" | "hasSucceeded"> {
  // One that is under way tells nothing yet: it makes up for no failure before.
  const { success, failed } = lastRuns.find();
  const failing = isScheduled ? failed : undefined;
  // One that succeeded while nobody looked counts, too, though others have failed since: both came after what fires.
  const { isFiring = false, sinceMs = 0 } = outbox.memory.states.RUNS_FAILING ?? {};
  const isAfter = (run: Run): boolean => isFiring && run.startedMs > sinceMs;
  return {
    failing: failing && { sinceMs: failing.first.startedMs, reason: failing.last.errorMessage ?? "unknown" },
    hasSucceeded: success !== undefined && (failed === undefined || [success, failed.first].every(isAfter)),
  };
}

async function lastDay({ archive, catalog, isScheduled, retentionDays, log }: WatchParts, nowMs: number) {
  const day = addDays(dayOf(nowMs), -1);
  const { oldest } = known({ log }, () => catalog.totals()) ?? {};
  // A day before the first archive is none that was missed, and one that retention takes at once can't be seen.
  const isExpected = isScheduled && oldest !== undefined && oldest < day && retentionDays !== 1;
  if (!isExpected || nowMs - dayStartMs(dayOf(nowMs)) < DAY_GRACE_MS) return undefined;
  try {
    return { day, isArchived: await archive.exists(day) };
  } catch (error) {
    // A disk or bucket that fails is why runs and backups fail: someone must hear of these all the more.
    if (!(error instanceof StoreFailed)) throw error;
    log.warn({ day, err: error }, "nobody could look whether this day has an archive");
    return undefined;
  }
}

/** A catalog that can't be read tells nothing of this, and keeps nobody from hearing of the rest. */
function known<T>({ log }: Pick<WatchParts, "log">, ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    log.warn({ err: error }, "the catalog could not be asked whether something fails");
    return undefined;
  }
}

function lastVerification({ catalog }: WatchParts): MaintenanceRun | undefined {
  return catalog.listMaintenance({ limit: FEW_RUNS, kind: "VERIFY" }).find(({ outcome }) => outcome !== undefined);
}

/** One look an hour, for a week. */
function remember(free: AlertMemory["free"], nowMs: number, bytes: number): AlertMemory["free"] {
  const recent = free.filter(({ atMs }) => atMs <= nowMs && nowMs - atMs <= RATE_DAYS * DAY_MS);
  const last = recent.at(-1);
  return last !== undefined && nowMs - last.atMs < HOUR_MS ? recent : [...recent, { atMs: nowMs, bytes }];
}

/** What the archive writes, or what all that is on the disk takes of it, whichever is more. */
function bytesPerDay({ catalog }: WatchParts, free: AlertMemory["free"], nowMs: number): number {
  // The newest that there are: after a week on a full disk none were written, and they need their room all the same.
  const written = catalog.listDays({ to: addDays(dayOf(nowMs), -1), order: "NEWEST_FIRST", limit: RATE_DAYS });
  const own = written.reduce((sum, { size }) => sum + size + RECORD_BYTES, 0) / RATE_DAYS;
  const [first, last] = [free[0], free.at(-1)];
  const spanMs = first && last ? last.atMs - first.atMs : 0;
  return spanMs < DAY_MS ? own : Math.max(own, ((first!.bytes - last!.bytes) / spanMs) * DAY_MS);
}
