/**
 * Restored days as they are written: new ones many at a time while more is read, those of which the archive has something
 * one by one. Owns what is looked at again under the lock, since a server may write meanwhile, and the count of what was
 * written; `restore-plan.ts` says what may go in the place of what.
 */
import type { Day } from "../model/day.ts";
import { NameTaken, StoreFailed } from "../model/errors.ts";
import type { NewFile } from "./fs-bulk-hand.ts";
import type { BulkWriter } from "./fs-bulk.ts";
import { createHiddenTest, dayFolder, parseKey, pictureKey, recordKey } from "./keys.ts";
import type { CopyProblem } from "./prepare-copies.ts";
import { proveDay } from "./prove-day.ts";
import { putAsideDamaged } from "./put-aside.ts";
import { createReader } from "./reader.ts";
import { planDay, type OfferedDay } from "./restore-plan.ts";
import type { Store } from "./store.ts";

export interface Restored {
  /** Days of the backup in the range. */
  days: number;
  restoredDays: Day[];
  restoredFiles: number;
  restoredBytes: number;
  /** Days of which the archive has what the backup has. */
  unchangedDays: number;
  /** Days whose picture in the archive is newer, and why it stays. */
  kept: { day: Day; reason: string }[];
  /** `key` is of the target. */
  problems: CopyProblem[];
  dryRun: boolean;
}

/** New days that are written, and synced, at once. */
const NEW_DAYS_AT_ONCE = 2048;
const BYTES_AT_ONCE = 32 << 20;

export interface DayWriterParts {
  store: Store;
  overwrite: boolean;
  /** Find out what would be written, and write nothing. */
  dryRun: boolean;
  bulk: BulkWriter | undefined;
  signal: AbortSignal | undefined;
  /** Gets what was written, kept and passed over. */
  restored: Restored;
}

export interface DayWriter extends AsyncDisposable {
  /** A day of which the archive had nothing. Ends once there is room for more. */
  putNew(offered: OfferedDay): Promise<void>;
  /** A day of which it has something. */
  putBeside(offered: OfferedDay): Promise<void>;
  /** Writes what waits, down to the disk. */
  end(): Promise<void>;
}

