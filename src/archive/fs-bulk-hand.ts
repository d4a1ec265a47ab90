/**
 * One hand of a bulk writer: it writes whole days that are new to a tree into a staging folder (`fs-stage.ts`), reading
 * and writing without leaving its thread.
 */
import { closeSync, constants, futimesSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { attemptNow, isErrno } from "./file-system.ts";
import { createDayReader, type DayToCopy } from "./fs-bulk-days.ts";
import { createNewDays } from "./fs-stage.ts";

export interface NewFile {
  key: string;
  bytes: Uint8Array;
  modifiedMs: number | undefined;
}

/** What a hand can be asked for. All of it rejects with `StoreFailed`. */
export interface BulkHand {
  /** Writes the files of days that are new to the tree. @returns the other ones */
  put(stage: string, files: readonly NewFile[]): NewFile[];
  /** Copies days, each file proven by its sha256. @returns the folders of those that aren't as they were told, or not new */
  copy(stage: string, from: string, days: readonly DayToCopy[]): string[];
}

export function createBulkHand(basePath: string): BulkHand {
  const base = resolve(basePath);
  const readDay = createDayReader();
  let current: { stage: string; isNew: (folder: string) => boolean; made: Set<string> } | undefined;

  /** What is known of a tree is true as long as one staging folder is filled: nobody else writes meanwhile. */
  function at(stage: string): NonNullable<typeof current> {
    if (current?.stage !== stage) current = { stage, isNew: createNewDays(base), made: new Set() };
    return current;
  }

  /** Makes a day's folder in the stage; false when the day isn't new to the tree, or was staged before. */
  function makeDay(stage: string, folder: string): boolean {
    const { isNew, made } = at(stage);
    if (!isNew(folder)) return false;
    const path = `${stage}/${folder}`;
    const month = dirname(path);
    if (!made.has(month)) mkdirSync(month, { recursive: true });
    made.add(month);
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if (isErrno(error, "EEXIST")) return false;
      throw error;
    }
  }

  return {
    put(stage, files) {
      const isMade = new Map<string, boolean>();
      return files.filter(({ key, bytes, modifiedMs }) =>
        attemptNow(`write ${key}`, `${base}/${key}`, () => {
          const folder = dirname(key);
          const made = isMade.get(folder) ?? makeDay(stage, folder);
          isMade.set(folder, made);
          if (made) writeNew(`${stage}/${key}`, bytes, modifiedMs);
          return !made;
        }),
      );
    },

    copy(stage, from, days) {
      const left: string[] = [];
      for (const day of days) {
        const { folder } = day;
        const found = readDay(from, day);
        const isWritten = attemptNow(`write ${folder}`, `${base}/${folder}`, () => {
          if (found === undefined || !makeDay(stage, folder)) return false;
          for (const [index, { name, modifiedMs }] of day.files.entries())
            writeNew(`${stage}/${folder}/${name}`, found[index]!, modifiedMs);
          return true;
        });
        if (!isWritten) left.push(folder);
      }
      return left;
    },
  };
}

function writeNew(path: string, bytes: Uint8Array, modifiedMs = Date.now()): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    // As in `fs-write.ts`: half a microsecond more, since seconds as a float would fall below the one that is meant.
    const seconds = (modifiedMs + 0.0005) / 1000;
    futimesSync(file, seconds, seconds);
  } finally {
    closeSync(file);
  }
}
