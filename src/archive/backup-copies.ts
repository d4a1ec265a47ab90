/**
 * Reading a backup: which copies there are of which days, and a file's own bytes out of its copy, proven.
 */
import { CopyDamaged, StoreFailed } from "../model/errors.ts";
import type { Day } from "../model/day.ts";
import type { Decipher } from "./age.ts";
import { MANIFESTS, parseStoredKey, storedKeys, type BackupTarget } from "./backup-target.ts";
import type { Copies } from "./copies.ts";
import { folderOf, isWithin, keysOf, parseKey, pictureKey } from "./keys.ts";
import { readManifests, type Known } from "./known-manifests.ts";
import { copyOf, isOfManifests, pngOf, type Entry, type Manifest } from "./manifest.ts";
import { MAX_COPY_BYTES } from "./prepare-copies.ts";
import { sha256Of } from "./reader.ts";

/** A copy of one file. */
export interface BackupCopy {
  /** As in the archive. */
  key: string;
  /** Within the target. */
  storedKey: string;
  encrypted: boolean;
  /** What the manifests say that it may be; none where they don't name it, as in a tree that another tool copied. */
  told: readonly Entry[];
  /** The manifest names it, and it isn't there. */
  isGone: boolean;
  /** May it be a later one than the manifests that can be read tell of? Then it is proven by itself and its record. */
  mayBeLater: boolean;
}

export interface ReadCopy {
  key: string;
  bytes: Uint8Array;
  sha256: string;
  /** When the archive's file was written; `undefined` where nothing tells. */
  modifiedMs: number | undefined;
  /** What a manifest says of these very bytes; `undefined` where none knows them. */
  entry: Entry | undefined;
  /** Of the encrypted bytes; `undefined` where the copy is plain. */
  stored: Entry["stored"];
}

/** What the manifests of a backup tell, without a look at anything else. */
export async function readKnown(target: BackupTarget): Promise<Known> {
  const names: string[] = [];
  for await (const { key } of target.list((folder) => folder !== MANIFESTS)) if (isOfManifests(key)) names.push(key);
  return await readLeniently(target, names);
}

/** A disk that fails here and there gives all else, and copies are proven by whatever manifest can be had. */
function readLeniently(target: BackupTarget, keys: readonly string[]): Promise<Known> {
  return readManifests(target, keys, { isPassedOver: () => true });
}

/**
 * The copies of each day, the oldest day first, with those that the manifest in force names and that are gone. None where
 * no copy is left at all.
 * @param known what the manifests tell, where that has been read
 * @param skips folders of days that nobody asks for
 */
export async function listCopies(
  target: BackupTarget,
  known?: Known,
  skips: ReadonlySet<string> = new Set(),
): Promise<Map<Day, BackupCopy[]>> {
  const listed = await listOnce(target, known, skips);
  // A backup may have changed something between the one look and the other: what seems gone is looked for once more.
  const isWhole = [...listed.values()].every((copies) => copies.every(({ isGone }) => !isGone));
  return isWhole ? listed : await listOnce(target, undefined, skips);
}

