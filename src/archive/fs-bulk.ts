/**
 * Writing many new days to a tree at once, as a restore does: whole files beside their places, one sync of the disk for
 * all of them, then their names, which another sync at the end settles. Only days that have no folder yet; all others take the store's own careful way.
 *
 * It reads and writes without leaving its thread, since nobody waits for the process that restores.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { isErrno, storeFailed } from "./file-system.ts";
import { temporaryPath } from "./fs-write.ts";

export interface NewFile {
  key: string;
  bytes: Uint8Array;
  modifiedMs: number | undefined;
}

export interface BulkWriter {
  /**
   * Writes the files of some days; call it inside of the store's `exclusively`. A power cut may yet take their names.
   * @returns the files of days that can't be written so, untouched
   * @throws {StoreFailed} what has its name by then is whole
   */
  putNew(files: readonly NewFile[]): Promise<NewFile[]>;
  /** From then on all that was written so survives a power cut. @throws {StoreFailed} */
  settle(): Promise<void>;
}

export function createBulkWriter(basePath: string): BulkWriter {
  const base = resolve(basePath);
  const realFolders = new Set<string>();
  /** Folders with names that may not have reached the disk. */
  const unsettled = new Set<string>();

  /** Makes the folders above the day's; false when one of them isn't a folder. */
  function makeAbove(folder: string): boolean {
    if (realFolders.has(folder)) return true;
    if (folder !== base && !makeAbove(dirname(folder))) return false;
    try {
      mkdirSync(folder);
    } catch (error) {
      if (!isErrno(error, "EEXIST")) throw error;
      if (folder !== base && !lstatSync(folder).isDirectory()) return false;
    }
    realFolders.add(folder);
    return true;
  }

  /** Makes a day's own folder; false when it was there. */
  function makeNew(folder: string): boolean {
    try {
      mkdirSync(folder);
      return true;
    } catch (error) {
      if (isErrno(error, "EEXIST")) return false;
      throw error;
    }
  }

  return {
    async putNew(files) {
      const fresh = new Map<string, boolean>();
      const written: [temporary: string, path: string][] = [];
      const left: NewFile[] = [];
      let key = "";
      try {
        for (const file of files) {
          ({ key } = file);
          const path = `${base}/${key}`;
          const folder = dirname(path);
          if (!fresh.has(folder)) fresh.set(folder, makeAbove(dirname(folder)) && makeNew(folder));
          if (fresh.get(folder) === false) {
            left.push(file);
            continue;
          }
          const temporary = temporaryPath(path);
          writeNew(temporary, file);
          written.push([temporary, path]);
        }
        if (written.length === 0) return left;
        await syncDisk(
          base,
          written.map(([temporary]) => temporary),
        );
        for (const [temporary, path] of written) renameSync(temporary, path);
        for (const folder of fresh.keys()) unsettled.add(folder);
      } catch (error) {
        throw storeFailed(`write ${key}`, `${base}/${key}`, error);
      }
      return left;
    },

    async settle() {
      if (unsettled.size === 0) return;
      try {
        await syncDisk(base, [...unsettled, ...realFolders]);
        unsettled.clear();
      } catch (error) {
        throw storeFailed("write the archive down to the disk", base, error);
      }
    },
  };
}

function writeNew(path: string, { bytes, modifiedMs }: NewFile): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    // As in `fs-write.ts`: half a microsecond more, since seconds as a float would fall below the one that is meant.
    const seconds = ((modifiedMs ?? Date.now()) + 0.0005) / 1000;
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
}

/** All that was written reaches the disk. The system's own command does it in one go; file by file takes a minute. */
async function syncDisk(base: string, paths: readonly string[]): Promise<void> {
  const child = spawn("sync", ["-f", base], { stdio: "ignore" });
  const status = await once(child, "close").then(
    ([code]) => code as number | null,
    () => undefined, // there is no such command
  );
  if (status === 0) return;
  for (const path of paths) {
    const file = openSync(path, constants.O_RDONLY);
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}
