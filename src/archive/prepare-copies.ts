/**
 * Preparing copies: reads a day's files, makes sure that they are whole, and finds out whether the backup has them.
 * Owns what may be copied: damage never goes over a good copy, nor beside one.
 */
import { ArchiveDamaged, StoreFailed } from "../model/errors.ts";
import type { DayFiles, WhyMisplaced } from "./archive.ts";
import type { Cipher } from "./age.ts";
import { isOtherGzip } from "./check-day.ts";
import { storedKey, type BackupTarget } from "./backup-target.ts";
import {
  askCopy,
  findWhyBehind,
  findWhyReadBefore,
  isLaterCopy,
  mendPoorer,
  newestOf,
  type AskParts,
} from "./told-by-copy.ts";
import { copyOf, pngOf, type Entry, type Known, type Manifest } from "./manifest.ts";
import { besideRecord, MAX_PICTURE_BYTES, openPicture, readOurs, sha256Of } from "./reader.ts";
import { MAX_RECORD_BYTES, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Store, StoredFile } from "./store.ts";

/** What isn't backed up as it should be. */
export interface CopyProblem {
  /** Of the archive, or of the target. */
  key: string;
  message: string;
}

/** A file that the backup should hold; `bytes` is what is to be sent, `undefined` where it is there already. */
export interface Copy {
  entry: Entry;
  bytes: Uint8Array | undefined;
}

export interface PrepareParts extends AskParts {
  store: Store;
  target: BackupTarget;
  known: Known;
  /** Those of the last manifest that need no look, by key. */
  entries: ReadonlyMap<string, Entry>;
  cipher: Cipher | undefined;
  whyMisplaced: WhyMisplaced | undefined;
  nowMs: number;
}

/** What an encryption adds at most: a header for a few recipients, and 16 bytes for each 64 KiB. */
const ENCRYPTION_BYTES = 1 << 20;
export const MAX_COPY_BYTES = MAX_PICTURE_BYTES + ENCRYPTION_BYTES;

/** The day's copies in the order in which they are to be written: pictures, then the record. */
export async function prepareDay(
  { day, picture, spare, record }: DayFiles,
  parts: PrepareParts,
): Promise<{ copies: Copy[]; problems: CopyProblem[] }> {
  const { store, entries, whyMisplaced } = parts;
  const copies: Copy[] = [];
  const problems: CopyProblem[] = [];
  const damaged = (key: string, error: unknown, whatToDo = "") => {
    if (!(error instanceof ArchiveDamaged)) throw error;
    problems.push({ key, message: `${error.message}${whatToDo}` });
  };

  // The record is read first: what is written after it can only be newer, and so is never taken for damage.
  let { recordFile, known, recordProblem } = await readRecord();
  let agree = true;
  // Where the archive's record is lost, or doesn't know where its picture came from, its copy may say more.
  const isToldOf = known !== undefined && (known.source !== undefined || entries.has(record!.key));
  const told = isToldOf ? undefined : await askCopy(day, parts);
  const isOfOther = told?.isSourced === true && known !== undefined && told.picture.sha256 !== known.picture.sha256;
  let whyPoorer: string | undefined;
  if (known && told?.isSourced && !isOfOther) {
    whyPoorer = await mendPoorer(known, told, parts);
    if (whyPoorer === undefined) ({ recordFile, known, recordProblem } = await readRecord());
    else problems.push({ key: record!.key, message: whyPoorer });
  }
  const named = known === undefined || isOfOther ? told : known;
  const unchanged = picture && entries.get(picture.key);
  let shownSha256 = unchanged && pngOf(unchanged);
  for (const file of [spare, picture]) {
    if (file === undefined || entries.has(file.key)) continue;
    const read = await readLeniently(file.key, MAX_PICTURE_BYTES);
    if (read === undefined) continue; // replaced or removed since it was listed; the next run sees what came of it
    const archived = { ...file, size: read.size, modifiedMs: read.modifiedMs };
    const openedAlone = await openPicture(archived, read.bytes, file === picture ? named : undefined, whyMisplaced);
    const opened = besideRecord(openedAlone, recordProblem, named);
    const { damage, sha256 } = opened;
    const isOwn = file === picture && damage === undefined;
    const whyBehind = isOwn ? await findWhyBehind(opened, known, parts) : undefined;
    if (whyBehind !== undefined) problems.push({ key: file.key, message: whyBehind });
    else if (known?.picture.sha256 === sha256 && isOtherGzip(opened, known))
      damaged(file.key, new ArchiveDamaged(day, "the gzip around its picture isn't as it was written"));
    else if (damage === undefined)
      copies.push(await prepare(read, parts, file.compressed ? { pngSha256: sha256 } : {}));
    else {
      const whatToDo = isOfOther ? `; \`restore --overwrite\` of ${day} brings back the one that was backed up` : "";
      damaged(file.key, damage, whatToDo);
    }
    if (file !== picture) continue;
    shownSha256 = sha256;
    agree = damage === undefined && whyBehind === undefined;
  }
  const copied = picture ? entries.get(picture.key) : newestOf(day, parts);
  const isOther = known && copied && pngOf(copied) !== known.picture.sha256;
  // The archive has let go of a picture that was never backed up, an older one was: that and its own record stay, since
  // they belong together.
  if (picture === undefined && isOther) return { copies, problems };
  if (known && copied && isOther && copied.modifiedMs <= known.modifiedMs)
    damaged(record!.key, new ArchiveDamaged(day, "its record names another picture than was backed up"));
  // Where a record and its picture contradict each other, either may be the damaged one.
  else if (recordFile && known && picture && known.picture.sha256 !== shownSha256 && isLaterCopy(recordFile, parts))
    problems.push({
      key: record!.key,
      message: "the backup has a later record of that day, and keeps it: `verify --repair` brings it back",
    });
  else if (recordFile && known && agree && whyPoorer === undefined && !entries.has(record!.key)) {
    const whyReadBefore = await findWhyReadBefore(known, parts);
    if (whyReadBefore !== undefined) problems.push({ key: record!.key, message: whyReadBefore });
    else copies.push(await prepare(recordFile, parts, known.source && { sourceOf: known.picture.sha256 }));
  }
  return { copies, problems };

  async function readRecord() {
    const recordFile = record && (await readLeniently(record.key, MAX_RECORD_BYTES));
    let known: (DayRecord & { modifiedMs: number }) | undefined;
    let recordProblem: unknown;
    try {
      known = recordFile && { ...parseRecord(day, recordFile.bytes), modifiedMs: recordFile.modifiedMs };
    } catch (error) {
      recordProblem = error;
      damaged(record!.key, error);
    }
    return { recordFile, known, recordProblem };
  }

  /** A file that the disk doesn't give is no reason to leave all others without a copy. */
  async function readLeniently(key: string, limitBytes: number) {
    try {
      return await readOurs(store, key, limitBytes);
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      problems.push({ key, message: error.message });
      return undefined;
    }
  }
}