async function listOnce(target: BackupTarget, read: Known | undefined, skips: ReadonlySet<string>) {
  const there: string[] = [];
  const isSkipped = (folder: string): boolean => skips.has(folder);
  const unreadable = new Map<string, StoreFailed>();
  const listed = target.list(skips.size > 0 ? isSkipped : undefined, (folder, error) => unreadable.set(folder, error));
  for await (const { key, leftover } of listed) if (!leftover) there.push(key);
  const known = leaveOut(skips, read ?? (await readLeniently(target, there.filter(isOfManifests))));
  const told = toldByKey(known);
  const byDay = new Map<Day, BackupCopy[]>();
  function add(copy: BackupCopy): void {
    const { day } = parseKey(copy.key)!;
    const copies = byDay.get(day) ?? [];
    // Plain and encrypted copies of one file: the one that the backup answers for.
    const same = copies.findIndex(({ key }) => key === copy.key);
    if (same === -1) copies.push(copy);
    else if (!copy.isGone && copies[same]!.told.length < copy.told.length) copies[same] = copy;
    byDay.set(day, copies);
  }
  for (const storedKey of there) {
    const parsed = parseStoredKey(storedKey);
    // A bucket is listed whole.
    if (parsed !== undefined && !skips.has(folderOf(parsed.key)))
      add({ ...parsed, storedKey, told: told.get(storedKey) ?? [], isGone: false, mayBeLater: known.isBehind });
  }
  const [unlisted] = unreadable.values();
  const isAny = byDay.size > 0 || skips.size > 0;
  // A disk that fails here and there gives all else; but only a manifest tells what there should be in such a folder.
  if (unlisted !== undefined && (known.last === undefined || !isAny)) throw unlisted;
  if (isAny) for (const copy of goneCopies(known, new Set(there), [...unreadable.keys()])) add(copy);
  return new Map([...byDay].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is known of other days. A restore skips nearly all of them, and does it while it copies. */
function leaveOut(skips: ReadonlySet<string>, known: Known): Known {
  if (skips.size === 0) return known;
  const isAsked = ({ key }: Entry): boolean => !skips.has(folderOf(key));
  const without = <Kept extends Manifest>(manifest: Kept): Kept => ({
    ...manifest,
    entries: manifest.entries.filter(isAsked),
  });
  return { ...known, last: known.last && without(known.last), pending: known.pending.map(without) };
}

/**
 * What the manifest in force names and isn't there, other than what a stopped run was about to remove.
 * @param unreadable folders of which nobody knows what is there: whoever reads such a copy hears why it can't be had
 */
function* goneCopies({ last, pending, isBehind }: Known, there: ReadonlySet<string>, unreadable: readonly string[]) {
  const removed = new Set(pending.flatMap(({ removing }) => removing));
  for (const entry of last?.entries ?? []) {
    const { key } = entry;
    const storedKey = copyOf(entry).key;
    if (there.has(storedKey) || removed.has(storedKey)) continue;
    // A run of which nobody knows any more may have gzipped the day's picture, or the other way round.
    if (isBehind && otherVariantsOf(key).some((other) => there.has(other))) continue;
    const isGone = !isWithin(storedKey, unreadable);
    yield { key, storedKey, encrypted: entry.stored !== undefined, told: [entry], isGone, mayBeLater: false };
  }
}

/** Copies of the other variant of a picture, plain and encrypted; none where the key is a record's. */
function otherVariantsOf(key: string): string[] {
  const { day, kind } = parseKey(key)!;
  const other = pictureKey(day, kind === "png");
  return kind === "json" ? [] : storedKeys(other);
}

/** @throws {StoreFailed} when it can't be read or decrypted, or isn't what was backed up */
export async function readCopy(
  target: BackupTarget,
  { key, storedKey, encrypted, told, isGone, mayBeLater }: BackupCopy,
  decipher: Decipher | undefined,
): Promise<ReadCopy> {
  // What the target doesn't list isn't asked for: it may lie behind a link, which nobody follows.
  const stored = isGone ? undefined : await target.read(storedKey, MAX_COPY_BYTES);
  if (stored === undefined) throw new StoreFailed(`Cannot read ${storedKey} in the backup: it is gone`);
  const storedSha256 = sha256Of(stored);
  const entry = told.find((one) => copyOf(one).sha256 === storedSha256);
  if (entry === undefined && told.length > 0 && !mayBeLater) throw new CopyDamaged(tellDamaged(storedKey));
  const modifiedMs = entry?.modifiedMs;
  if (!encrypted) return { key, bytes: stored, sha256: storedSha256, modifiedMs, entry, stored: undefined };
  if (decipher === undefined)
    throw new StoreFailed(`${storedKey} is encrypted: an age identity is needed to read it (BACKUP_AGE_IDENTITY_FILE)`);
  const { bytes, recipient } = await decipher.decrypt(stored).catch((error: unknown) => {
    throw error instanceof StoreFailed ? new StoreFailed(`${storedKey}: ${error.message}`, { cause: error }) : error;
  });
  const sha256 = sha256Of(bytes);
  if (entry !== undefined && entry.sha256 !== sha256)
    throw new CopyDamaged(`${storedKey} holds other bytes than were backed up`);
  return { key, bytes, sha256, modifiedMs, entry, stored: { size: stored.length, sha256: storedSha256, recipient } };
}

/** What is said of a copy that is damaged, where its key is at hand. */
export const NOT_AS_BACKED_UP = "its bytes aren't those that were backed up";

/** The same with its key of the target. */
export function tellDamaged(storedKey: string): string {
  return `${storedKey} is damaged in the backup: ${NOT_AS_BACKED_UP}`;
}

/**
 * The backup as a place from which a repair gets good files.
 * @param onEmpty is asked where there is no copy of any day; what it throws is why
 */
export function createBackupCopies(
  target: BackupTarget,
  decipher?: Decipher,
  onEmpty: () => Promise<void> = async () => {},
): Copies {
  let listed: Promise<Map<Day, BackupCopy[]>> | undefined;
  let listedMs = Number.NEGATIVE_INFINITY;
  return {
    async findCopy(key, limitBytes, signal) {
      signal?.throwIfAborted();
      const nowMs = performance.now();
      // A repair asks for one file after another; a backup that goes on meanwhile is seen a little later.
      if (listed === undefined || nowMs - listedMs > LISTED_FOR_MS) {
        listed = listCopies(target);
        listedMs = nowMs;
      }
      const copies = await listed;
      if (copies.size === 0) await onEmpty();
      const day = parseKey(key)?.day;
      const copy = day && copies.get(day)?.find((one) => one.key === key);
      if (copy === undefined) return undefined;
      const { bytes } = await readCopy(target, copy, decipher);
      return bytes.length > limitBytes ? undefined : bytes;
    },
    async listKept(signal) {
      signal?.throwIfAborted();
      const known = await readKnown(target);
      // Where no manifest is left, or none was ever there, the copies themselves tell.
      const entries = known.last && [known.last, ...known.pending].flatMap((manifest) => manifest.entries);
      const named = entries ?? [...(await listCopies(target, known)).values()].flat();
      const pictures = new Map<Day, { sha256: string; modifiedMs: number }>();
      for (const entry of entries ?? []) {
        const { modifiedMs } = entry;
        const { day, kind } = parseKey(entry.key)!;
        if (kind !== "json" && modifiedMs > (pictures.get(day)?.modifiedMs ?? -Infinity))
          pictures.set(day, { sha256: pngOf(entry), modifiedMs });
      }
      const days = new Set(named.map(({ key }) => parseKey(key)!.day));
      if (days.size === 0) await onEmpty();
      return Array.from(days, (day) => ({ day, picture: pictures.get(day) }));
    },
  };
}

const LISTED_FOR_MS = 60_000;

/** The keys of a day in the order in which they are written: pictures first. */
export function inWritingOrder(copies: readonly BackupCopy[], day: Day): BackupCopy[] {
  const order = keysOf(day);
  return copies.toSorted((a, b) => order.indexOf(a.key) - order.indexOf(b.key));
}

function toldByKey({ last, pending }: Known): Map<string, Entry[]> {
  const entries = [last, ...pending].flatMap((manifest) => manifest?.entries ?? []);
  return Map.groupBy(entries, (entry) => copyOf(entry).key);
}
