/**
 * What a backup's copies are: as the manifest in force says, and where that can't know, as they prove. That is so of all of
 * them where the newest manifests are lost, since copies may be later ones than those that are left know, and of days with a
 * copy that it doesn't name. What some manifest knows by its bytes needs no other proof. All else is read, and proven by
 * itself and its record, as a restore does; the next manifest is made from that.
 */
import type { Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import type { Decipher } from "./age.ts";
import { forEachAtOnce } from "./at-once.ts";
import { inWritingOrder, listCopies, readCopy, tellDamaged, type BackupCopy, type ReadCopy } from "./backup-copies.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import { folderOf, parseKey } from "./keys.ts";
import type { Known } from "./known-manifests.ts";
import { copyOf, type Entry } from "./manifest.ts";
import { findSame, type CopyProblem } from "./prepare-copies.ts";
import { proveDay } from "./prove-day.ts";
import { inflateWithin, sha256Of } from "./reader.ts";
import type { DayRecord } from "./record.ts";

export interface ProvenCopies {
  /** What each copy is, by key of the archive; of one that isn't whole or is gone, what it was, where that is known. */
  entries: Map<string, Entry>;
  /** Keys of the target: copies that aren't whole. */
  damaged: Set<string>;
  /** `key` is of the target: what isn't whole, and what can't be told without an identity. */
  problems: CopyProblem[];
}

export interface ProveOptions {
  decipher: Decipher | undefined;
  nowMs: number;
  signal?: AbortSignal | undefined;
}

/** Days that are read at once. */
const DAYS_AT_ONCE = 8;

/**
 * @param there keys of the target
 * @throws {StoreFailed} when the target can't be listed
 */
export async function knowCopies(
  target: BackupTarget,
  known: Known,
  there: ReadonlySet<string>,
  options: ProveOptions,
): Promise<ProvenCopies> {
  if (known.isBehind) return await proveCopies(target, known, options);
  const named = known.last?.entries ?? [];
  const [asked, others] = unnamedDays(there, named);
  if (asked.size === 0)
    return { entries: new Map(named.map((entry) => [entry.key, entry])), damaged: new Set(), problems: [] };
  const proven = await proveCopies(target, known, options, others);
  for (const entry of named) if (!asked.has(folderOf(entry.key))) proven.entries.set(entry.key, entry);
  return proven;
}

/** Folders of days with a copy that a manifest doesn't name in any form, and those of all others. */
function unnamedDays(there: ReadonlySet<string>, named: readonly Entry[]): [Set<string>, Set<string>] {
  const [asked, others] = [new Set<string>(), new Set<string>()];
  const stored = new Set(named.map((entry) => copyOf(entry).key));
  const keys = new Set(named.map(({ key }) => key));
  for (const some of there) {
    const key = stored.has(some) ? undefined : parseStoredKey(some)?.key;
    if (key !== undefined && !keys.has(key)) asked.add(folderOf(key));
  }
  if (asked.size > 0) for (const key of keys) if (!asked.has(folderOf(key))) others.add(folderOf(key));
  return [asked, others];
}

/**
 * @param skips folders of days that nobody asks for
 * @throws {StoreFailed} when the target can't be listed
 */
export async function proveCopies(
  target: BackupTarget,
  known: Known,
  options: ProveOptions,
  skips?: ReadonlySet<string>,
): Promise<ProvenCopies> {
  const proven: ProvenCopies = { entries: new Map(), damaged: new Set(), problems: [] };
  const copiesByDay = await listCopies(target, known, skips);
  await forEachAtOnce(copiesByDay, DAYS_AT_ONCE, async ([day, copies]) => {
    options.signal?.throwIfAborted();
    await proveDaysCopies(day, inWritingOrder(copies, day), target, options, proven);
  });
  proven.problems.sort((a, b) => (a.key < b.key ? -1 : 1));
  return proven;
}

async function proveDaysCopies(
  day: Day,
  copies: readonly BackupCopy[],
  target: BackupTarget,
  { decipher, nowMs }: ProveOptions,
  { entries, damaged, problems }: ProvenCopies,
): Promise<void> {
  const files: ReadCopy[] = [];
  const told: CopyProblem[] = [];
  const suspects = new Map<string, BackupCopy>();
  for (const copy of copies) {
    const { key, storedKey, encrypted } = copy;
    const [was] = copy.told;
    if (was !== undefined) entries.set(key, was);
    if (copy.isGone) continue;
    try {
      if (encrypted && decipher === undefined) {
        const same = await findSame(storedKey, copy.told, target);
        if (same !== undefined) entries.set(key, same);
        else if (was !== undefined && !copy.mayBeLater) {
          // The manifest in force knows it, and goes on doing so: a later check finds it damaged, too.
          damaged.add(storedKey);
          problems.push({ key: storedKey, message: tellDamaged(storedKey) });
        } else {
          // Nobody knows what it is, so nothing that the manifests say of it holds.
          entries.delete(key);
          const message = `${storedKey} may be a later copy than the manifests know: an age identity is needed to tell`;
          problems.push({ key: storedKey, message });
        }
        continue;
      }
      const file = await readCopy(target, copy, decipher);
      files.push(file);
      if (file.entry === undefined) suspects.set(key, copy);
      else entries.set(key, file.entry);
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      damaged.add(storedKey);
      problems.push({ key: storedKey, message: error.message });
    }
  }
  if (suspects.size === 0) return;
  const offered = await proveDay(day, files, told);
  for (const [key, { storedKey }] of suspects) {
    const file = offered.files.find((one) => one.key === key);
    if (file !== undefined) entries.set(key, await entryOf(day, file, offered.record, nowMs));
    else {
      damaged.add(storedKey);
      const why = told.find((problem) => problem.key === key)?.message;
      problems.push({ key: storedKey, message: why ?? "it contradicts the day's other copies" });
    }
  }
}

/** What the manifests would say of a copy that was proven without them. */
async function entryOf(
  day: Day,
  { key, bytes, sha256, stored }: ReadCopy,
  record: DayRecord | undefined,
  nowMs: number,
): Promise<Entry> {
  const { kind } = parseKey(key)!;
  return {
    key,
    size: bytes.length,
    sha256,
    ...(kind === "png.gz" && { pngSha256: sha256Of(await inflateWithin(day, bytes)) }),
    ...(kind === "json" && record?.source && { sourceOf: record.picture.sha256 }),
    // When the archive's file was written, nothing tells; but no plot is kept before it is fetched.
    modifiedMs: record?.source?.fetchedMs ?? nowMs,
    backedUpMs: nowMs,
    stored,
  };
}
