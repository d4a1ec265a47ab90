/**
 * Saving out of a damaged catalog what the archive can't tell again, as far as it can still be read: the history of
 * runs and of maintenance, where backups are, and which episodes were told.
 */
import { DatabaseSync } from "node:sqlite";
import { isOutOfRoom, isRefusal } from "./damage.ts";

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
 * @throws where the disk has no room for it, or keeps `into` from taking it: then nothing was copied
 */
export function salvage(from: string, into: DatabaseSync): void {
  let damaged: DatabaseSync | undefined;
  into.exec("BEGIN IMMEDIATE");
  try {
    damaged = openDamaged(from);
    if (damaged !== undefined) for (const saved of SAVED) copyRows(damaged, saved, into);
    into.exec("COMMIT");
  } finally {
    // SQLite takes some transactions back by itself.
    if (into.isTransaction) into.exec("ROLLBACK");
    damaged?.close();
  }
}

function openDamaged(path: string): DatabaseSync | undefined {
  try {
    return new DatabaseSync(path, { readOnly: true, defensive: false });
  } catch {
    return undefined; // somebody has taken it away
  }
}

function copyRows(from: DatabaseSync, { table, columns, where }: (typeof SAVED)[number], into: DatabaseSync): void {
  if (into.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined) return;
  const put = into.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.replaceAll(/\w+/g, "?")})`);
  try {
    for (const row of readRows(from, `SELECT ${columns} FROM ${table} WHERE ${where}`)) put.run(...row);
  } catch (error) {
    if (isRefusal(error)) throw error;
    // It, and what follows in this table, is lost with the file.
  }
}

/** As far as they can be read: none where it isn't even a database. @throws where the disk has no room for what that needs */
function* readRows(from: DatabaseSync, query: string): Generator<(string | number | null)[]> {
  try {
    // So that SQLite passes over words that make no table, and gives what is in the others.
    from.exec("PRAGMA writable_schema = ON");
    for (const row of from.prepare(query).iterate()) yield Object.values(row) as (string | number | null)[];
  } catch (error) {
    if (isOutOfRoom(error)) throw error;
  }
}
