/**
 * Restoring: brings files back from a backup, into an empty tree or a living one.
 * Owns what is read of the backup, and in which order. Every file is proven before it is written: by the manifest, or where
 * none names it, by itself and its record. `restore-days.ts` writes.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import type { DayFiles } from "./archive.ts";
import type { Decipher } from "./age.ts";
import { allEnded } from "./at-once.ts";
import { inWritingOrder, listCopies, readCopy, readKnown, type BackupCopy, type ReadCopy } from "./backup-copies.ts";
import type { BackupTarget } from "./backup-target.ts";
import type { BulkWriter } from "./fs-bulk.ts";
import { createHiddenTest, dayFolder } from "./keys.ts";
import type { Known } from "./known-manifests.ts";
import { proveDay } from "./prove-day.ts";
import { createReader } from "./reader.ts";
import { createDayWriter, hiddenProblem, type Restored } from "./restore-days.ts";
import { copyNewDays, findDaysToCopy, type CopiedDays } from "./restore-new-days.ts";
import { isRecordNewest, recordLast } from "./restore-order.ts";
import type { OfferedDay } from "./restore-plan.ts";
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
  const restored: Restored = {
    days: 0,
    restoredDays: [],
    restoredFiles: 0,
    restoredBytes: 0,
    unchangedDays: 0,
    kept: [],
    problems: [],
    dryRun,
  };
  const here = new Map<Day, DayFiles>();
  const unreadable: string[] = [];
  const onUnreadable = ({ key }: Oddity): unknown => unreadable.push(key);
  for await (const files of createReader(store).survey({ from, to }, onUnreadable)) here.set(files.day, files);
  /** What the archive has of it can't be seen, so nothing goes in its place. */
  const isHidden = createHiddenTest(unreadable);
  await using writer = createDayWriter({ store, overwrite, dryRun, bulk, signal, restored });
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

  restored.days = wanted.length + copied.days.length;
  restored.restoredDays.push(...copied.days);
  restored.restoredFiles += copied.files;
  restored.restoredBytes += copied.bytes;
  restored.problems.push(...wanted.filter(([day]) => isHidden(day)).map(([day]) => hiddenProblem(day)));
  for (let at = 0; at < copies.length; at += DAYS_AT_ONCE) {
    signal?.throwIfAborted();
    const chunk = copies.slice(at, at + DAYS_AT_ONCE);
    const offers = await allEnded(chunk.map(([day, of]) => offer(day, of)));
    for (const offered of offers)
      if (offered.files.length > 0) await (here.has(offered.day) ? writer.putBeside(offered) : writer.putNew(offered));
    // Whoever reads without leaving this thread would let nothing else happen in it, such as a lot's end.
    await breathe();
    onProgress?.(copied.days.length + Math.min(at + DAYS_AT_ONCE, copies.length), restored.days);
  }
  await writer.end();
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
}
