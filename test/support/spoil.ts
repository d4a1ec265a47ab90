/** Damage done to a catalog's file behind its owner's back. */
import assert from "node:assert/strict";
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

/** Writes all that waits in the journal beside the file into it. */
function settle(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}

/** Overwrites a part of the file, by shares of its length; the first pages, by which SQLite knows a file, stay. */
export function overwrite(path: string, from = 0.3, to = 1): void {
  settle(path);
  const file = openSync(path, "r+");
  const { size } = fstatSync(file);
  const [start, end] = [from, to].map((share) => Math.floor(size * share));
  writeSync(file, Buffer.alloc(end! - start!, 0xa5), 0, end! - start!, start);
  closeSync(file);
}

/** Flips a bit in the second letter of a text that stands in the file once. */
export function flipIn(path: string, text: string): void {
  settle(path);
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  assert.ok(at > 0 && at === bytes.lastIndexOf(text), `${text} must be there once`);
  bytes[at + 1]! ^= 4;
  writeFileSync(path, bytes);
}

/** Makes whoever has the file open read it again, as any change by another process does. */
export function touch(path: string): void {
  using database = new DatabaseSync(path);
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  database.exec(`PRAGMA user_version = ${version}`);
}

export function execute(path: string, sql: string): void {
  using database = new DatabaseSync(path);
  database.exec(sql);
}
