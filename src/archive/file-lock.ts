/**
 * The lock between writers of one tree: an empty SQLite file, locked by a transaction that never writes.
 *
 * SQLite holds it by POSIX record locks, so the kernel lets go of it the moment its process dies, and it works between
 * Node and Deno without an addon. Two things follow from those locks. The file must never be removed: who has it open
 * would hold a lock that no one else sees. And nothing in this process may open and close it by other means: the
 * kernel would drop the process's lock with that.
 */
import { copyFileSync, existsSync, lstatSync, truncateSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { StoreFailed } from "../model/errors.ts";
import { attemptNow, storeFailed } from "./file-system.ts";
import { createTurns, type InTurn } from "./turns.ts";

/** Between tries; random, so that waiting writers don't march in step. */
const RETRY_MS = { least: 1, most: 10 };

/** A process that never stops asking would starve the others, who only look now and then: so it rests for a while. */
const REST = { everyMs: 100, forMs: 15 };

export interface FileLockOptions {
  /** Of the lock file; its folder is there when work comes. */
  path: string;
  /** What it locks, in words. */
  of: "archive" | "backup";
  /** How long another process may keep us waiting. */
  waitMs: number;
  /** Writes something of its own beside it, and rejects with the system's error where that can't be. */
  tryWriting: () => Promise<void>;
}

export function createFileLock(options: FileLockOptions): InTurn {
  const { path, of, waitMs } = options;
  const inTurn = createTurns();
  let releasedMs = -Infinity;
  let restedMs = -Infinity;

  async function acquire(signal?: AbortSignal): Promise<Disposable> {
    if (performance.now() - releasedMs < REST.forMs && performance.now() - restedMs > REST.everyMs) {
      await pause(REST.forMs);
      restedMs = performance.now();
    }
    const deadlineMs = performance.now() + waitMs;
    for (;;) {
      signal?.throwIfAborted();
      const lock = await tryLock(options);
      if (lock !== undefined) return lock;
      if (performance.now() > deadlineMs)
        throw new StoreFailed(`Cannot lock the ${of}: another writer has kept it for ${waitMs / 1000} s`, { path });
      await pause(RETRY_MS.least + Math.random() * (RETRY_MS.most - RETRY_MS.least));
    }
  }

  // One at a time within this process, so that it doesn't fight itself; then against the others.
  return (work, signal) =>
    inTurn(async () => {
      using _lock = await acquire(signal);
      try {
        return await work();
      } finally {
        releasedMs = performance.now();
      }
    }, signal);
}

/** Paths that are locked in this process. */
const lockedHere = new Set<string>();

/** The lock, or `undefined` while another connection has it. @param isEmptied bytes that were in the file have gone */
async function tryLock(options: FileLockOptions, isEmptied = false): Promise<Disposable | undefined> {
  const { path, of } = options;
  let connection: DatabaseSync | undefined;
  try {
    // SQLite would wait for a named pipe's other end.
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() === false)
      throw new StoreFailed(`Cannot lock the ${of}: ${basename(path)} isn't a regular file: remove it`, { path });
    connection = new DatabaseSync(path, { timeout: 0 });
    // Without a journal in memory, SQLite would put one beside the file, and a kill would leave it there.
    // Where the file may only be read, SQLite begins without a lock and says nothing: so we change something, which
    // fails then, and which closing takes back.
    connection.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE; PRAGMA user_version = 1");
    const held = connection;
    lockedHere.add(path);
    return {
      [Symbol.dispose]() {
        held.close();
        lockedHere.delete(path);
      },
    };
  } catch (error) {
    connection?.close();
    if (error instanceof StoreFailed) throw error;
    // The words, since Deno's error has no `errcode`.
    const words = error instanceof Error ? error.message : "";
    if (words.includes("database is locked")) return undefined;
    if (isEmptied || !/not a database|malformed/.test(words)) throw await whyNoLock(error, options);
    if (lockedHere.has(path)) return undefined;
    attemptNow(`empty ${basename(path)}`, path, () => empty(path));
    return await tryLock(options, true);
  }
}

/**
 * No lock of ours has any bytes: a bad disk or somebody has put them there, and the first such are kept beside it. The file
 * itself stays, so that whoever has it locked meanwhile goes on having that.
 */
function empty(path: string): void {
  if (!existsSync(`${path}.damaged`)) copyFileSync(path, `${path}.damaged`);
  truncateSync(path);
}

/** SQLite doesn't tell a full disk from a denied one; writing something of our own does. */
async function whyNoLock(cause: unknown, { path, of, tryWriting }: FileLockOptions): Promise<unknown> {
  const failed = await tryWriting().catch((error: unknown) => error);
  if (failed !== undefined) return storeFailed(`lock the ${of}`, path, failed);
  const name = basename(path);
  const reason = cause instanceof Error ? cause.message.replaceAll(path, name) : "unknown";
  // The folder can be written to, so what may only be read is the file itself: another user's, say.
  const errno = reason.includes("readonly") ? "EACCES" : undefined;
  return new StoreFailed(`Cannot lock the ${of} by ${name}: ${reason}`, { path, ...(errno && { errno }), cause });
}