export function createDayWriter({ store, overwrite, dryRun, bulk, signal, restored }: DayWriterParts): DayWriter {
  const { survey, readContents } = createReader(store);
  let waiting: OfferedDay[] = [];
  let waitingBytes = 0;
  /** What is being written while more is read: one lot at a time, so that no more than two of them are in memory. */
  let writing: Promise<void> | undefined;

  function count(day: Day, files: readonly { bytes: Uint8Array }[]): void {
    restored.restoredDays.push(day);
    restored.restoredFiles += files.length;
    restored.restoredBytes += bytesOf(files);
  }

  /** A day whose place something else has taken keeps no other day away. Any other error rises. */
  function passOver(day: Day, error: unknown): void {
    if (!(error instanceof NameTaken)) throw error;
    restored.problems.push({ key: dayFolder(day), message: error.message });
  }

  /** @throws {NameTaken} also where nothing is to be written */
  async function put(key: string, bytes: Uint8Array, modifiedMs: number | undefined): Promise<void> {
    const why = dryRun ? await store.whyTaken?.(key) : undefined;
    if (why !== undefined) throw new NameTaken(`Cannot write ${key}: ${why}`);
    if (!dryRun) await store.write(key, bytes, { modifiedMs });
  }

  /** Begins to write the new days that wait, once those before them are written. */
  async function flush(): Promise<void> {
    const lot = waiting;
    waiting = [];
    waitingBytes = 0;
    await writing;
    if (lot.length === 0) return;
    const work = () => writeLot(lot);
    writing = dryRun ? work() : store.exclusively(work, signal);
    writing.catch(() => {}); // whoever waits for it next hears of it
  }

  async function writeLot(lot: readonly OfferedDay[]): Promise<void> {
    const stillNew = await putOvertaken(lot);
    for (const { day, files } of stillNew) count(day, files);
    const files: NewFile[] = stillNew.flatMap((offered) => offered.files);
    const left = bulk && !dryRun ? await bulk.putNew(files) : files;
    for (const { key, bytes, modifiedMs } of left)
      try {
        await put(key, bytes, modifiedMs);
      } catch (error) {
        const { day } = parseKey(key)!;
        passOver(day, error);
        restored.restoredDays = restored.restoredDays.filter((one) => one !== day);
        restored.restoredFiles--;
        restored.restoredBytes -= bytes.length;
      }
  }

  /** Days that other writers have begun since the archive was looked at, under the lock. @returns those that are new still */
  async function putOvertaken(lot: readonly OfferedDay[]): Promise<OfferedDay[]> {
    const begun = new Set<Day>();
    const unreadable: string[] = [];
    const range = { from: lot[0]!.day, to: lot.at(-1)!.day };
    for await (const { day } of survey(range, ({ key }) => unreadable.push(key))) begun.add(day);
    const isHidden = createHiddenTest(unreadable);
    for (const { day, files } of lot)
      if (isHidden(day)) restored.problems.push(hiddenProblem(day));
      else if (begun.has(day)) await putWhereKept(await proveDay(day, files, restored.problems));
    return lot.filter(({ day }) => !begun.has(day) && !isHidden(day));
  }

  async function putWhereKept(offered: OfferedDay): Promise<void> {
    const { day } = offered;
    const contents = await readContents(day).catch((error: unknown) => {
      if (!(error instanceof StoreFailed)) throw error;
      restored.problems.push({ key: dayFolder(day), message: error.message });
    });
    if (contents === undefined) return; // what the disk doesn't give may be newer than its copy
    const plan = planDay(offered, contents, overwrite);
    if (plan.kept !== undefined) restored.kept.push({ day, reason: plan.kept });
    if (plan.write.length === 0) {
      if (plan.kept === undefined) restored.unchangedDays++;
      return;
    }
    const replaced = [...plan.write.map(({ key }) => key), ...plan.remove];
    const isPicture = replaced.some((key) => key !== recordKey(day));
    const isRecord = replaced.includes(recordKey(day));
    try {
      if (!dryRun)
        await putAsideDamaged(store, day, {
          picture: isPicture ? contents.picture : undefined,
          recordProblem: isRecord ? contents.recordProblem : undefined,
        });
      for (const { key, bytes, modifiedMs } of plan.write) {
        await put(key, bytes, modifiedMs);
        // A day has one picture: the other variant goes once the one that stays is safe.
        if (!dryRun && key !== recordKey(day)) await store.remove(pictureKey(day, key === pictureKey(day, false)));
      }
      if (!dryRun) for (const key of plan.remove) await store.remove(key);
    } catch (error) {
      return passOver(day, error);
    }
    count(day, plan.write);
  }

  return {
    async putNew(offered) {
      waiting.push(offered);
      waitingBytes += bytesOf(offered.files);
      if (waiting.length >= NEW_DAYS_AT_ONCE || waitingBytes >= BYTES_AT_ONCE) await flush();
    },
    async putBeside(offered) {
      const work = () => putWhereKept(offered);
      await (dryRun ? work() : store.exclusively(work, signal));
    },
    async end() {
      await flush();
      await writing;
      await bulk?.settle();
    },
    async [Symbol.asyncDispose]() {
      // What was restored stays, however this ends.
      await writing?.catch(() => {});
      await bulk?.settle().catch(() => {});
    },
  };
}

/** A day of which nobody can see what the archive has: nothing goes in its place. */
export function hiddenProblem(day: Day): CopyProblem {
  return { key: dayFolder(day), message: "the archive's own files of the day can't be read" };
}

function bytesOf(files: readonly { bytes: Uint8Array }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
