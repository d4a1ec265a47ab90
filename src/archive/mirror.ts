/**
 * Mirroring: brings a backup up to what the archive holds, sending only what is missing there or differs.
 * Owns the steps and their order: `survey-changes.ts` tells what has changed, `prepare-day.ts` what may be sent of it,
 * `left-copies.ts` what may go and what stays; `mirror-days.ts` has the rules of days, `backup-run.ts` writes.
 *
 * In a day the picture goes first and the record second, and the manifest comes last of all. Before a copy is changed, a
 * pending manifest says what it will be, so that a stop at any instant leaves nothing that can't be told from damage.
 */
import type { Day } from "../model/day.ts";
import { allEnded } from "./at-once.ts";
import type { Archive, DayFiles, WhyMisplaced } from "./archive.ts";
import type { Cipher, Decipher } from "./age.ts";
import { createBackupRun, type BackupRun } from "./backup-run.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import type { Copies } from "./copies.ts";
import { createHiddenTest } from "./keys.ts";
import { createPruneTest, findLeftCopies, type PrunePolicy } from "./left-copies.ts";
import { readManifests } from "./known-manifests.ts";
import { isOfManifests } from "./manifest.ts";
import { chunksOf, daysOf, supersededOf, tellLost } from "./mirror-days.ts";
import { listOf, type CopyProblem, type PrepareParts } from "./prepare-copies.ts";
import { prepareDay } from "./prepare-day.ts";
import { knowCopies } from "./prove-copies.ts";
import { createReader } from "./reader.ts";
import type { Store } from "./store.ts";
import { surveyChanges } from "./survey-changes.ts";

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
  prune?: PrunePolicy | undefined;
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

async function mirrorAlone(store: Store, target: BackupTarget, options: MirrorOptions): Promise<Mirrored> {
  const { cipher, decipher, whyMisplaced, copies, mendSource, prune, findLost, suspects, signal, onProgress } = options;
  const { clock = Date.now } = options;
  const recipient = cipher?.recipient;
  const there = await tidyUp(target);
  const isAsked = (key: string): boolean => suspects?.has(key) === true;
  const known = await readManifests(target, [...there].filter(isOfManifests), { isPassedOver: isAsked });
  const proven = await knowCopies(target, known, there, { decipher, nowMs: clock(), signal });
  const { entries: before } = proven;
  const isSuspect = (key: string): boolean => isAsked(key) || proven.damaged.has(key);
  const backup = { known, there, before, isSuspect };
  const run = createBackupRun({ target, recipient, known, there, before, clock, signal });
  const { entries, counts } = run;
  const problems: CopyProblem[] = [];
  const isTold = (key: string): boolean => problems.some((problem) => problem.key === key);

  const surveyed = await surveyChanges(createReader(store), backup, recipient);
  const { days, inArchive, unchanged, changed } = surveyed;
  for (const entry of unchanged) entries.set(entry.key, entry);
  counts.unchangedFiles += unchanged.length;
  const isHidden = createHiddenTest(surveyed.unreadable);
  const lost = findLost?.(days, daysOf(before.keys())).filter((day) => !isHidden(day)) ?? [];
  problems.push(...surveyed.problems, ...tellLost(lost, days.length === 0));
  let done = days.length - changed.length;
  onProgress?.(done, days.length);

  for (const chunk of chunksOf(changed)) {
    signal?.throwIfAborted();
    const own = { store, target, entries, cipher, whyMisplaced, copies, mendSource, nowMs: clock(), signal };
    problems.push(...(await sendDays(chunk, inArchive, { ...backup, ...own }, run)));
    onProgress?.((done += chunk.length), days.length);
  }

  // An archive without any file is a disk that isn't mounted, more likely than not.
  const mayGo = prune === undefined || inArchive.size === 0 ? () => false : createPruneTest(prune, surveyed, entries);
  const prunedFiles = await removeCopies([...there].filter(mayGo), run, signal);

  const left = await findLeftCopies(target, backup, inArchive, entries, isTold);
  for (const [key, entry] of left.entries) entries.set(key, entry);
  problems.push(...left.problems);
  for (const { key, message } of proven.problems) {
    const { key: file } = parseStoredKey(key)!;
    if (!entries.has(file) && !isTold(file)) problems.push({ key: file, message });
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

/** Brings the copies of some days up to what the archive has of them. @returns what keeps some from being sent */
async function sendDays(
  days: readonly DayFiles[],
  inArchive: ReadonlySet<string>,
  parts: PrepareParts,
  run: BackupRun,
): Promise<CopyProblem[]> {
  const prepared = await allEnded(days.map((files) => prepareDay(files, parts)));
  const copies = prepared.flatMap((day) => day.copies);
  const problems = prepared.flatMap((day) => day.problems);
  // A day has one picture, so the copy of the other variant goes as it went in the archive.
  const removing = days.flatMap((files) => supersededOf(files, copies, run.entries, parts.there, inArchive));
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
  return problems;
}

/** @param keys of the target @returns how many were there */
async function removeCopies(keys: readonly string[], run: BackupRun, signal: AbortSignal | undefined): Promise<number> {
  if (keys.length > 0) await run.announce([], keys);
  let removed = 0;
  for (const key of keys) {
    signal?.throwIfAborted();
    if (await run.remove(key)) removed++;
  }
  return removed;
}