/** @param about what the manifest tells of what is inside of it */
async function prepare(
  file: StoredFile & { bytes: Uint8Array },
  parts: PrepareParts,
  about: Pick<Entry, "pngSha256" | "sourceOf"> = {},
): Promise<Copy> {
  const { key, bytes, modifiedMs } = file;
  const { cipher, nowMs } = parts;
  const plain = { key, size: bytes.length, sha256: sha256Of(bytes), modifiedMs, ...about };
  const found = await findCopy(plain, parts);
  if (found !== undefined) return { entry: { ...found, ...plain }, bytes: undefined };
  const encrypted = await cipher?.encrypt(bytes);
  const stored = encrypted && { size: encrypted.length, sha256: sha256Of(encrypted) };
  return { entry: { ...plain, backedUpMs: nowMs, stored }, bytes: encrypted ?? bytes };
}

/**
 * The entry of a copy of these very bytes that is there already: a run that was stopped has sent it, or someone else
 * has put it there. It is read, since nothing else proves that it is whole.
 */
async function findCopy(
  plain: Omit<Entry, "backedUpMs" | "stored">,
  { target, there, known, before, cipher, nowMs }: PrepareParts,
): Promise<Entry | undefined> {
  const stored = storedKey(plain.key, cipher !== undefined);
  if (!there.has(stored)) return undefined;
  const isSameForm = known.last?.recipient === cipher?.recipient;
  const told = [
    ...toldOf(plain.key, known, (manifest) => manifest.recipient === cipher?.recipient),
    ...(isSameForm ? listOf(before.get(plain.key)) : []),
  ].filter((entry) => entry.sha256 === plain.sha256 && copyOf(entry).key === stored);
  if (cipher === undefined) told.push({ ...plain, backedUpMs: nowMs, stored: undefined });
  return await findSame(stored, told, target);
}

/** The entry of a file's copy that is there, where the archive's own file can't tell. */
export async function findLeft(
  key: string,
  { target, there, known, before }: Pick<PrepareParts, "target" | "there" | "known" | "before">,
): Promise<Entry | undefined> {
  const entry = before.get(key);
  const told = toldOf(key, known);
  // Nobody has touched it since the last manifest was written.
  if (told.length === 0) return entry && there.has(copyOf(entry).key) ? entry : undefined;
  for (const candidate of [...told, ...listOf(entry)]) {
    const stored = copyOf(candidate).key;
    const found = there.has(stored) ? await findSame(stored, [candidate], target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function listOf<T>(one: T | undefined): T[] {
  return one === undefined ? [] : [one];
}

/** What stopped runs were about to make of a copy. */
function toldOf(key: string, { pending }: Known, isOfInterest: (manifest: Manifest) => boolean = () => true): Entry[] {
  return pending.filter(isOfInterest).flatMap(({ entries }) => entries.filter((entry) => entry.key === key));
}

/** Which of these entries the copy that is there is, by its bytes. */
export async function findSame(
  stored: string,
  told: readonly Entry[],
  target: BackupTarget,
): Promise<Entry | undefined> {
  if (told.length === 0) return undefined;
  const bytes = await target.read(stored, MAX_COPY_BYTES);
  const sha256 = bytes && sha256Of(bytes);
  return told.find((entry) => copyOf(entry).sha256 === sha256);
}
