/**
 * Mirroring: brings a backup up to what the archive holds, sending only what is missing there or differs.
 * Owns what is sent, what is left out and what may go; `prepare-day.ts` looks at the files, `mirror-days.ts` has the rules
 * of days, `backup-run.ts` writes.
 *
 * In a day the picture goes first and the record second, and the manifest comes last of all. Before a copy is changed, a
 * pending manifest says what it will be, so that a stop at any instant leaves nothing that can't be told from damage.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { allEnded } from "./at-once.ts";
import type { Archive, DayFiles, WhyMisplaced } from "./archive.ts";
import type { Cipher, Decipher } from "./age.ts";
import { createBackupRun } from "./backup-run.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import type { Copies } from "./copies.ts";
import { createHiddenTest, isWithin, parseKey, recordKey } from "./keys.ts";
import { copyOf, isOfManifests, readManifests, type Entry, type Known } from "./manifest.ts";
import { createFormTest, findLeft, findSame, findTouched, listOf, type CopyProblem } from "./prepare-copies.ts";
import { prepareDay } from "./prepare-day.ts";
import { knowCopies } from "./prove-copies.ts";
import { chunksOf, daysOf, filesOf, otherVariants, supersededOf, tellLost } from "./mirror-days.ts";
import { createReader } from "./reader.ts";
import { isExpired } from "./retention.ts";
import type { Oddity, Store } from "./store.ts";

export interface MirrorOptions {
  /** Encrypts the copies; absent: they are plain. */
  cipher?: Cipher | undefined;
  /** Reads encrypted copies that no manifest proves any more; absent: no identity is at hand. */
  decipher?: Decipher | undefined;
  /** As the archive's own. */
  whyMisplaced?: WhyMisplaced | undefined;
  /** What this very backup holds, as far as it can be read: records that tell more than the archive's do. */
  copies?: Copies | undefined;
  /** As the archive's own: hears of a source that only the copy of a record still tells. */
  mendSource?: Archive["mendSource"] | undefined;
  /**
   * Let go of what retention took from the archive, up to this day (`undefined`: it takes nothing), and of copies in
   * another form, plain or encrypted, than is kept now. What is missing in the archive otherwise is a loss, and stays.
   * Where retention takes no record (`keepSeries`), none goes here, and no picture that has none.
   */
  prune?: { upTo: Day | undefined; keepSeries: boolean } | undefined;
  /**
   * Which days are lost, of those that the backup has. Default: none is.
   * @param there days of which the archive has a file, the oldest first
   */
  findLost?: ((there: readonly Day[], kept: readonly Day[]) => readonly Day[]) | undefined;
  /** Keys of the target that are to be sent again, whatever the manifest says. Of manifests: another takes their place. */
  suspects?: ReadonlySet<string>;
  clock?: () => number;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Mirrored {
  /** What the backup holds now: files and their bytes as they are in the archive. */
  files: number;
  bytes: number;
  sentFiles: number;
  /** As they were written. */
  sentBytes: number;
  /** Files of the archive that the backup had already. */
  unchangedFiles: number;
  /** Files that the archive has no more and the backup keeps. */
  keptFiles: number;
  prunedFiles: number;
  /** What isn't backed up as it should be, in words. */
  problems: CopyProblem[];
  /** Key of the manifest. */
  manifest: string;
}

/** @throws {StoreFailed} when the archive can't be listed or the target can't be written; what was sent stays, and counts */
export function mirror(store: Store, target: BackupTarget, options: MirrorOptions = {}): Promise<Mirrored> {
  return target.exclusively(() => mirrorAlone(store, target, options), options.signal);
}

/** Days that are looked at before others get their turn. */
const DAYS_A_TURN = 16;

