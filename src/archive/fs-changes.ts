/**
 * Which days' folders changed: a file that comes or goes changes the time of its folder, so no file need be looked at.
 * Owns that memory. What is written over in place is not seen here, nor is what lies elsewhere than in the tree on disk.
 */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { parseDay } from "../model/day.ts";
import type { StoreChanges } from "./store.ts";

/** A folder on the way to the days: the base, a year, a month or a day. */
interface Folder {
  modifiedMs: number;
  below: Map<string, Folder>;
}

const DEPTH = 3;
/** What the folders of each depth are called. */
const NAMES = [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/];
/** Folders that are looked at at once. */
const AT_ONCE = 64;

/** @param basePath of the tree, which need not be there yet */
export function createFolderChanges(basePath: string): StoreChanges {
  let known: Folder | undefined;

  async function look(path: string[], before: Folder | undefined, changed: Set<string>): Promise<Folder | undefined> {
    const modifiedMs = await modifiedOf(join(basePath, ...path));
    if (modifiedMs === undefined) {
      if (before !== undefined) addDays(path, before, changed);
      return undefined;
    }
    const isSame = modifiedMs === before?.modifiedMs;
    if (path.length === DEPTH) {
      if (!isSame) changed.add(path.join("-"));
      return isSame ? before : { modifiedMs, below: new Map() };
    }
    const names = isSame ? [...before.below.keys()] : await namesIn(join(basePath, ...path), NAMES[path.length]!);
    const below = new Map<string, Folder>();
    for (let from = 0; from < names.length; from += AT_ONCE)
      await Promise.all(
        names.slice(from, from + AT_ONCE).map(async (name) => {
          const folder = await look([...path, name], before?.below.get(name), changed);
          if (folder !== undefined) below.set(name, folder);
        }),
      );
    for (const [name, folder] of before?.below ?? []) if (!below.has(name)) addDays([...path, name], folder, changed);
    return { modifiedMs, below };
  }

  return {
    async take() {
      const changed = new Set<string>();
      const isFirst = known === undefined;
      known = (await look([], known, changed)) ?? { modifiedMs: Number.NaN, below: new Map() };
      return isFirst ? [] : [...changed].sort().flatMap((name) => parseDay(name) ?? []);
    },
  };
}

/** All days at or below a folder that went. */
function addDays(path: readonly string[], { below }: Folder, changed: Set<string>): void {
  if (path.length === DEPTH) changed.add(path.join("-"));
  for (const [name, folder] of below) addDays([...path, name], folder, changed);
}

/** `undefined` where there is no folder, or none that can be read: the store reports that. */
async function modifiedOf(path: string): Promise<number | undefined> {
  try {
    const stats = await lstat(path);
    return stats.isDirectory() ? stats.mtimeMs : undefined;
  } catch {
    return undefined;
  }
}

async function namesIn(path: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => pattern.test(name));
  } catch {
    return [];
  }
}
