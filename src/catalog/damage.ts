/**
 * Damage to the catalog's file: how it is told from all else that can go wrong.
 */

/** What the catalog holds can't be what was put there. */
export class CatalogDamaged extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB, with all their extended codes (https://sqlite.org/rescode.html). */
const DAMAGE_CODES = [11, 26];
/** SQLITE_IOERR_READ, _SHORT_READ and _CORRUPTFS: the disk no longer gives what was written. */
const UNREADABLE_CODES = [266, 522, 8458];
/** Deno's errors have no code. A table or a column goes only when somebody else makes the tables anew. */
const DAMAGE_WORDS = /malformed|not a database|disk I\/O error|no such (table|column)/;

export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof CatalogDamaged) return true;
  const { errcode, code } = error as { errcode?: number; code?: string };
  if (errcode !== undefined && (DAMAGE_CODES.includes(errcode & 0xff) || UNREADABLE_CODES.includes(errcode)))
    return true;
  // SQLite alone is asked: a StoreFailed may tell of the disk in the same words.
  return (code === undefined || code === "ERR_SQLITE_ERROR") && DAMAGE_WORDS.test(error.message);
}
