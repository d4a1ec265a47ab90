/**
 * Saving the history of runs out of a damaged catalog, as far as it can still be read.
 */
import { DatabaseSync } from "node:sqlite";

const COLUMNS = "id, trigger, started_ms, fetches, ended_ms, outcome, day, error_code, error_message";
/** What stands in a damaged file may be anything; only rows that a run can have are taken. */
const READABLE = `
  SELECT ${COLUMNS} FROM runs
  WHERE trigger IN ('SCHEDULE', 'STARTUP', 'ADMIN', 'COMMAND')
    AND (outcome IS NULL OR outcome IN ('ARCHIVED', 'UNCHANGED', 'FAILED'))
    AND typeof(started_ms) = 'integer' AND (day IS NULL OR day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')
  ORDER BY id`;

/** Copies what can be read, and is content with that. @param from the path of the file that was set aside */
export function salvageRuns(from: string, into: DatabaseSync): void {
  let damaged: DatabaseSync | undefined;
  into.exec("BEGIN IMMEDIATE");
  try {
    damaged = new DatabaseSync(from, { readOnly: true });
    const insert = into.prepare(`INSERT OR IGNORE INTO runs (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    for (const row of damaged.prepare(READABLE).iterate()) insert.run(...(Object.values(row) as (string | number)[]));
  } catch {
    // What follows is lost with the file.
  } finally {
    into.exec("COMMIT");
    damaged?.close();
  }
}
