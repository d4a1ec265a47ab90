/**
 * The lock between writers of one tree: an empty SQLite file, locked by a transaction that never writes.
 *
 * SQLite holds it by POSIX record locks, so the kernel lets go of it the moment its process dies, and it works between
 * Node and Deno without an addon. Two things follow from those locks. The file must never be removed: who has it open
 * would hold a lock that no one else sees. And nothing in this process may open and close it by other means: the
 * kernel would drop the process's lock with that.
 */
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { StoreFailed } from "../model/errors.ts";
import { createTurns, type InTurn } from "./turns.ts";

/** Between tries; random, so that waiting writers don't march in step. */
const RETRY_MS = { least: 1, most: 10 };

/** A process that never stops asking would starve the others, who only look now and then: so it rests for a while. */
const REST = { everyMs: 100, forMs: 15 };

export interface FileLockOptions {
  /** Of the lock file; its folder is there when work comes. */
  path: string;
  /** How long another process may keep us waiting. */
  waitMs: number;
  /** The error that a caller can act on, when SQLite can't open the file and says no more than that. */
  explain: (cause: unknown) => Promise<unknown>;
}

export function createFileLock({ path, waitMs, explain }: FileLockOptions): InTurn {
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
      const lock = await tryLock(path, explain);
      if (lock !== undefined) return lock;
      if (performance.now() > deadlineMs)
        throw new StoreFailed(`Cannot lock the archive: another writer has kept it for ${waitMs / 1000} s`, { path });
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

/** The lock, or `undefined` while another connection has it. */
async function tryLock(path: string, explain: FileLockOptions["explain"]): Promise<Disposable | undefined> {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(path, { timeout: 0 });
    // Without a journal in memory, SQLite would put one beside the file, and a kill would leave it there.
    // Where the file may only be read, SQLite begins without a lock and says nothing: so we change something, which
    // fails then, and which closing takes back.
    connection.exec("PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE; PRAGMA user_version = 1");
    const held = connection;
    return { [Symbol.dispose]: () => held.close() };
  } catch (error) {
    connection?.close();
    // The words, since Deno's error has no `errcode`.
    if (error instanceof Error && error.message.includes("database is locked")) return undefined;
    throw await explain(error);
  }
}
