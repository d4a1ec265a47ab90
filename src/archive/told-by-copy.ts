/**
 * What the copy of a record tells that the archive's own doesn't: which picture the day had, and where that came from.
 * Owns how a record that was lost, and read anew from its picture, is told by its copy rather than put in its place.
 */
import type { Day } from "../model/day.ts";
import { StoreFailed, type KnownError } from "../model/errors.ts";
import type { Archive, ArchivedPlot, NamedPicture } from "./archive.ts";
import { storedKeys } from "./backup-target.ts";
import { findCopiedRecord, isFetchedLater, isOfLaterPlot } from "./copied-record.ts";
import type { Copies } from "./copies.ts";
import { pictureKey, recordKey } from "./keys.ts";
import { copyOf, pngOf, type Entry } from "./manifest.ts";
import { sha256Of } from "./reader.ts";
import { readingVersionOf, type DayRecord } from "./record.ts";
import type { StoredFile } from "./store.ts";

export interface AskParts {
  /** Keys of the target. */
  there: ReadonlySet<string>;
  /** Of the last manifest, by key. */
  before: ReadonlyMap<string, Entry>;
  /** What the target holds, as far as it can be read. */
  copies: Copies | undefined;
  mendSource: Archive["mendSource"] | undefined;
  /** Is a key of the target to be sent again, whatever is known of it? */
  isSuspect: (key: string) => boolean;
  signal: AbortSignal | undefined;
}

/** What the copy tells: itself, or where it can't be read, the manifest. */
export interface CopyTells extends NamedPicture {
  /** Does it know where its picture came from? */
  isSourced: boolean;
  source: DayRecord["source"];
  /** Why it can't be read. */
  problem: KnownError | undefined;
  isEncrypted: boolean;
}

export async function askCopy(day: Day, parts: AskParts): Promise<CopyTells | undefined> {
  const { before, there, copies, isSuspect, signal } = parts;
  const key = recordKey(day);
  if (!storedKeys(key).some((stored) => there.has(stored) && !isSuspect(stored))) return undefined;
  const entry = before.get(key);
  let problem: KnownError | undefined;
  const copy = await findCopiedRecord(day, copies, { signal, onProblem: (error) => (problem = error) });
  const shown = newestOf(day, parts);
  const sha256 = copy?.record.picture.sha256 ?? entry?.sourceOf ?? (shown && pngOf(shown));
  if (sha256 === undefined) return undefined;
  const { source, reading } = copy?.record ?? {};
  return {
    picture: { sha256 },
    reading,
    modifiedMs: entry?.modifiedMs ?? 0,
    isSourced: (copy ? source : entry?.sourceOf) !== undefined,
    source,
    problem,
    isEncrypted: entry?.stored !== undefined,
  };
}

/**
 * A record that was lost and read anew from its picture doesn't know any more where that came from, as its copy does: it
 * never goes over that copy, but is mended from it.
 * @returns why the copy stays; `undefined` where the record is mended
 */
export async function mendPoorer(
  { day, picture: { sha256 } }: DayRecord,
  { source, problem, isEncrypted }: CopyTells,
  { mendSource, signal }: AskParts,
): Promise<string | undefined> {
  const stays = "its copy alone says where the picture came from, and stays";
  const restored = `a \`restore\` of ${day} brings that back`;
  if (source === undefined) {
    const whatToDo = isEncrypted ? restored : "`backup --check --repair` sends this record in its place";
    return `${stays}; it can't be read (${problem?.message ?? "it isn't whole"}): ${whatToDo}`;
  }
  if (mendSource === undefined) return `${stays}; ${restored}`;
  try {
    await mendSource(day, { sha256, source }, signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    return `${stays}; it can't be brought back now: ${error.message}`;
  }
}

/**
 * Why the copy of a day's picture stays though the archive has another one: the copy's is surely a later plot, as where a
 * disk has lost its last writes, or went back to a snapshot.
 * @param record the archive's, of that picture or not
 */
export async function findWhyBehind(
  { day, sha256, modifiedMs }: Pick<ArchivedPlot, "day" | "sha256" | "modifiedMs">,
  record: DayRecord | undefined,
  parts: AskParts,
): Promise<string | undefined> {
  const copied = newestOf(day, parts);
  if (copied === undefined || parts.isSuspect(copyOf(copied).key) || pngOf(copied) === sha256) return undefined;
  if (record?.picture.sha256 !== sha256) return undefined;
  const copy = await findCopiedRecord(day, parts.copies, parts);
  if (copy?.record.picture.sha256 !== pngOf(copied)) return undefined;
  if (!isOfLaterPlot(copy.record, record)) return undefined;
  // A plot that somebody has put there on purpose may be an older one; its file then is the newer one.
  if (copied.modifiedMs <= modifiedMs && !isFetchedLater(copy.record, record)) return undefined;
  return `the backup has a later plot of that day, and keeps it: \`verify --repair\` or a \`restore\` of ${day} brings it back`;
}

/**
 * Why the copy of a record stays though the archive has another one of the same picture: a later version of the digitizer
 * has read that, which no other than an older record doesn't know.
 */
export async function findWhyReadBefore(record: DayRecord, parts: AskParts): Promise<string | undefined> {
  const { day, picture } = record;
  const entry = parts.before.get(recordKey(day));
  if (entry === undefined || parts.isSuspect(copyOf(entry).key)) return undefined;
  const copy = await findCopiedRecord(day, parts.copies, parts);
  if (copy?.record.picture.sha256 !== picture.sha256) return undefined;
  if (readingVersionOf(copy.record) <= readingVersionOf(record)) return undefined;
  return `the backup has a later reading of the day's picture, and keeps it: \`rebuild\`, or a \`restore\` of ${day}, brings the record up to it`;
}

/** Is the copy of a file another one, of what was written after it? */
export function isLaterCopy(
  { key, modifiedMs, bytes }: Pick<StoredFile, "key" | "modifiedMs"> & { bytes: Uint8Array },
  parts: AskParts,
): boolean {
  const entry = parts.before.get(key);
  return entry !== undefined && entry.sha256 !== sha256Of(bytes) && isLater(entry, modifiedMs, parts);
}

/** Is a copy there, and of a file that was written after `modifiedMs`? Within a day, times only grow. */
function isLater(entry: Entry, modifiedMs: number, { there, isSuspect }: AskParts): boolean {
  const { key } = copyOf(entry);
  return entry.modifiedMs > modifiedMs && there.has(key) && !isSuspect(key);
}

/** The picture that the backup has of a day, the newer one where it has two. */
export function newestOf(day: Day, { before, there }: AskParts): Entry | undefined {
  return [false, true]
    .map((compressed) => before.get(pictureKey(day, compressed)))
    .filter((entry) => entry !== undefined && there.has(copyOf(entry).key))
    .toSorted((a, b) => a!.modifiedMs - b!.modifiedMs)
    .at(-1);
}
