/**
 * One hand of a bulk writer: it writes whole days that are new to a tree, reading and writing without leaving its
 * thread. Owns how they get there: files beside their places, of days that have no folder yet, and their names only when
 * it is told that all is on the disk.
 */
import {
  closeSync,
  constants,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { errnoOf, isErrno, storeFailed } from "./file-system.ts";
import { createDayReader, type DayToCopy } from "./fs-bulk-days.ts";
import { temporaryPath } from "./fs-write.ts";

export interface NewFile {
  key: string;
  bytes: Uint8Array;
  modifiedMs: number | undefined;
}

/** What a hand can be asked for. All of it rejects with `StoreFailed`. */
export interface BulkHand {
  /** Writes the files of days that have no folder yet. @returns the other ones */
  put(files: readonly NewFile[]): NewFile[];
  /** Copies days, each file proven by its sha256. @returns the folders of those that aren't as they were told, untouched */
  copy(from: string, days: readonly DayToCopy[]): string[];
  /** Brings down to the disk, file by file, what it has written. */
  sync(): void;
  /** Gives the files their names. */
  name(): void;
  /** Removes what has no name yet. */
  discard(): void;
}

export function createBulkHand(basePath: string): BulkHand {
  const base = resolve(basePath);
  const realFolders = new Set<string>();
  /** Of days: made here, with names that `sync` may not have seen. */
  let newFolders: string[] = [];
  let unnamed: [temporary: string, path: string][] = [];
  const readDay = createDayReader();

  /** Makes the folders above the day's; false when one of them isn't a folder. */
  function makeAbove(folder: string): boolean {
    if (realFolders.has(folder)) return true;
    if (folder !== base && !makeAbove(dirname(folder))) return false;
    if (!makeNew(folder) && folder !== base && !lstatSync(folder).isDirectory()) return false;
    realFolders.add(folder);
    return true;
  }

  function makeDay(folder: string): boolean {
    if (!makeAbove(dirname(folder)) || !makeNew(folder)) return false;
    newFolders.push(folder);
    return true;
  }

  function write(path: string, bytes: Uint8Array, modifiedMs: number | undefined): void {
    const temporary = temporaryPath(path);
    unnamed.push([temporary, path]);
    writeNew(temporary, bytes, modifiedMs);
  }

  return {
    put(files) {
      const isNew = new Map<string, boolean>();
      return files.filter(({ key, bytes, modifiedMs }) => {
        const path = `${base}/${key}`;
        return attempt(`write ${key}`, path, () => {
          const folder = dirname(path);
          if (!isNew.has(folder)) isNew.set(folder, makeDay(folder));
          if (isNew.get(folder)) write(path, bytes, modifiedMs);
          return isNew.get(folder) === false;
        });
      });
    },

    copy(from, days) {
      const left: string[] = [];
      for (const day of days) {
        const files = readDay(from, day);
        const folder = `${base}/${day.folder}`;
        const isWritten = attempt(`write ${day.folder}`, folder, () => {
          if (files === undefined || !makeDay(folder)) return false;
          for (const [at, { name, modifiedMs }] of day.files.entries())
            write(`${folder}/${name}`, files[at]!, modifiedMs);
          return true;
        });
        if (!isWritten) left.push(day.folder);
      }
      return left;
    },

    sync() {
      attempt("write the archive down to the disk", base, () => {
        for (const path of [...unnamed.map(([temporary]) => temporary), ...newFolders, ...realFolders]) syncOne(path);
        if (unnamed.length === 0) newFolders = [];
      });
    },

    name() {
      for (const [temporary, path] of unnamed)
        attempt(`write ${path.slice(base.length + 1)}`, path, () => {
          renameSync(temporary, path);
        });
      unnamed = [];
    },

    discard() {
      const folders = new Set<string>();
      for (const [temporary, path] of unnamed) {
        tryTo(() => unlinkSync(temporary));
        folders.add(dirname(path));
      }
      for (const folder of folders) tryTo(() => rmdirSync(folder));
      newFolders = newFolders.filter((folder) => !folders.has(folder));
      unnamed = [];
    },
  };
}

/** False when it was there. */
function makeNew(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

function writeNew(path: string, bytes: Uint8Array, modifiedMs = Date.now()): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    // As in `fs-write.ts`: half a microsecond more, since seconds as a float would fall below the one that is meant.
    const seconds = (modifiedMs + 0.0005) / 1000;
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
}

function syncOne(path: string): void {
  const file = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function attempt<T>(doing: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw storeFailed(doing, path, error);
  }
}

/** What went wrong first is what counts; a sweep finds the rest. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
