/**
 * Restoring: brings files back from a backup, into an empty tree or a living one.
 * Owns what may replace what: what the archive has stays, unless it is damaged, older, or may be overwritten. Every file
 * is proven before it is written: by the manifest, or where none names it, by itself and its record.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { NameTaken, StoreFailed } from "../model/errors.ts";
import type { DayFiles } from "./archive.ts";
import type { Decipher } from "./age.ts";
import { allEnded } from "./at-once.ts";
import { inWritingOrder, listCopies, readCopy, readKnown, type BackupCopy, type ReadCopy } from "./backup-copies.ts";
import type { BackupTarget } from "./backup-target.ts";
import type { NewFile } from "./fs-bulk-hand.ts";
import type { BulkWriter } from "./fs-bulk.ts";
import { createHiddenTest, dayFolder, parseKey, pictureKey, recordKey } from "./keys.ts";
import type { Known } from "./known-manifests.ts";
import type { CopyProblem } from "./prepare-copies.ts";
import { proveDay } from "./prove-day.ts";
import { createReader } from "./reader.ts";
import { copyNewDays, findDaysToCopy, type CopiedDays } from "./restore-new-days.ts";
import { isRecordNewest, recordLast } from "./restore-order.ts";
import { planDay, type OfferedDay } from "./restore-plan.ts";
import type { Oddity, Store } from "./store.ts";

export interface RestoreOptions {
  /** Both included; default: all days. */
  from?: Day | undefined;
  to?: Day | undefined;
  /** Replace what the archive has, even where that is newer. */
  overwrite?: boolean;
  /** Read and prove everything, and write nothing. */
  dryRun?: boolean;
  decipher?: Decipher | undefined;
  /** Writes new days faster than the store does; absent where it can't be had. */
  bulk?: BulkWriter | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

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
/** Days that are read at once. */
const DAYS_AT_ONCE = 8;

