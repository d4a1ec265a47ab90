/**
 * Sweeping the tree of what stopped writers left: temporary files, and folders of ours that are empty.
 * Owns what may go; when, and that no one writes meanwhile, is the caller's.
 */
import { parseDay } from "../model/day.ts";
import { isErrno, type FileSystem, type FolderEntry } from "./file-system.ts";
import { entriesOf, skipFailed, storedFile, type Tree } from "./fs-tree.ts";
import { isTemporaryName } from "./keys.ts";

/** Removes temporary files last written before `beforeMs`, and folders empty since then. Answers how many files. */
export async function sweepTree(tree: Tree, beforeMs: number): Promise<number> {
  return (await sweepFolder(tree, "", beforeMs)).swept;
}

/** Removes a folder; false when it isn't empty or isn't there. */
export async function removeIfEmpty(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.rmdir(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOTEMPTY", "EEXIST", "ENOENT", "EBUSY")) return false;
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
    } else if (isTemporary(entry, entryKey) && (await sweepFile(tree, entryKey, beforeMs))) {
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

export function isTemporary(entry: FolderEntry, key: string): boolean {
  const [name, ...folders] = key.split("/").reverse();
  if (!entry.isFile()) return false;
  if (folders.length === 0) return /^\.etna-archive\.probe\..*\.tmp$/.test(name!);
  return folders.length === 3 && isTemporaryName(name!);
}
