/**
 * The history of runs: one row for each time the archive job ran, whoever asked for it.
 * Owns its queries; the runs are the only thing that the archive itself can't tell again.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../model/day.ts";
import type { ErrorCode } from "../model/errors.ts";

export type RunTrigger = "SCHEDULE" | "STARTUP" | "ADMIN" | "COMMAND";
export type RunOutcome = "ARCHIVED" | "UNCHANGED" | "FAILED";

/** One run of the archive job. */
export interface Run {
  id: number;
  trigger: RunTrigger;
  startedMs: number;
  /** `undefined` while it runs. */
  endedMs: number | undefined;
  outcome: RunOutcome | undefined;
  day: Day | undefined;
  errorCode: ErrorCode | undefined;
  errorMessage: string | undefined;
}

export interface RunEnd {
  endedMs: number;
  outcome: RunOutcome;
  day?: Day | undefined;
  error?: { code: ErrorCode; message: string } | undefined;
}

export interface RunHistory {
  /** @param run.fetches false for a picture at hand, which says nothing of the source and the schedule */
  startRun(run: { trigger: RunTrigger; startedMs: number; fetches?: boolean }): Run;
  /** Ends the runs that lost their process. */
  closeLostRuns(nowMs: number): void;
  endRun(id: number, end: RunEnd): Run;
  findRun(id: number): Run | undefined;
  /** Newest first. `after`: only runs older than the run of this id. */
  listRuns(query: { limit: number; after?: number | undefined }): Run[];
  /** The last run that fetched, or tried to. */
  lastRun(): Run | undefined;
  /** The last run that fetched and ended ARCHIVED or UNCHANGED. */
  lastSuccess(): Run | undefined;
  /** The first and the last run after this one that failed and that no command asked for; `undefined` when there is none. */
  failuresAfter(id: number): { first: Run; last: Run } | undefined;
}

/** A run ends within three minutes, so one that is open for longer lost its process. */
const LOST_AFTER_MS = 10 * 60_000;

const COLUMNS = `id, trigger, started_ms AS startedMs, ended_ms AS endedMs, outcome, day,
  error_code AS errorCode, error_message AS errorMessage`;

export function createRunHistory(database: DatabaseSync, changed: () => void): RunHistory {
  const insert = database.prepare("INSERT INTO runs (trigger, started_ms, fetches) VALUES (?, ?, ?)");
  const closeLost =
    database.prepare(`UPDATE runs SET ended_ms = started_ms, outcome = 'FAILED', error_code = 'SHUTDOWN',
    error_message = 'The process ended before its run did' WHERE ended_ms IS NULL AND started_ms < ?`);
  const update = database.prepare(
    "UPDATE runs SET ended_ms = ?, outcome = ?, day = ?, error_code = ?, error_message = ? WHERE id = ?",
  );
  const byId = database.prepare(`SELECT ${COLUMNS} FROM runs WHERE id = ?`);
  const page = database.prepare(`SELECT ${COLUMNS} FROM runs WHERE id < ? ORDER BY id DESC LIMIT ?`);
  const fetched = database.prepare(`SELECT ${COLUMNS} FROM runs WHERE fetches = 1 ORDER BY id DESC LIMIT 1`);
  const success = database.prepare(
    `SELECT ${COLUMNS} FROM runs WHERE fetches = 1 AND outcome IN ('ARCHIVED', 'UNCHANGED') ORDER BY id DESC LIMIT 1`,
  );
  const failures = database.prepare(
    "SELECT min(id) AS first, max(id) AS last FROM runs WHERE id > ? AND outcome = 'FAILED' AND trigger <> 'COMMAND'",
  );

  const getRun = (id: number): Run => toRun(byId.get(id)) as Run;
  function closeLostRuns(nowMs: number): void {
    if (closeLost.run(nowMs - LOST_AFTER_MS).changes > 0) changed();
  }
  return {
    closeLostRuns,
    startRun({ trigger, startedMs, fetches = true }) {
      closeLostRuns(startedMs);
      const { lastInsertRowid } = insert.run(trigger, startedMs, fetches ? 1 : 0);
      changed();
      return getRun(Number(lastInsertRowid));
    },
    endRun(id, { endedMs, outcome, day, error }) {
      update.run(endedMs, outcome, day ?? null, error?.code ?? null, error?.message ?? null, id);
      changed();
      return getRun(id);
    },
    findRun: (id) => toRun(byId.get(id)),
    listRuns: ({ limit, after }) => page.all(after ?? Number.MAX_SAFE_INTEGER, limit).map((row) => toRun(row) as Run),
    lastRun: () => toRun(fetched.get()),
    lastSuccess: () => toRun(success.get()),
    failuresAfter(id) {
      const { first, last } = failures.get(id) as { first: number | null; last: number | null };
      return first === null || last === null ? undefined : { first: getRun(first), last: getRun(last) };
    },
  };
}

function toRun(row: Record<string, unknown> | undefined): Run | undefined {
  if (row === undefined) return undefined;
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as unknown as Run;
}
