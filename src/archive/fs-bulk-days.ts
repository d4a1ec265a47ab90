/**
 * Reading whole days of a plain backup in a folder, each file proven by the sha256 that a manifest names.
 * Owns when a day is just what it was told to be; what is to be done with any other isn't known here.
 */
import { hash } from "node:crypto";
import { closeSync, constants, openSync, readdirSync, readSync } from "node:fs";
import { errnoOf } from "./file-system.ts";

export interface DayToCopy {
  /** `2025/11/04`, in the backup as in the archive. */
  folder: string;
  /** All that there must be in the folder, in the order in which they are to get their names. Sizes in bytes. */
  files: readonly { name: string; size: number; sha256: string; modifiedMs: number }[];
}

export function bytesOf(files: readonly { size: number }[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/**
 * @returns a function that reads the files of a day in a backup's folder; `undefined` when they aren't just those, or
 * can't be read. The bytes are good until it is called again.
 */
export function createDayReader(): (from: string, day: DayToCopy) => Uint8Array[] | undefined {
  let room = Buffer.allocUnsafeSlow(1 << 20);
  /** The real folders in a folder: links are never followed. */
  const foldersIn = new Map<string, ReadonlySet<string>>();

  function isFolder(from: string, path: string): boolean {
    const at = path.lastIndexOf("/");
    const above = path.slice(0, Math.max(0, at));
    if (above !== "" && !isFolder(from, above)) return false;
    let folders = foldersIn.get(above);
    if (folders === undefined) {
      const entries = readdirSync(`${from}/${above}`, { withFileTypes: true });
      folders = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
      foldersIn.set(above, folders);
    }
    return folders.has(path.slice(at + 1));
  }

  return (from, { folder, files }) => {
    try {
      if (!isFolder(from, folder)) return undefined;
      const names = readdirSync(`${from}/${folder}`);
      if (names.length !== files.length || !files.every(({ name }) => names.includes(name))) return undefined;
      // A byte more than they should have, so that a longer one is noticed.
      const needed = bytesOf(files) + files.length;
      if (needed > room.length) room = Buffer.allocUnsafeSlow(needed);
      const found: Uint8Array[] = [];
      let at = 0;
      for (const { name, size, sha256 } of files) {
        const length = readInto(room, at, size + 1, `${from}/${folder}/${name}`);
        const bytes = room.subarray(at, at + length);
        if (length !== size || hash("sha256", bytes, "hex") !== sha256) return undefined;
        found.push(bytes);
        at += length;
      }
      return found;
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      return undefined;
    }
  };
}

/** In one call, as the system reads files; where it takes more of them, the rest is missing. */
function readInto(room: Buffer, at: number, most: number, path: string): number {
  // Without O_NONBLOCK, opening a named pipe would wait for its other end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    return readSync(file, room, at, most, null);
  } finally {
    closeSync(file);
  }
}