/** @throws {StoreFailed} when the backup can't be listed or is empty or can't be decrypted, or the archive can't be written; what was restored stays */
export async function restore(store: Store, target: BackupTarget, options: RestoreOptions = {}): Promise<Restored> {
  const {
    from = FIRST_DAY,
    to = LAST_DAY,
    overwrite = false,
    dryRun = false,
    decipher,
    bulk,
    signal,
    onProgress,
  } = options;
  const { survey, readContents } = createReader(store);
  const here = new Map<Day, DayFiles>();
  const unreadable: string[] = [];
  const onUnreadable = ({ key }: Oddity): unknown => unreadable.push(key);
  for await (const files of survey({ from, to }, onUnreadable)) here.set(files.day, files);
  /** What the archive has of it can't be seen, so nothing goes in its place. */
  const isHidden = createHiddenTest(unreadable);
  /** What is being written while more is read: one lot at a time, so that no more than two of them are in memory. */
  let writing: Promise<void> | undefined;
  await using _written = {
    async [Symbol.asyncDispose]() {
      // What was restored stays, however this ends.
      await writing?.catch(() => {});
      await bulk?.settle().catch(() => {});
    },
  };
  // Days that are new to the archive are copied first; then whatever is left, with all care.
  const known = bulk !== undefined && target.folder !== undefined && !dryRun ? await readKnown(target) : undefined;
  const { copied, all } = await copyWhatIsNew(known);
  // A wrong path or a disk that isn't mounted, more likely than not: who needs a restore must hear of it.
  if (all.size + copied.days.length === 0)
    throw new StoreFailed("Cannot restore: found no copy of any day in the backup. Is its disk mounted?");
  const wanted = [...all].filter(([day]) => day >= from && day <= to);
  const copies = wanted.filter(([day]) => !isHidden(day));
  const isSealed = copies.length > 0 && copies.every(([, of]) => of.every(({ encrypted }) => encrypted));
  if (decipher === undefined && copied.days.length === 0 && isSealed)
    throw new StoreFailed("Cannot restore: the backup is encrypted, and an age identity is needed to read it");

  const restored: Restored = {
    days: wanted.length + copied.days.length,
    restoredDays: [...copied.days],
    restoredFiles: copied.files,
    restoredBytes: copied.bytes,
    unchangedDays: 0,
    kept: [],
    problems: wanted.filter(([day]) => isHidden(day)).map(([day]) => hiddenProblem(day)),
    dryRun,
  };
  let waiting: OfferedDay[] = [];
  let waitingBytes = 0;
  for (let at = 0; at < copies.length; at += DAYS_AT_ONCE) {
    signal?.throwIfAborted();
    const chunk = copies.slice(at, at + DAYS_AT_ONCE);
    const offers = await allEnded(chunk.map(([day, of]) => offer(day, of)));
    for (const offered of offers) {
      if (offered.files.length === 0) continue;
      if (here.has(offered.day)) await restoreBeside(offered);
      else {
        waiting.push(offered);
        waitingBytes += offered.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
      }
    }
    if (waiting.length >= NEW_DAYS_AT_ONCE || waitingBytes >= BYTES_AT_ONCE) await flush();
    // Whoever reads without leaving this thread would let nothing else happen in it, such as a lot's end.
    else await breathe();
    onProgress?.(copied.days.length + Math.min(at + DAYS_AT_ONCE, copies.length), restored.days);
  }
  await flush();
  await writing;
  await bulk?.settle();
  restored.problems.sort((a, b) => (a.key < b.key ? -1 : 1));
  restored.restoredDays.sort();
  return restored;

  /** @returns what was copied, and the copies of all other days */
  async function copyWhatIsNew(
    known: Known | undefined,
  ): Promise<{ copied: CopiedDays; all: Awaited<ReturnType<typeof listCopies>> }> {
    if (known === undefined) return { copied: { days: [], files: 0, bytes: 0 }, all: await listCopies(target) };
    const days = findDaysToCopy(known, (day) => day >= from && day <= to && !here.has(day) && !isHidden(day));
    let done = 0;
    const onCopied = (count: number): void => onProgress?.((done += count), days.length);
    // All else is listed while others do the copying.
    let listing: ReturnType<typeof listCopies> | undefined;
    const meanwhile = (): void => {
      listing ??= listCopies(target, known, new Set(days.map(({ folder }) => folder)));
      listing.catch(() => {}); // whoever waits for it hears of it
    };
    const parts = { store, bulk: bulk!, from: target.folder!, signal };
    try {
      const copied = await copyNewDays(parts, days, { onCopied, meanwhile });
      const isWhole = listing !== undefined && copied.days.length === days.length;
      const all = isWhole ? listing! : listCopies(target, known, new Set(copied.days.map(dayFolder)));
      return { copied, all: await all };
    } finally {
      // Nothing of a restore that fails goes on behind its caller's back; who stops it waits for no share that hangs.
      if (!signal?.aborted) await listing?.catch(() => {});
    }
  }

  /** A day's files out of the backup, all of them proven. */
  async function offer(day: Day, of: readonly BackupCopy[]): Promise<OfferedDay> {
    const files: ReadCopy[] = [];
    for (const copy of inWritingOrder(of, day))
      try {
        files.push(await readCopy(target, copy, decipher));
      } catch (error) {
        if (!(error instanceof StoreFailed)) throw error;
        restored.problems.push({ key: copy.storedKey, message: error.message });
      }
    // Proven by the manifest, and nothing there to be compared with: no more need be known of them.
    const isSimple = files.every(({ entry }) => entry !== undefined) && isRecordNewest(files);
    if (!here.has(day) && isSimple) return { day, files: recordLast(files), picture: undefined, record: undefined };
    return await proveDay(day, files, restored.problems);
  }

  function count(day: Day, files: readonly { bytes: Uint8Array }[]): void {
    restored.restoredDays.push(day);
    restored.restoredFiles += files.length;
    restored.restoredBytes += files.reduce((sum, { bytes }) => sum + bytes.length, 0);
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
    const work = async () => {
      const stillNew = await restoreOvertaken(lot);
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
    };
    writing = dryRun ? work() : store.exclusively(work, signal);
    writing.catch(() => {}); // whoever waits for it next hears of it
  }

  /** Days that other writers have begun since the archive was looked at, under the lock. @returns those that are new still */
  async function restoreOvertaken(lot: readonly OfferedDay[]): Promise<OfferedDay[]> {
    const begun = new Set<Day>();
    const hidden: string[] = [];
    const range = { from: lot[0]!.day, to: lot.at(-1)!.day };
    for await (const { day } of survey(range, ({ key }) => hidden.push(key))) begun.add(day);
    const isHiddenNow = createHiddenTest(hidden);
    for (const { day, files } of lot)
      if (isHiddenNow(day)) restored.problems.push(hiddenProblem(day));
      else if (begun.has(day)) await restoreWhereKept(await proveDay(day, files, restored.problems));
    return lot.filter(({ day }) => !begun.has(day) && !isHiddenNow(day));
  }

  /** A day of which the archive has something: under the lock, what is there is looked at once more. */
  async function restoreBeside(offered: OfferedDay): Promise<void> {
    const work = () => restoreWhereKept(offered);
    await (dryRun ? work() : store.exclusively(work, signal));
  }

  async function restoreWhereKept(offered: OfferedDay): Promise<void> {
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
    try {
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
}

function hiddenProblem(day: Day): CopyProblem {
  return { key: dayFolder(day), message: "the archive's own files of the day can't be read" };
}
