/**
 * Staging: new days are written whole into a folder of their own beside the years, and moved to their places once all of
 * them are on the disk. A kill leaves that folder, which a sweep removes, and nothing else.
 * Owns its name, which days are new, and the move. Never follows a link.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from "node:fs";
import { isSyncUnknown } from "./file-system.ts";
import { temporaryPath } from "./fs-write.ts";

const STAGE_NAME = /^\.etna-archive\.restoring\..*\.tmp$/;

/** Of a path in the base: `2025/11/04` has three. */
const PARTS_OF_A_DAY = 3;

export function isStageName(name: string): boolean {
  return STAGE_NAME.test(name);
}

/** @returns the path of a staging folder that isn't there yet */
export function stagePath(base: string): string {
  return temporaryPath(`${base}/.etna-archive.restoring`);
}

/**
 * @returns a function that tells whether a day's folder can be moved to its place: there is nothing yet, and what lies
 * above is missing or a real folder on the base's own disk. It remembers the years and months that it saw.
 */
export function createNewDays(base: string): (folder: string) => boolean {
  const seen = new Map<string, "nothing" | "folder" | "other">();
  let disk: number | undefined;

  function look(place: string): "nothing" | "folder" | "other" {
    const stat = lstatSync(`${base}/${place}`, { throwIfNoEntry: false });
    if (stat === undefined) return "nothing";
    disk ??= lstatSync(`${base}/.`).dev;
    return stat.isDirectory() && stat.dev === disk ? "folder" : "other";
  }

  return (folder) => {
    for (const above of [folder.slice(0, 4), folder.slice(0, 7)]) {
      const found = seen.get(above) ?? look(above);
      seen.set(above, found);
      if (found !== "folder") return found === "nothing";
    }
    return look(folder) === "nothing";
  };
}

/**
 * Moves all that was staged to its place, whole years and months where there are none of them.
 * @param changed gets the folders in which names are new: they aren't on the disk yet
 */
export function moveStaged(stage: string, base: string, changed: Set<string>): void {
  function move(from: string, to: string, parts: number): void {
    for (const name of readdirSync(from)) {
      const [staged, place] = [`${from}/${name}`, `${to}/${name}`];
      if (parts + 1 < PARTS_OF_A_DAY && isFolder(place)) move(staged, place, parts + 1);
      else {
        renameSync(staged, place);
        changed.add(to);
      }
    }
    rmdirSync(from);
  }
  move(stage, base, 0);
}

export function removeStage(stage: string): void {
  rmSync(stage, { recursive: true, force: true });
}

/** Down to the disk, file by file, where the system has no faster way. */
export function syncStaged(stage: string): void {
  for (const entry of readdirSync(stage, { recursive: true, withFileTypes: true }))
    syncOne(`${entry.parentPath}/${entry.name}`);
  syncOne(stage);
}

export function syncOne(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } catch (error) {
    if (!isSyncUnknown(error) || !fstatSync(file).isDirectory()) throw error;
  } finally {
    closeSync(file);
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
