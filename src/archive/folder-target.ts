/**
 * A folder as backup target: another disk, or a mounted share. It gets the archive's own layout, so that a plain backup
 * can be pointed at and served as it is. Links inside of it are never followed.
 */
import { dirname, resolve } from "node:path";
import { NameTaken, StoreFailed } from "../model/errors.ts";
import { MANIFESTS, parseStoredKey, type BackupTarget, type TargetFile } from "./backup-target.ts";
import { eagerFileSystem } from "./eager-file-system.ts";
import { createFileLock } from "./file-lock.ts";
import { isErrno, nodeFileSystem, storeFailed, type FileSystem, type FolderEntry } from "./file-system.ts";
import { openIfThere, readInto } from "./fs-read.ts";
import { removeIfEmpty } from "./fs-sweep.ts";
import { closing, makeFolder, replaceFile, tryWriting } from "./fs-write.ts";

/** Of its own, since a tree that is a backup may also be served, and its writers have a lock already. */
export const BACKUP_LOCK_NAME = ".etna-archive.backup.lock";

/** A first backup takes its time, and who comes second has nothing to do until it has ended. */
const LOCK_WAIT_MS = 6 * 3_600_000;

/** Temporary names of ours, whatever they would have become. */
const LEFTOVER = /^\.[\w.-]+\.\d+\.[0-9a-f]{12}\.tmp$/;

/** The names of folders by their depth: year, month, day. */
const FOLDERS = [/^\d{4}$/, /^\d\d$/, /^\d\d$/];

export interface FolderTargetOptions {
  path: string;
  /** Nobody waits for this process, so that it may read without leaving its thread: three times as fast. */
  alone?: boolean;
  lockWaitMs?: number;
  clock?: () => number;
  /** A test hands in one that fails. */
  fs?: FileSystem;
}

export function createFolderTarget(options: FolderTargetOptions): BackupTarget {
  const { alone = false, lockWaitMs = LOCK_WAIT_MS, clock = Date.now } = options;
  const { fs = alone ? eagerFileSystem : nodeFileSystem } = options;
  const base = resolve(options.path);
  const pathOf = (key: string) => (key === "" ? base : `${base}/${key}`);
  const lock = createFileLock({
    path: pathOf(BACKUP_LOCK_NAME),
    of: "backup",
    waitMs: lockWaitMs,
    tryWriting: () => tryWriting(fs, base, clock()),
  });

  async function attempt<T>(doing: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailed(`${doing} in the backup`, pathOf(key), error);
    }
  }

  /** Nothing where the folder isn't there: a backup may not have begun. */
  async function entriesOf(key: string): Promise<FolderEntry[]> {
    try {
      return await fs.readdir(pathOf(key), { withFileTypes: true });
    } catch (error) {
      if (isErrno(error, "ENOENT")) return [];
      throw storeFailed(`list ${key === "" ? "the files" : key} in the backup`, pathOf(key), error);
    }
  }

  async function* walk(
    folder: string,
    depth: number,
    ...hooks: Parameters<BackupTarget["list"]>
  ): AsyncIterable<TargetFile> {
    const [skips, onUnreadable] = hooks;
    const entries = await entriesOf(folder).catch((error: unknown) => {
      if (folder === "" || onUnreadable === undefined || !(error instanceof StoreFailed)) throw error;
      onUnreadable(folder, error);
      return [];
    });
    for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const key = folder === "" ? entry.name : `${folder}/${entry.name}`;
      // Whatever has a manifest's name, no other one can get that.
      if (folder === MANIFESTS && !entry.isFile()) yield { key, leftover: false };
      else if (entry.isDirectory()) {
        if (skips?.(key)) continue;
        if (FOLDERS[depth]?.test(entry.name)) yield* walk(key, depth + 1, ...hooks);
        else if (key === MANIFESTS) yield* walk(key, FOLDERS.length, ...hooks);
      } else if (entry.isFile() && folder !== "") {
        if (LEFTOVER.test(entry.name)) yield { key, leftover: true };
        else if (folder === MANIFESTS || parseStoredKey(key)) yield { key, leftover: false };
      }
    }
  }

  /** @throws {NameTaken} where a folder above a file is something else, such as a link, which nobody follows */
  async function checkFolders(key: string): Promise<void> {
    for (let folder = dirname(key); folder !== "."; folder = dirname(folder)) {
      const stat = await fs.lstat(pathOf(folder), { bigint: true }).catch((error: unknown) => {
        if (!isErrno(error, "ENOENT")) throw error;
      });
      if (stat?.isDirectory() === false) throw nameTaken(key);
    }
  }

  function nameTaken(key: string, cause?: unknown): NameTaken {
    const why = "something else has its name, or that of its folder";
    return new NameTaken(`Cannot write ${key} in the backup: ${why}`, { path: pathOf(key), cause });
  }

  async function read(key: string, limitBytes: number): Promise<Uint8Array | undefined> {
    const file = await openIfThere(fs, pathOf(key));
    if (file === undefined) return undefined;
    await using _closed = closing(file);
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) return undefined;
    checkLimit(key, Number(stat.size), limitBytes);
    // A buffer of its own, so that it can be handed to another thread; not filled with zeros first.
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(Number(stat.size)).buffer);
    return bytes.subarray(0, await readInto(bytes, file));
  }

  return {
    name: options.path,
    folder: base,
    list: (...hooks) => walk("", 0, ...hooks),
    read: (key, limitBytes) => attempt(`read ${key}`, key, () => read(key, limitBytes)),

    async write(key, bytes, modifiedMs = clock()) {
      await attempt(`write ${key}`, key, async () => {
        try {
          await checkFolders(key);
          await makeFolder(fs, dirname(pathOf(key)));
          await replaceFile(fs, pathOf(key), bytes, modifiedMs);
        } catch (cause) {
          throw isErrno(cause, "EISDIR", "ENOTDIR") ? nameTaken(key, cause) : cause;
        }
        const written = await read(key, bytes.length);
        if (written === undefined || Buffer.compare(written, bytes) !== 0)
          throw new StoreFailed(`Cannot write ${key} in the backup: it reads otherwise than it was written`, {
            path: pathOf(key),
          });
      });
    },

    remove: (key) =>
      attempt(`remove ${key}`, key, async () => {
        try {
          await fs.unlink(pathOf(key));
        } catch (error) {
          if (isErrno(error, "ENOENT", "EISDIR")) return false;
          throw error;
        }
        for (let folder = dirname(key); folder !== "."; folder = dirname(folder))
          if (!(await removeIfEmpty(fs, pathOf(folder)))) break;
        return true;
      }),

    async exclusively(work, signal) {
      await attempt("write", "", () => makeFolder(fs, base));
      return await lock(work, signal);
    },
  };
}

function checkLimit(key: string, size: number, limitBytes: number): void {
  if (size > limitBytes)
    throw new StoreFailed(`Cannot read ${key} in the backup: found ${size} bytes, need at most ${limitBytes}`);
}