async function mirrorAlone(store: Store, target: BackupTarget, options: MirrorOptions): Promise<Mirrored> {
  const {
    cipher,
    decipher,
    whyMisplaced,
    copies: heldBefore,
    mendSource,
    prune,
    findLost,
    suspects,
    signal,
    onProgress,
  } = options;
  const { clock = Date.now } = options;
  const there = await tidyUp(target);
  const isAsked = (key: string): boolean => suspects?.has(key) === true;
  const known = await readManifests(target, [...there].filter(isOfManifests), { isPassedOver: isAsked });
  const proven = await knowCopies(target, known, there, { decipher, nowMs: clock(), signal });
  const { entries: before } = proven;
  const isSuspect = (key: string): boolean => isAsked(key) || proven.damaged.has(key);
  const recipient = cipher?.recipient;
  const problems: CopyProblem[] = [];
  let prunedFiles = 0;

  const isInForm = createFormTest(known, recipient);
  // Where all were proven, they are known by their bytes.
  const touched = known.isBehind ? new Set() : findTouched(known, before);
  const run = createBackupRun({ target, recipient, known, there, before, clock, signal });
  const { entries, counts } = run;
  const isThere = (entry: Entry) => {
    const { key } = copyOf(entry);
    return there.has(key) && !isSuspect(key);
  };

  // What is known to be there unchanged needs no look: names, sizes and times tell.
  const inArchive = new Set<string>();
  const changed: DayFiles[] = [];
  const daysThere: Day[] = [];
  /** Folders and files that the disk doesn't give: what is in them hasn't gone. */
  const unreadable: string[] = [];
  function onUnreadable({ key, reason }: Oddity): void {
    unreadable.push(key);
    problems.push({ key, message: reason });
  }
  for await (const files of createReader(store).survey({ from: FIRST_DAY, to: LAST_DAY }, onUnreadable)) {
    daysThere.push(files.day);
    for (const { key } of filesOf(files)) inArchive.add(key);
    // Where the other variant of the picture is there as well, a stopped run hasn't ended its day.
    let isChanged = otherVariants(files, there, inArchive).length > 0;
    for (const { key, size, modifiedMs } of isChanged ? [] : filesOf(files)) {
      const entry = before.get(key);
      const isSame = entry?.size === size && entry.modifiedMs === modifiedMs && !touched.has(key);
      if (isSame && isInForm(entry) && isThere(entry)) {
        entries.set(key, entry);
        counts.unchangedFiles++;
      } else isChanged = true;
    }
    if (isChanged) changed.push(files);
    // A store that reads without leaving this thread lets nothing else happen, and a turn at a bucket must be kept.
    if (daysThere.length % DAYS_A_TURN === 0) await breathe();
  }
  const days = daysThere.length;
  const isHidden = createHiddenTest(unreadable);
  const lost = findLost?.(daysThere, daysOf(before.keys())).filter((day) => !isHidden(day)) ?? [];
  problems.push(...tellLost(lost, days === 0));
  onProgress?.(days - changed.length, days);

  let done = days - changed.length;
  for (const chunk of chunksOf(changed)) {
    signal?.throwIfAborted();
    const preparing = {
      store,
      target,
      there,
      known,
      before,
      entries,
      cipher,
      whyMisplaced,
      copies: heldBefore,
      mendSource,
      isSuspect,
      nowMs: clock(),
      signal,
    };
    const prepared = await allEnded(chunk.map((files) => prepareDay(files, preparing)));
    const copies = prepared.flatMap((day) => day.copies);
    problems.push(...prepared.flatMap((day) => day.problems));
    // A day has one picture, so the copy of the other variant goes as it went in the archive.
    const removing = chunk.flatMap((files) => supersededOf(files, copies, entries, there, inArchive));
    if (copies.some(({ bytes }) => bytes !== undefined) || removing.length > 0) {
      // Those that are there already, too: should the manifest to come be lost, this tells of them.
      const about = copies.map(({ entry }) => entry);
      await run.announce(about, removing);
    }
    // Who comes next has the backup to itself: nothing of this run may be written any more when it has failed.
    await allEnded(
      prepared.map(async (day) => {
        for (const copy of day.copies) problems.push(...listOf(await run.send(copy)));
      }),
    );
    for (const key of removing) await run.remove(key);
    onProgress?.((done += chunk.length), days);
  }

  // An archive without any file is a disk that isn't mounted, more likely than not.
  const pruned = prune === undefined || inArchive.size === 0 ? [] : [...there].filter(mayBePruned(prune));
  if (pruned.length > 0) await run.announce([], pruned);
  for (const key of pruned) {
    signal?.throwIfAborted();
    if (await run.remove(key)) prunedFiles++;
  }

  // Whatever the archive has no more, or can't show whole any more, the backup keeps, and still answers for.
  const left = [...before.keys(), ...known.pending.flatMap((manifest) => manifest.entries.map(({ key }) => key))];
  for (const key of new Set(left)) {
    if (entries.has(key)) continue;
    const entry = await findLeft(key, { target, there, known, before });
    if (entry !== undefined) {
      entries.set(key, entry);
      const stored = copyOf(entry).key;
      const isMended = !isSuspect(stored) || (await findSame(stored, [entry], target)) !== undefined;
      if (!isMended && !problems.some((problem) => problem.key === key))
        problems.push({ key, message: "its copy is damaged, and the archive has it no more" });
    } else if (!inArchive.has(key) && before.has(key) && !known.pending.some(removing(copyOf(before.get(key)!).key)))
      problems.push({ key, message: "its copy is gone or damaged, and the archive has it no more" });
  }

  for (const { key, message } of proven.problems) {
    const { key: file } = parseStoredKey(key)!;
    if (!entries.has(file) && !problems.some((problem) => problem.key === file)) problems.push({ key: file, message });
  }

  const held = [...entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  // An old one that is damaged proves nothing any more, and each check would tell of it.
  const manifest = await run.end(held, known.names.filter(isSuspect));
  return {
    files: held.length,
    bytes: held.reduce((sum, { size }) => sum + size, 0),
    ...counts,
    keptFiles: held.filter(({ key }) => !inArchive.has(key)).length,
    prunedFiles,
    problems,
    manifest,
  };

  function mayBePruned({ upTo, keepSeries }: NonNullable<MirrorOptions["prune"]>): (key: string) => boolean {
    return (stored) => {
      const parsed = parseStoredKey(stored);
      if (parsed === undefined) return false;
      const entry = entries.get(parsed.key);
      if (entry !== undefined) return copyOf(entry).key !== stored;
      const { day, kind } = parseKey(parsed.key)!;
      if (inArchive.has(parsed.key) || !isExpired(day, upTo)) return false;
      if (isWithin(parsed.key, unreadable)) return false;
      return !keepSeries || (kind !== "json" && entries.has(recordKey(day)));
    };
  }
}

/** Removes what a stopped writer left. @returns the keys that are there */
async function tidyUp(target: BackupTarget): Promise<Set<string>> {
  const there = new Set<string>();
  const leftovers: string[] = [];
  for await (const { key, leftover } of target.list())
    if (leftover) leftovers.push(key);
    else there.add(key);
  for (const key of leftovers) await target.remove(key);
  return there;
}

function removing(key: string): (manifest: Known["pending"][number]) => boolean {
  return (manifest) => manifest.removing.includes(key);
}
