/**
 * The store on disk: a tree of folders, one a day, that the old system could have made (DESIGN.md).
 * Owns what may be touched: regular files of our names in real folders. Links inside of the tree are never followed;
 * that the base itself may be one is the operator's choice.
 */
import { dirname, resolve } from "node:path";
import { NameTaken, TooLarge } from "../model/errors.ts";
import { createFileLock } from "./file-lock.ts";
import { errnoOf, isErrno, nodeFileSystem, storeFailed, type FileStat, type FileSystem } from "./file-system.ts";
import { createFalseFolderFinder, findStat, pruneFolders } from "./fs-folders.ts";
import { listOddities } from "./fs-oddities.ts";
import { listQuarantine, moveToQuarantine } from "./fs-quarantine.ts";
import { openIfThere, readInto } from "./fs-read.ts";
import { sweepTree } from "./fs-sweep.ts";
import { entriesOf, listFiles, storedFile, type Skipped, type Tree } from "./fs-tree.ts";
import { closing, makeFolder, replaceFile, tryWriting } from "./fs-write.ts";
import { keysOf, parseKey } from "./keys.ts";
import type { Store, StoredFile, WriteOptions } from "./store.ts";

export const LOCK_NAME = ".etna-archive.lock";

/** Skipped entries that are remembered so as to be told once; a tree with more of them is told of again. */
const SKIPPED_REMEMBERED = 10_000;

export interface FsStoreOptions {
  basePath: string;
  /** Hears of each entry that a listing passes over, once. */
  onSkipped?: (skipped: Skipped) => void;
  /** How long another writer may keep us waiting; default 30 s. */
  lockWaitMs?: number;
  clock?: () => number;
  /** A test hands in one that fails. */
  fs?: FileSystem;
}

