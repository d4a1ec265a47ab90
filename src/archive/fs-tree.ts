/**
 * Walking the tree: which day folders there are, and which files in them are ours. Reads only.
 * Whatever isn't ours or can't be read is reported and passed over, so that it never hides the rest.
 */
import { parseDay, type Day } from "../model/day.ts";
import { isErrno, storeFailed, type FileStat, type FileSystem, type FolderEntry } from "./file-system.ts";
import { dayFolder, fileKey, isTemporaryName, parseFileName } from "./keys.ts";
import type { Oddity, Order, StoredFile } from "./store.ts";

/** Something in the tree that isn't ours or can't be read. */
export interface Skipped {
  /** Relative to the base. */
  key: string;
  path: string;
  reason: string;
  kind: Exclude<Oddity["kind"], "LEFTOVER">;
}

export interface Tree {
  fs: FileSystem;
  basePath: string;
  onSkipped: (skipped: Skipped) => void;
}

/** What else of ours lies in the base itself. */
export const NAMES_IN_BASE = /^(\.etna-archive\..+|quarantine)$/;

/** Day folders that are read ahead while the caller works on the first. */
const AHEAD = 8;

/** The files of the days in the range; opens only the folders that lie in it, a few ahead of the caller. */
export async function* listFiles(tree: Tree, from: Day, to: Day, order: Order): AsyncIterable<StoredFile> {
  const ahead: Promise<StoredFile[]>[] = [];
  for await (const day of dayFolders(tree, from, to, order)) {
    ahead.push(filesOf(tree, day));
    if (ahead.length > AHEAD) yield* await ahead.shift()!;
  }
  for (const files of ahead) yield* await files;
}

export function storedFile(key: string, { size, mtimeNs }: FileStat): StoredFile {
  return { key, size: Number(size), modifiedMs: Number(mtimeNs / 1000n) / 1000 };
}

/** The days that have a folder. */
async function* dayFolders(tree: Tree, from: Day, to: Day, order: Order): AsyncIterable<Day> {
  for (const year of await folders(tree, "", /^(?!0000)\d{4}$/, order)) {
    if (year < from.slice(0, 4) || year > to.slice(0, 4)) continue;
    for (const month of await folders(tree, year, /^(0[1-9]|1[0-2])$/, order)) {
      if (`${year}-${month}` < from.slice(0, 7) || `${year}-${month}` > to.slice(0, 7)) continue;
      for (const name of await folders(tree, `${year}/${month}`, /^\d\d$/, order)) {
        const day = parseDay(`${year}-${month}-${name}`);
        if (day === undefined) skip(tree, `${year}/${month}/${name}`, "no such day");
        else if (day >= from && day <= to) yield day;
      }
    }
  }
}

/** Names of the folders of ours in a folder, sorted. */
async function folders(tree: Tree, key: string, names: RegExp, order: Order): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(tree, key)) {
    const entryKey = key === "" ? entry.name : `${key}/${entry.name}`;
    if (!names.test(entry.name)) {
      if (key !== "" || !NAMES_IN_BASE.test(entry.name)) skip(tree, entryKey, "not a name of ours");
    } else if (!entry.isDirectory()) skip(tree, entryKey, "not a folder");
    else found.push(entry.name);
  }
  found.sort();
  return order === "oldest-first" ? found : found.reverse();
}

async function filesOf(tree: Tree, day: Day): Promise<StoredFile[]> {
  const found = await Promise.all(
    (await entriesOf(tree, dayFolder(day))).map(async (entry) => {
      const kind = parseFileName(day, entry.name);
      const key = `${dayFolder(day)}/${entry.name}`;
      if (kind !== undefined) return await fileOf(tree, fileKey(day, kind), entry);
      if (!isTemporaryName(entry.name)) skip(tree, key, "not a name of ours");
      return undefined;
    }),
  );
  return found.filter((file) => file !== undefined).sort((a, b) => (a.key < b.key ? -1 : 1));
}

async function fileOf(tree: Tree, key: string, entry: FolderEntry): Promise<StoredFile | undefined> {
  const path = `${tree.basePath}/${key}`;
  try {
    const stat = entry.isFile() ? await tree.fs.lstat(path, { bigint: true }) : undefined;
    if (stat?.isFile()) return storedFile(key, stat);
    skip(tree, key, "not a regular file");
  } catch (error) {
    skipFailed(tree, key, error);
  }
  return undefined;
}

/** What a folder holds. Only the base itself must be readable: without it there is nothing to go on with. */
export async function entriesOf(tree: Tree, key: string): Promise<FolderEntry[]> {
  const path = key === "" ? tree.basePath : `${tree.basePath}/${key}`;
  try {
    return await tree.fs.readdir(path, { withFileTypes: true });
  } catch (error) {
    if (key === "" && !isErrno(error, "ENOENT")) throw storeFailed("list the archive", path, error);
    skipFailed(tree, key, error);
    return [];
  }
}

function skip(tree: Tree, key: string, reason: string, kind: Skipped["kind"] = "FOREIGN"): void {
  tree.onSkipped({ key, path: `${tree.basePath}/${key}`, reason, kind });
}

/** Passes over what couldn't be read or removed. Errors that aren't the system's rise. */
export function skipFailed(tree: Tree, key: string, error: unknown): void {
  if (isErrno(error, "ENOENT")) return; // removed since it was listed
  const failed = storeFailed("use it", `${tree.basePath}/${key}`, error);
  if (failed === error) throw error;
  skip(tree, key, (failed as Error).message, "UNREADABLE");
}
