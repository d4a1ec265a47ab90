/**
 * The folders above a day's files: whether they are folders, so that no link is followed, and whether they are empty by now.
 */
import { isErrno, type FileStat, type FileSystem } from "./file-system.ts";
import { removeIfEmpty } from "./fs-sweep.ts";

/**
 * What was a folder so shortly ago is taken for one: a day's files are looked for, read and written in one go, and
 * looking at their folders each time would cost more than all of that.
 */
const FOLDER_TRUSTED_MS = 100;
const MOST_FOLDERS = 1000;

/** Finds the folder above a file that isn't one, such as a link; `undefined` when all are folders or not there. */
export type FindFalseFolder = (key: string) => Promise<string | undefined>;

export function createFalseFolderFinder(fs: FileSystem, basePath: string): FindFalseFolder {
  const trueFolders = new Map<string, number>();
  return async (key) => {
    const nowMs = performance.now();
    const folders = foldersAbove(key).filter(
      (folder) => nowMs - (trueFolders.get(folder) ?? Number.NEGATIVE_INFINITY) > FOLDER_TRUSTED_MS,
    );
    const stats = await Promise.all(folders.map((folder) => findStat(fs, `${basePath}/${folder}`)));
    if (trueFolders.size > MOST_FOLDERS) trueFolders.clear();
    for (const [at, folder] of folders.entries()) if (stats[at]?.isDirectory()) trueFolders.set(folder, nowMs);
    return folders.find((_folder, at) => stats[at]?.isDirectory() === false);
  };
}

/** Removes the folders above a file that have become empty. */
export async function pruneFolders(fs: FileSystem, basePath: string, key: string): Promise<void> {
  for (const folder of foldersAbove(key).toReversed()) if (!(await removeIfEmpty(fs, `${basePath}/${folder}`))) break;
}

/** Of a link itself; `undefined` when nothing is there. */
export async function findStat(fs: FileSystem, path: string): Promise<FileStat | undefined> {
  try {
    return await fs.lstat(path, { bigint: true });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** Year, month and day. */
function foldersAbove(key: string): string[] {
  return [key.slice(0, 4), key.slice(0, 7), key.slice(0, 10)];
}
