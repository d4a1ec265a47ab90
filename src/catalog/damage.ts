/**
 * Damage to the catalog's file: how it is told from all else that can go wrong.
 */

/** What the catalog holds can't be what was put there. */
export class CatalogDamaged extends Error {}

/** SQLITE_CORRUPT and SQLITE_NOTADB, with all their extended codes (https://sqlite.org/rescode.html). */
const DAMAGE_CODES = [11, 26];
/** SQLITE_IOERR_READ, _SHORT_READ and _CORRUPTFS: the disk no longer gives what was written. */
const UNREADABLE_CODES = [266, 522, 8458];
/** For errors without a code, as those of Deno's `exec`: a full disk is told by the last ones, too. */
const DAMAGE_WORDS = /malformed|not a database|disk I\/O error/;
/** A table or a column goes only when somebody else makes the tables anew. */
const GONE_WORDS = /no such (table|column)/;

/** SQLITE_BUSY, _READONLY, _IOERR and _FULL, with all their extended codes. */
const REFUSAL_CODES = [5, 8, 10, 13];

/** SQLITE_FULL, and SQLITE_IOERR_SHMSIZE: just a file that SQLite makes beside the catalog can't have its size. */
const ROOM_CODES = [13, 4874];

const REFUSAL_WORDS = /database or disk is full|database is locked|readonly database/;

/** Did the disk, or another process, keep SQLite from its work, as a full disk does? The file is none the worse for that. */
export function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { errcode, code } = error as { errcode?: number; code?: string };
  if (code !== "ERR_SQLITE_ERROR") return false;
  return errcode === undefined ? REFUSAL_WORDS.test(error.message) : REFUSAL_CODES.includes(errcode & 0xff);
}

/** Has the disk no room left? SQLite also tells of that as of a failing disk. */
export function isOutOfRoom(error: unknown): boolean {
  return isRefusal(error) && ROOM_CODES.includes((error as { errcode?: number }).errcode ?? 0);
}

export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof CatalogDamaged) return true;
  const { errcode, code } = error as { errcode?: number; code?: string };
  // SQLite alone is asked: a StoreFailed may tell of the disk in the same words.
  if (code !== undefined && code !== "ERR_SQLITE_ERROR") return false;
  if (GONE_WORDS.test(error.message)) return true;
  if (errcode === undefined) return DAMAGE_WORDS.test(error.message);
  return DAMAGE_CODES.includes(errcode & 0xff) || UNREADABLE_CODES.includes(errcode);
}