export function createFsStore(options: FsStoreOptions): Store {
  const { onSkipped, lockWaitMs = 30_000, clock = Date.now, fs = nodeFileSystem } = options;
  const basePath = resolve(options.basePath);
  const tree: Tree = { fs, basePath, onSkipped: onSkipped ? once(onSkipped) : () => {} };
  const lockPath = `${basePath}/${LOCK_NAME}`;
  const lock = createFileLock({ path: lockPath, of: "archive", waitMs: lockWaitMs, tryWriting: checkWritable });
  const findFalseFolder = createFalseFolderFinder(fs, basePath);
  const pathOf = (key: string) => `${basePath}/${key}`;

  /** Rejects with StoreFailed where `work` rejects with a system error. */
  async function attempt<T>(doing: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailed(doing, key === "" ? basePath : pathOf(key), error);
    }
  }

  async function find(key: string): Promise<StoredFile | undefined> {
    const stat = await findStat(fs, pathOf(key));
    return stat?.isFile() && (await findFalseFolder(key)) === undefined ? storedFile(key, stat) : undefined;
  }

  async function read(key: string, limitBytes: number, room?: Uint8Array<ArrayBuffer>) {
    if ((await findFalseFolder(key)) !== undefined) return undefined;
    const file = await openIfThere(fs, pathOf(key));
    if (file === undefined) return undefined;
    await using _closed = closing(file);
    const stat = await file.stat({ bigint: true });
    if (!stat.isFile()) return undefined;
    const stored = storedFile(key, stat);
    if (stored.size > limitBytes)
      throw new TooLarge(`Cannot read ${key}: found ${stored.size} bytes, need at most ${limitBytes}`, {
        path: pathOf(key),
      });
    const bytes =
      room !== undefined && room.length >= stored.size
        ? room.subarray(0, stored.size)
        : // Not filled with zeros first: what isn't read is cut off below.
          new Uint8Array(Buffer.allocUnsafeSlow(stored.size).buffer);
    const size = await readInto(bytes, file);
    return { ...stored, size, bytes: bytes.subarray(0, size) };
  }

  async function write(key: string, bytes: Uint8Array, options: WriteOptions): Promise<StoredFile> {
    const { isReplaceable = false, modifiedMs: wantedMs = Math.floor(clock()) } = options;
    const { day } = parseKey(key) ?? {};
    if (day === undefined) throw new TypeError(`${key} is no key of an archive`);
    const path = pathOf(key);
    const [falseFolder, ...others] = await Promise.all([
      findFalseFolder(key),
      ...keysOf(day).map((other) => findStat(fs, pathOf(other))),
    ]);
    const why = whyRefused(falseFolder, others[keysOf(day).indexOf(key)]);
    if (why !== undefined) throw new NameTaken(`Cannot write ${key}: ${why}`, { path: pathOf(key) });

    // What is newer within a day is told by the files' times, so a coarse clock or one set back must not mix them up.
    const newestMs = Math.max(...others.map((stat) => (stat?.isFile() ? storedFile(key, stat).modifiedMs : 0)));
    const modifiedMs = Math.max(wantedMs, newestMs === 0 ? 0 : Math.floor(newestMs) + 1);
    await attemptInFolder(dirname(path), () => replaceFile(fs, path, bytes, modifiedMs, !isReplaceable));
    return { key, size: bytes.length, modifiedMs };
  }

  /** Makes the folder where it is missing, and once more where another process has just pruned it as empty. */
  async function attemptInFolder(folder: string, work: () => Promise<void>): Promise<void> {
    for (let triesLeft = 3; ; triesLeft--)
      try {
        await makeFolder(fs, folder);
        return await work();
      } catch (error) {
        if (!isErrno(error, "ENOENT") || triesLeft === 0) throw error;
      }
  }

  async function whyTaken(key: string): Promise<string | undefined> {
    return whyRefused(await findFalseFolder(key), await findStat(fs, pathOf(key)));
  }

  async function remove(key: string): Promise<boolean> {
    if ((await find(key)) === undefined) return false;
    try {
      await fs.unlink(pathOf(key));
    } catch (error) {
      if (isErrno(error, "ENOENT")) return false;
      throw error;
    }
    await pruneFolders(fs, basePath, key);
    return true;
  }

  async function checkWritable(): Promise<void> {
    await makeFolder(fs, basePath);
    await tryWriting(fs, basePath, clock());
  }

  return {
    kind: "file",
    list(from, to, order, onUnreadable) {
      const onSkipped = (skipped: Skipped): void => {
        tree.onSkipped(skipped);
        if (skipped.kind === "UNREADABLE") onUnreadable?.(skipped);
      };
      return listFiles({ ...tree, onSkipped }, from, to, order);
    },
    find: (key) => attempt(`look for ${key}`, key, () => find(key)),
    read: (key, limitBytes, room) => attempt(`read ${key}`, key, () => read(key, limitBytes, room)),
    write: (key, bytes, options = {}) => attempt(`write ${key}`, key, () => write(key, bytes, options)),
    remove: (key) => attempt(`remove ${key}`, key, () => remove(key)),
    quarantine: (key, isReplaced = false) =>
      attempt(`move ${key} to quarantine`, key, () =>
        moveToQuarantine(key, isReplaced, { fs, basePath, findFalseFolder }),
      ),
    listQuarantine: () => listQuarantine(fs, basePath),
    whyTaken: (key) => attempt(`look for ${key}`, key, () => whyTaken(key)),
    listOddities: () => listOddities(tree, clock()),
    sweep: (beforeMs) => attempt("sweep the archive", "", () => sweepTree(tree, beforeMs)),
    // The lock's file stays where days are deleted.
    isUntouched: () =>
      attempt("look for the archive", LOCK_NAME, async () => (await findStat(fs, lockPath)) === undefined),
    checkWritable: () => attempt("write to the archive", "", checkWritable),
    // A folder that isn't there yet is made when it is written to.
    checkUsable: async () => void (await entriesOf(tree, "")),

    async exclusively(work, signal) {
      await attempt("write to the archive", "", () => makeFolder(fs, basePath));
      return await lock(work, signal);
    },

    async freeBytes() {
      try {
        const { bavail, bsize } = await fs.statfs(basePath);
        return bavail * bsize;
      } catch (error) {
        if (errnoOf(error) !== undefined) return undefined;
        throw error;
      }
    },
  };
}

/** @param stat of what has the name already */
function whyRefused(falseFolder: string | undefined, stat: FileStat | undefined): string | undefined {
  if (falseFolder !== undefined) return `${falseFolder} isn't a folder`;
  return stat?.isFile() === false ? "its name is taken by something that isn't a regular file" : undefined;
}

/** Passes on what has not been passed on before. */
function once(onSkipped: (skipped: Skipped) => void): (skipped: Skipped) => void {
  const told = new Set<string>();
  return (skipped) => {
    if (told.has(skipped.key)) return;
    if (told.size >= SKIPPED_REMEMBERED) told.clear();
    told.add(skipped.key);
    onSkipped(skipped);
  };
}
