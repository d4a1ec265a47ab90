/**
 * Saving out of a damaged catalog what the archive can't tell again, as far as it can still be read: the history of
 * runs and of maintenance, where backups are, and which episodes were told.
 */
import { DatabaseSync } from "node:sqlite";

const isTrigger = "trigger IN ('SCHEDULE', 'STARTUP', 'ADMIN', 'COMMAND')";
const isRight = "(outcome IS NULL OR outcome IN ('ARCHIVED', 'UNCHANGED', 'FAILED', 'DONE', 'PROBLEMS'))";

const MAINTENANCE = {
  table: "maintenance_runs",
  columns: "id, kind, trigger, started_ms, ended_ms, outcome, summary, counts, error_code, error_message",
  where: `kind IN ('VERIFY', 'BACKUP', 'RESTORE', 'IMPORT') AND ${isTrigger} AND ${isRight} AND json_valid(counts)`,
};

/** What stands in a damaged file may be anything; only rows that the program could have written are taken. */
const SAVED = [
  {
    table: "runs",
    columns: "id, trigger, started_ms, fetches, ended_ms, outcome, day, error_code, error_message",
    where: `${isTrigger} AND ${isRight} AND (day IS NULL OR day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')`,
  },
  { ...MAINTENANCE, columns: `${MAINTENANCE.columns}, place` },
  MAINTENANCE, // as an older version wrote it
  { table: "backup_places", columns: "place, ended_ms", where: "ended_ms > 0" },
  { table: "told_episodes", columns: "since_ms, told", where: "json_valid(told)" },
];

/**
 * Copies what can be read, and is content with that.
 * @param from the path of the file that was set aside
 * @param into has all tables; what is in one already stays as it is
 */
export function salvage(from: string, into: DatabaseSync): void {
  let damaged: DatabaseSync | undefined;
  into.exec("BEGIN IMMEDIATE");
  try {
    damaged = new DatabaseSync(from, { readOnly: true, defensive: false });
    // So that SQLite passes over words that make no table, and gives what is in the others.
    damaged.exec("PRAGMA writable_schema = ON");
    for (const { table, columns, where } of SAVED) {
      if (into.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined) continue;
      const marks = columns.replaceAll(/\w+/g, "?");
      copyRows(damaged, `SELECT ${columns} FROM ${table} WHERE ${where}`, (row) =>
        into.prepare(`INSERT INTO ${table} (${columns}) VALUES (${marks})`).run(...row),
      );
    }
  } catch {
    // It isn't even a database.
  } finally {
    into.exec("COMMIT");
    damaged?.close();
  }
}

function copyRows(from: DatabaseSync, query: string, put: (row: (string | number | null)[]) => void): void {
  try {
    for (const row of from.prepare(query).iterate()) put(Object.values(row) as (string | number | null)[]);
  } catch {
    // What follows in this table is lost with the file.
  }
}
