/**
 * Sweeping the tree of what stopped writers left: temporary files, staged days, and folders of ours that are empty.
 * Owns what may go; when, and that no one writes meanwhile, is the caller's.
 */
import { parseDay } from "../model/day.ts";
import { isErrno, type FileSystem, type FolderEntry } from "./file-system.ts";
import { isStageName } from "./fs-stage.ts";
import { entriesOf, skipFailed, storedFile, type Tree } from "./fs-tree.ts";
import { isTemporaryName } from "./keys.ts";

/** Removes temporary files and staged days last written before `beforeMs`, and folders empty since then. Answers how many files. */
export async function sweepTree(tree: Tree, beforeMs: number): Promise<number> {
  return (await sweepFolder(tree, "", beforeMs)).swept;
}

/** Removes a folder; false when it isn't empty or isn't there, or is another user's: an empty one harms nobody. */
export async function removeIfEmpty(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.rmdir(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOTEMPTY", "EEXIST", "ENOENT", "EBUSY", "EACCES", "EPERM")) return false;
    throw error;
  }
}

/** @param key the base, a year, a month or a day */
async function sweepFolder(tree: Tree, key: string, beforeMs: number): Promise<{ swept: number; gone: boolean }> {
  const entries = (await entriesOf(tree, key)).map((entry) => ({
    entry,
    entryKey: key === "" ? entry.name : `${key}/${entry.name}`,
  }));
  const mayGo = entries.every(({ entry, entryKey }) => isFolderOfOurs(entry, entryKey) || isTemporary(entry, entryKey));
  const changedMs = key !== "" && mayGo ? await findModifiedMs(tree, key) : undefined;
  let swept = 0;
  let left = entries.length;
  for (const { entry, entryKey } of entries) {
    if (isFolderOfOurs(entry, entryKey)) {
      const below = await sweepFolder(tree, entryKey, beforeMs);
      swept += below.swept;
      if (below.gone) left--;
    } else if (isStage(entry, entryKey)) swept += await sweepStage(tree, entryKey, beforeMs);
    else if (isTemporary(entry, entryKey) && (await sweepFile(tree, entryKey, beforeMs))) {
      swept++;
      left--;
    }
  }
  const emptyLong = left === 0 && changedMs !== undefined && changedMs < beforeMs;
  return { swept, gone: emptyLong && (await removeIfEmpty(tree.fs, `${tree.basePath}/${key}`)) };
}

async function sweepFile(tree: Tree, key: string, beforeMs: number): Promise<boolean> {
  const writtenMs = await findModifiedMs(tree, key);
  if (writtenMs === undefined || writtenMs >= beforeMs) return false;
  try {
    await tree.fs.unlink(`${tree.basePath}/${key}`);
    return true;
  } catch (error) {
    skipFailed(tree, key, error);
    return false;
  }
}

/** Whoever filled it has been killed, since he would have the lock. All of it goes. */
async function sweepStage(tree: Tree, key: string, beforeMs: number): Promise<number> {
  const changedMs = await findModifiedMs(tree, key);
  return changedMs !== undefined && changedMs < beforeMs ? await removeBelow(tree, key) : 0;
}

/** @returns how many files */
async function removeBelow(tree: Tree, folder: string): Promise<number> {
  let removed = 0;
  for (const entry of await entriesOf(tree, folder)) {
    const key = `${folder}/${entry.name}`;
    if (entry.isDirectory()) removed += await removeBelow(tree, key);
    else if (await sweepFile(tree, key, Number.POSITIVE_INFINITY)) removed++;
  }
  await removeIfEmpty(tree.fs, `${tree.basePath}/${folder}`);
  return removed;
}

export async function findModifiedMs(tree: Tree, key: string): Promise<number | undefined> {
  try {
    return storedFile(key, await tree.fs.lstat(`${tree.basePath}/${key}`, { bigint: true })).modifiedMs;
  } catch (error) {
    skipFailed(tree, key, error);
    return undefined;
  }
}

export function isFolderOfOurs(entry: FolderEntry, key: string): boolean {
  const [year, month = "01", day = "01", ...deeper] = key.split("/");
  return entry.isDirectory() && deeper.length === 0 && parseDay(`${year}-${month}-${day}`) !== undefined;
}

/** What a restore was filling when it was stopped. */
export function isStage(entry: FolderEntry, key: string): boolean {
  return entry.isDirectory() && isStageName(key);
}

export function isTemporary(entry: FolderEntry, key: string): boolean {
  const [name, ...folders] = key.split("/").reverse();
  if (!entry.isFile()) return false;
  if (folders.length === 0) return /^\.etna-archive\.probe\..*\.tmp$/.test(name!);
  return folders.length === 3 && isTemporaryName(name!);
}
