/**
 * Surveying the archive for a backup: what it has, and which of its days the backup hasn't as they are now.
 * Looks at names, sizes and times only, and changes nothing.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import type { DayFiles } from "./archive.ts";
import type { Known } from "./known-manifests.ts";
import { copyOf, type Entry } from "./manifest.ts";
import { filesOf, otherVariants } from "./mirror-days.ts";
import { createFormTest, findTouched, type CopyProblem } from "./prepare-copies.ts";
import type { Reader } from "./reader.ts";
import type { Oddity } from "./store.ts";

/** What the backup has, before this run. */
export interface BackupBefore {
  known: Known;
  /** Keys of the target. */
  there: ReadonlySet<string>;
  /** What its copies are, by key of the archive. */
  before: ReadonlyMap<string, Entry>;
  /** Is a key of the target to be sent again, whatever the manifest says? */
  isSuspect: (key: string) => boolean;
}

export interface Surveyed {
  /** Days of which the archive has a file, the oldest first. */
  days: Day[];
  /** Keys of all of its files. */
  inArchive: Set<string>;
  /** Files that the backup has as they are. */
  unchanged: Entry[];
  /** Days with any other file, or with a copy that is to go. */
  changed: DayFiles[];
  /** Folders and files that the disk doesn't give: what is in them hasn't gone. */
  unreadable: string[];
  /** Why it doesn't. */
  problems: CopyProblem[];
}

/** Days that are looked at before others get their turn. */
const DAYS_A_TURN = 16;

/** @param recipient who can read the copies as they are kept now; `undefined`: everybody */
export async function surveyChanges(
  { survey }: Pick<Reader, "survey">,
  { known, there, before, isSuspect }: BackupBefore,
  recipient: string | undefined,
): Promise<Surveyed> {
  const isInForm = createFormTest(recipient);
  // Where all were proven, they are known by their bytes.
  const touched = known.isBehind ? new Set() : findTouched(known, before);
  const isThere = (entry: Entry): boolean => {
    const { key } = copyOf(entry);
    return there.has(key) && !isSuspect(key);
  };
  const surveyed: Surveyed = {
    days: [],
    inArchive: new Set(),
    unchanged: [],
    changed: [],
    unreadable: [],
    problems: [],
  };
  const { days, inArchive, unchanged, changed, unreadable, problems } = surveyed;
  function onUnreadable({ key, reason }: Oddity): void {
    unreadable.push(key);
    problems.push({ key, message: reason });
  }
  for await (const files of survey({ from: FIRST_DAY, to: LAST_DAY }, onUnreadable)) {
    days.push(files.day);
    for (const { key } of filesOf(files)) inArchive.add(key);
    // Where the other variant of the picture is there as well, a stopped run hasn't ended its day.
    let isChanged = otherVariants(files, there, inArchive).length > 0;
    for (const { key, size, modifiedMs } of isChanged ? [] : filesOf(files)) {
      const entry = before.get(key);
      const isSame = entry?.size === size && entry.modifiedMs === modifiedMs && !touched.has(key);
      if (isSame && isInForm(entry) && isThere(entry)) unchanged.push(entry);
      else isChanged = true;
    }
    if (isChanged) changed.push(files);
    // A store that reads without leaving this thread lets nothing else happen, and a turn at a bucket must be kept.
    if (days.length % DAYS_A_TURN === 0) await breathe();
  }
  return surveyed;
}
