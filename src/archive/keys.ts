/**
 * Keys: the names of the files that are kept for a day, relative to the base (DESIGN.md, The archive on disk).
 * Names are built from a parsed `Day` alone, and read strictly: whatever isn't exactly such a name isn't ours.
 */
import { parseDay, type Day } from "../model/day.ts";

/** What a file of ours is: the plot as it was published, the same gzipped, or what we know of the day. */
export type FileKind = "png" | "png.gz" | "json";

const FILE_KINDS: readonly FileKind[] = ["png", "png.gz", "json"];

/** The folder of a day: `2025/11/04`. */
export function dayFolder(day: Day): string {
  return day.replaceAll("-", "/");
}

/** @returns a function that tells whether a day has files that can't be seen: in one of some unreadable folders, or among such files */
export function createHiddenTest(unreadable: readonly string[]): (day: Day) => boolean {
  const folders = new Set(unreadable.map((place) => place.slice(0, "2025/11/04".length)));
  return (day) => {
    const folder = dayFolder(day);
    return folders.has(folder) || folders.has(folder.slice(0, 7)) || folders.has(folder.slice(0, 4));
  };
}

/** Does a file lie in one of some folders, or is it one of some files? */
export function isWithin(key: string, places: readonly string[]): boolean {
  return places.some((place) => `${key}/`.startsWith(`${place}/`));
}

/** The day of such a folder. */
export function dayOfFolder(folder: string): Day {
  return folder.replaceAll("/", "-") as Day;
}

/** The folder of a file: `2025/11/04` of `2025/11/04/etna_20251104.png`. */
export function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** The name of a day's file within its folder: `etna_20251104.png`. */
export function fileName(day: Day, kind: FileKind): string {
  return `etna_${day.replaceAll("-", "")}.${kind}`;
}

/** The key of a day's file: `2025/11/04/etna_20251104.png`. */
export function fileKey(day: Day, kind: FileKind): string {
  return `${dayFolder(day)}/${fileName(day, kind)}`;
}

export function pictureKey(day: Day, compressed: boolean): string {
  return fileKey(day, compressed ? "png.gz" : "png");
}

export function recordKey(day: Day): string {
  return fileKey(day, "json");
}

/** All keys that a day can have. */
export function keysOf(day: Day): string[] {
  return FILE_KINDS.map((kind) => fileKey(day, kind));
}

/** Which file of a day's folder this name is; `undefined` when it is none of ours. */
export function parseFileName(day: Day, name: string): FileKind | undefined {
  return FILE_KINDS.find((kind) => name === fileName(day, kind));
}

/** The day and kind of a key; `undefined` when it is none of ours. */
export function parseKey(key: string): { day: Day; kind: FileKind } | undefined {
  const [, year, month, date, kind] = KEY.exec(key) ?? [];
  const day = kind === undefined ? undefined : parseDay(`${year}-${month}-${date}`);
  return day && { day, kind: kind as FileKind };
}

const KEY = /^(\d{4})\/(\d\d)\/(\d\d)\/etna_\1\2\3\.(png|png\.gz|json)$/;

/** Is it a temporary file in a day's folder that we or the old system may have left there? */
export function isTemporaryName(name: string): boolean {
  return /^\.etna_\d{8}\.(png|png\.gz|json)\.\d+\.[0-9a-f]+\.tmp$/.test(name) || /^archive_.*\.tmp$/.test(name);
}

/** Where damaged files are moved to, relative to the base. */
export const QUARANTINE = "quarantine";

/** Names for a file in quarantine, the first to be tried first: its key, then with a number behind it. */
export function* quarantineKeys(key: string): Generator<string> {
  yield `${QUARANTINE}/${key}`;
  for (let copy = 1; ; copy++) yield `${QUARANTINE}/${key}.${copy}`;
}

/** Whoever wrote a temporary file has long finished or died. */
export const LEFTOVER_AFTER_MS = 3_600_000;
