/**
 * The quarantine on disk: what is damaged, or has a file's place and is none, gets a name of its own there.
 */
import { dirname } from "node:path";
import { FIRST_DAY, LAST_DAY } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { isErrno, type FileStat, type FileSystem } from "./file-system.ts";
import { copyFile, hasSameBytes } from "./fs-copy.ts";
import { findStat, pruneFolders, type FindFalseFolder } from "./fs-folders.ts";
import { linkFile, makeFolder, moveFile } from "./fs-write.ts";
import { listFiles, type Skipped } from "./fs-tree.ts";
import { QUARANTINE, quarantineKeys } from "./keys.ts";
import type { StoredFile } from "./store.ts";

export interface QuarantineParts {
  fs: FileSystem;
  basePath: string;
  findFalseFolder: FindFalseFolder;
}

/** As a store's `quarantine`. */
export async function moveToQuarantine(
  key: string,
  isReplaced: boolean,
  { fs, basePath, findFalseFolder }: QuarantineParts,
): Promise<string | undefined> {
  const pathOf = (name: string): string => `${basePath}/${name}`;
  const falseFolder = await findFalseFolder(key);
  const taken = falseFolder ?? key;
  const stat = await findStat(fs, pathOf(taken));
  if (stat === undefined) return undefined;
  // A link, or a folder, makes way at once: nothing can be written in its place.
  const isOwnFile = falseFolder === undefined && stat.isFile();
  const staysToo = isReplaced && isOwnFile;
  for (const name of quarantineKeys(taken)) {
    const there = await findStat(fs, pathOf(name));
    // What was to take its place couldn't be written then.
    if (staysToo && there !== undefined && (await isSame(fs, [stat, pathOf(key)], [there, pathOf(name)]))) return name;
    // Files of such a folder may come to lie in quarantine as well, so there it doesn't get that name.
    if (name === `${QUARANTINE}/${falseFolder}` || there !== undefined) continue;
    await makeFolder(fs, dirname(pathOf(name)));
    try {
      if (staysToo && (await linkFile(fs, pathOf(key), pathOf(name)))) return name;
      await moveFile(fs, pathOf(taken), pathOf(name));
    } catch (error) {
      if (!isOwnFile || !isErrno(error, "EXDEV")) throw error;
      // The quarantine is on another disk, or the year is.
      await copyFile(fs, pathOf(key), pathOf(name));
      if (staysToo) return name;
      await fs.unlink(pathOf(key));
    }
    if (falseFolder === undefined) await pruneFolders(fs, basePath, key);
    return name;
  }
  return undefined;
}

/** As a store's `listQuarantine`: it is laid out as the archive is. */
export async function* listQuarantine(fs: FileSystem, basePath: string): AsyncIterable<StoredFile> {
  let problem: StoreFailed | undefined;
  // Folders are read ahead, so what is thrown there could come before anybody waits for it, which ends the program.
  const onSkipped = ({ key, path, reason, kind }: Skipped): void => {
    if (kind === "UNREADABLE") problem ??= new StoreFailed(`Cannot list ${QUARANTINE}/${key}: ${reason}`, { path });
  };
  yield* listFiles({ fs, basePath: `${basePath}/${QUARANTINE}`, onSkipped }, FIRST_DAY, LAST_DAY, "oldest-first");
  if (problem !== undefined) throw problem;
}

/** Are they names of one file, or is the one a copy of the other? */
async function isSame(fs: FileSystem, ...files: [[FileStat, string], [FileStat, string]]): Promise<boolean> {
  const [[one, path], [other, otherPath]] = files;
  // Shares that number none of their files give a 0, and may number another one so later.
  const isNumbered = one.ino !== 0n && one.ino === other.ino && one.dev === other.dev;
  if (isNumbered && one.size === other.size && one.mtimeNs === other.mtimeNs) return true;
  return other.isFile() && one.size === other.size && (await hasSameBytes(fs, path, otherPath));
}
