/**
 * The history of maintenance: one row for each verification, backup, restore or import, whoever asked for it.
 * Owns its queries. As with the archival runs, nothing but this history is lost with the catalog.
 */
import type { DatabaseSync } from "node:sqlite";
import type { ErrorCode } from "../model/errors.ts";
import type { RunTrigger } from "./runs.ts";

export type MaintenanceKind = "VERIFY" | "BACKUP" | "RESTORE" | "IMPORT";

/** DONE: nothing is wrong. PROBLEMS: it went to its end and found something wrong. FAILED: it could not go on. */
export type MaintenanceOutcome = "DONE" | "PROBLEMS" | "FAILED";

export interface MaintenanceRun {
  id: number;
  kind: MaintenanceKind;
  trigger: RunTrigger;
  startedMs: number;
  /** `undefined` while it runs. */
  endedMs: number | undefined;
  outcome: MaintenanceOutcome | undefined;
  /** One sentence for people; `undefined` while it runs and where it failed. */
  summary: string | undefined;
  /** What was counted, by name: `{ pictures: 3650, damaged: 1 }`. */
  counts: Record<string, number>;
  errorCode: ErrorCode | undefined;
  errorMessage: string | undefined;
  /** Of a backup: where it is, such as a folder's path; nobody is told of it. `undefined` where an older version wrote it. */
  place?: string | undefined;
}

/** What is known of a run as it begins. */
export interface MaintenanceStart {
  kind: MaintenanceKind;
  trigger: RunTrigger;
  startedMs: number;
  place?: string | undefined;
  /** Stays where the run fails, or loses its process. */
  counts?: Record<string, number> | undefined;
}

export type MaintenanceEnd = { endedMs: number } & (
  | { outcome: "DONE" | "PROBLEMS"; summary: string; counts: Record<string, number> }
  | { outcome: "FAILED"; error: { code: ErrorCode; message: string } }
);

export interface MaintenanceHistory {
  startMaintenance(run: MaintenanceStart): MaintenanceRun;
  /**
   * Ends the runs that a server's process took with it, for the next one's start. Those of commands may go on beside it.
   * One of another server on this catalog, where there is any, is closed as it ends.
   */
  closeLostMaintenance(): void;
  endMaintenance(id: number, end: MaintenanceEnd): MaintenanceRun;
  /** Writes down that a backup to this place has ended. @param place such as a folder's path; nobody is told of it */
  rememberBackup(place: string, endedMs: number): void;
  /** When the last backup to this place ended; `undefined` when there was none. */
  lastBackupTo(place: string): number | undefined;
  findMaintenance(id: number): MaintenanceRun | undefined;
  /** The last run of this kind that went to its end. */
  lastEndedMaintenance(kind: MaintenanceKind): MaintenanceRun | undefined;
  /** Newest first. `after`: only runs older than the run of this id. */
  listMaintenance(query: {
    limit: number;
    after?: number | undefined;
    kind?: MaintenanceKind | undefined;
  }): MaintenanceRun[];
}

/**
 * A slow verification of many years takes hours; one that is open for longer than this lost its process. Nobody stopped it,
 * so it has failed: one that is killed each time, such as for want of memory, would else be missed by nobody.
 */
const LOST_AFTER_MS = 24 * 3_600_000;
const LOSE = `UPDATE maintenance_runs SET ended_ms = started_ms, outcome = 'FAILED', error_code = 'INTERNAL',
  error_message = 'The process ended before its run did' WHERE ended_ms IS NULL`;

const COLUMNS = `id, kind, trigger, started_ms AS startedMs, ended_ms AS endedMs, outcome, summary, counts,
  error_code AS errorCode, error_message AS errorMessage, place`;

export function createMaintenanceHistory(database: DatabaseSync, changed: () => void): MaintenanceHistory {
  const insert = database.prepare(
    "INSERT INTO maintenance_runs (kind, trigger, started_ms, counts, place) VALUES (?, ?, ?, ?, ?)",
  );
  const closeLost = database.prepare(`${LOSE} AND started_ms < ?`);
  const closeServers = database.prepare(`${LOSE} AND trigger <> 'COMMAND'`);
  const update =
    database.prepare(`UPDATE maintenance_runs SET ended_ms = ?, outcome = ?, summary = ?, counts = coalesce(?, counts),
    error_code = ?, error_message = ? WHERE id = ?`);
  const byId = database.prepare(`SELECT ${COLUMNS} FROM maintenance_runs WHERE id = ?`);
  const page = database.prepare(
    `SELECT ${COLUMNS} FROM maintenance_runs WHERE id < ? AND kind = coalesce(?, kind) ORDER BY id DESC LIMIT ?`,
  );

  const ended = database.prepare(
    `SELECT ${COLUMNS} FROM maintenance_runs WHERE kind = ? AND outcome IN ('DONE', 'PROBLEMS') ORDER BY id DESC LIMIT 1`,
  );

  const putPlace = database.prepare("INSERT OR REPLACE INTO backup_places (place, ended_ms) VALUES (?, ?)");
  const byPlace = database.prepare("SELECT ended_ms FROM backup_places WHERE place = ?");

  const getRun = (id: number): MaintenanceRun => toRun(byId.get(id)) as MaintenanceRun;
  return {
    startMaintenance({ kind, trigger, startedMs, place, counts = {} }) {
      closeLost.run(startedMs - LOST_AFTER_MS);
      const { lastInsertRowid } = insert.run(kind, trigger, startedMs, JSON.stringify(counts), place ?? null);
      changed();
      return getRun(Number(lastInsertRowid));
    },
    closeLostMaintenance() {
      if (closeServers.run().changes > 0) changed();
    },
    endMaintenance(id, end) {
      const [summary, counts, code, message] =
        end.outcome === "FAILED"
          ? [null, null, end.error.code, end.error.message]
          : [end.summary, JSON.stringify(end.counts), null, null];
      update.run(end.endedMs, end.outcome, summary, counts, code, message, id);
      changed();
      return getRun(id);
    },
    rememberBackup(place, endedMs) {
      putPlace.run(place, endedMs);
      changed();
    },
    lastBackupTo: (place) => byPlace.get(place)?.["ended_ms"] as number | undefined,
    findMaintenance: (id) => toRun(byId.get(id)),
    lastEndedMaintenance: (kind) => toRun(ended.get(kind)),
    listMaintenance: ({ limit, after, kind }) =>
      page.all(after ?? Number.MAX_SAFE_INTEGER, kind ?? null, limit).map((row) => toRun(row) as MaintenanceRun),
  };
}

function toRun(row: Record<string, unknown> | undefined): MaintenanceRun | undefined {
  if (row === undefined) return undefined;
  const { counts, ...rest } = row;
  const known = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value ?? undefined]));
  return { ...known, counts: JSON.parse(counts as string) } as unknown as MaintenanceRun;
}
