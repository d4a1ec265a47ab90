/**
 * Which days' files changed, told by the times of folders and files alone: a folder is opened only where its own time
 * changed, and a file that is written over in place shows another time or size. 20 years take 0.1 s of processor time.
 * Owns that memory. What lies elsewhere than in the tree on disk is not seen here.
 */
import { lstat, readdir, type Stats } from "node:fs";
import { join } from "node:path";
import { parseDay } from "../model/day.ts";
import type { StoreChanges } from "./store.ts";

/** How deep the files lie: the base, a year, a month, a day, a file. */
const FILE_DEPTH = 4;
/** What the names of each depth below the base look like. */
const NAMES = [/^\d{4}$/, /^\d{2}$/, /^\d{2}$/, /^etna_/];
/** Looked at at once: much quicker than one by one, and no longer than a millisecond of this thread at a time. */
const AT_ONCE = 128;

/** Something on the way to the files, or a file, by its path below the base; the base itself is "". */
type Known = Map<string, { stamp: string; names: string[] }>;

/** @param basePath of the tree, which need not be there yet */
export function createFileChanges(basePath: string): StoreChanges {
  let known: Known | undefined;

  /** Goes down depth by depth: what there is now, and what became of it. */
  async function look(before: Known, changed: Set<string>): Promise<Known> {
    const now: Known = new Map();
    let paths = [""];
    for (let depth = 0; paths.length > 0; depth++) {
      const below: string[] = [];
      await inParts(paths, async (path) => {
        const stamp = await stampOf(join(basePath, path), depth);
        if (stamp === undefined) return;
        const old = before.get(path);
        const isSame = old?.stamp === stamp;
        if (!isSame && depth >= FILE_DEPTH - 1) changed.add(dayPathOf(path));
        const names =
          depth === FILE_DEPTH ? [] : isSame ? old.names : await namesIn(join(basePath, path), NAMES[depth]!);
        now.set(path, { stamp, names });
        for (const name of names) below.push(path === "" ? name : `${path}/${name}`);
      });
      paths = below;
    }
    for (const path of before.keys())
      if (!now.has(path) && path.split("/").length >= FILE_DEPTH - 1) changed.add(dayPathOf(path));
    return now;
  }

  return {
    async take() {
      const changed = new Set<string>();
      const isFirst = known === undefined;
      known = await look(known ?? new Map(), changed);
      return isFirst ? [] : [...changed].sort().flatMap((path) => parseDay(path.replaceAll("/", "-")) ?? []);
    },
  };
}

/** `2025/11/04/etna_20251104.png` becomes `2025/11/04`. */
function dayPathOf(path: string): string {
  return path.slice(0, "2025/11/04".length);
}

async function inParts(paths: readonly string[], work: (path: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < paths.length; from += AT_ONCE)
    await Promise.all(paths.slice(from, from + AT_ONCE).map(work));
}

/** `undefined` where there is no folder or file, or none that can be read: the store reports that. */
function stampOf(path: string, depth: number): Promise<string | undefined> {
  // Not the promises of node:fs, which take twice the processor time.
  return new Promise((resolve) => {
    lstat(path, (error: Error | null, stats: Stats) => {
      const isWanted = error === null && (depth === FILE_DEPTH ? stats.isFile() : stats.isDirectory());
      resolve(isWanted ? (depth === FILE_DEPTH ? `${stats.mtimeMs} ${stats.size}` : `${stats.mtimeMs}`) : undefined);
    });
  });
}

function namesIn(path: string, pattern: RegExp): Promise<string[]> {
  return new Promise((resolve) => {
    readdir(path, (_error, names: string[] | undefined) => {
      resolve((names ?? []).filter((name) => pattern.test(name)));
    });
  });
}
