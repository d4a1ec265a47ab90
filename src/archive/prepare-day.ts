/**
 * Preparing a day: reads its files, makes sure that they are whole, and takes those that the backup hasn't.
 * Owns what may be copied: damage never goes over a good copy, nor beside one, and nothing older over what is later.
 */
import type { Day } from "../model/day.ts";
import { ArchiveDamaged, StoreFailed } from "../model/errors.ts";
import type { ArchivedDay, DayFiles, NamedPicture } from "./archive.ts";
import { isOtherGzip } from "./check-day.ts";
import { pngOf } from "./manifest.ts";
import { prepare, type Copy, type CopyProblem, type PrepareParts } from "./prepare-copies.ts";
import { besideRecord, MAX_PICTURE_BYTES, openPicture, readOurs } from "./reader.ts";
import { MAX_RECORD_BYTES, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Store, StoredFile } from "./store.ts";
import {
  askCopy,
  findWhyBehind,
  findWhyReadBefore,
  isLaterCopy,
  mendPoorer,
  newestOf,
  type CopyTells,
} from "./told-by-copy.ts";

export interface PreparedDay {
  /** In the order in which they are to be written: pictures, then the record. */
  copies: Copy[];
  problems: CopyProblem[];
}

/** The archive's own record, and what tells of the day where that can't. */
interface Told extends ReadRecord {
  /** Which picture the day should have. */
  named: NamedPicture | undefined;
  /** Its copy tells that the record is of another picture than the day had. */
  isOfOther: boolean;
  /** Its copy says more, and stays. */
  isPoorer: boolean;
}

interface ReadRecord {
  file: (StoredFile & { bytes: Uint8Array }) | undefined;
  /** Where it is whole. */
  known: (DayRecord & { modifiedMs: number }) | undefined;
  problem: unknown;
}

/** The day's picture as the archive has it. */
interface Shown {
  /** Of the PNG; `undefined` where there is none. */
  sha256: string | undefined;
  /** It is whole, and the backup has no later one. */
  isGood: boolean;
}

export async function prepareDay(files: DayFiles, parts: PrepareParts): Promise<PreparedDay> {
  const prepared: PreparedDay = { copies: [], problems: [] };
  // The record is read first: what is written after it can only be newer, and so is never taken for damage.
  const told = await findTold(files, parts, prepared);
  const shown = await preparePictures(files, told, parts, prepared);
  await prepareRecord(files, told, shown, parts, prepared);
  return prepared;
}

async function findTold({ day, record }: DayFiles, parts: PrepareParts, prepared: PreparedDay): Promise<Told> {
  const read = () => readRecord(day, record?.key, parts, prepared);
  const own = await read();
  const { known } = own;
  // Where the archive's record is lost, or doesn't know where its picture came from, its copy may say more.
  const isToldOf = known !== undefined && (known.source !== undefined || parts.entries.has(record!.key));
  const copy: CopyTells | undefined = isToldOf ? undefined : await askCopy(day, parts);
  const told: Told = { ...own, named: known ?? copy, isOfOther: false, isPoorer: false };
  if (known === undefined || !copy?.isSourced) return told;
  if (copy.picture.sha256 !== known.picture.sha256) return { ...told, named: copy, isOfOther: true };
  const whyPoorer = await mendPoorer(known, copy, parts);
  if (whyPoorer !== undefined) {
    prepared.problems.push({ key: record!.key, message: whyPoorer });
    return { ...told, isPoorer: true };
  }
  const mended = await read();
  return { ...told, ...mended, named: mended.known ?? copy };
}

async function preparePictures(
  { picture, spare }: DayFiles,
  told: Told,
  parts: PrepareParts,
  prepared: PreparedDay,
): Promise<Shown> {
  if (spare !== undefined && !parts.entries.has(spare.key)) await preparePicture(spare, false, told, parts, prepared);
  const unchanged = picture && parts.entries.get(picture.key);
  const shown: Shown = { sha256: unchanged && pngOf(unchanged), isGood: true };
  if (picture === undefined || unchanged !== undefined) return shown;
  return (await preparePicture(picture, true, told, parts, prepared)) ?? shown;
}

/** @param isDays the newer one, where the day has two @returns `undefined` where it is gone, or can't be read */
async function preparePicture(
  file: ArchivedDay,
  isDays: boolean,
  { known, problem, named, isOfOther }: Told,
  parts: PrepareParts,
  { copies, problems }: PreparedDay,
): Promise<Shown | undefined> {
  const { day, key } = file;
  const read = await readLeniently(key, MAX_PICTURE_BYTES, parts.store, problems);
  if (read === undefined) return undefined; // replaced or removed since it was listed; the next run sees what came of it
  const archived = { ...file, size: read.size, modifiedMs: read.modifiedMs };
  const openedAlone = await openPicture(archived, read.bytes, isDays ? named : undefined, parts.whyMisplaced);
  const opened = besideRecord(openedAlone, problem, named);
  const { damage, sha256 } = opened;
  const whyBehind = isDays && damage === undefined ? await findWhyBehind(opened, known, parts) : undefined;
  if (whyBehind !== undefined) problems.push({ key, message: whyBehind });
  else if (known?.picture.sha256 === sha256 && isOtherGzip(opened, known))
    problems.push(damaged(key, day, "the gzip around its picture isn't as it was written"));
  else if (damage === undefined) copies.push(await prepare(read, parts, file.compressed ? { pngSha256: sha256 } : {}));
  else {
    const whatToDo = isOfOther ? `; \`restore --overwrite\` of ${day} brings back the one that was backed up` : "";
    problems.push({ key, message: `${damage.message}${whatToDo}` });
  }
  return { sha256, isGood: damage === undefined && whyBehind === undefined };
}

async function prepareRecord(
  { day, picture, record }: DayFiles,
  { file, known, isPoorer }: Told,
  shown: Shown,
  parts: PrepareParts,
  { copies, problems }: PreparedDay,
): Promise<void> {
  if (record === undefined || known === undefined || file === undefined) return;
  const { key } = record;
  const copied = picture ? parts.entries.get(picture.key) : newestOf(day, parts);
  const isOfOther = copied !== undefined && pngOf(copied) !== known.picture.sha256;
  // The archive has let go of a picture that was never backed up, an older one was: that and its own record stay, since
  // they belong together.
  if (picture === undefined && isOfOther) return;
  if (isOfOther && copied.modifiedMs <= known.modifiedMs)
    problems.push(damaged(key, day, "its record names another picture than was backed up"));
  // Where a record and its picture contradict each other, either may be the damaged one.
  else if (picture && known.picture.sha256 !== shown.sha256 && isLaterCopy(file, parts))
    problems.push({
      key,
      message: "the backup has a later record of that day, and keeps it: `verify --repair` brings it back",
    });
  else if (shown.isGood && !isPoorer && !parts.entries.has(key)) {
    const whyReadBefore = await findWhyReadBefore(known, parts);
    if (whyReadBefore !== undefined) problems.push({ key, message: whyReadBefore });
    else copies.push(await prepare(file, parts, known.source && { sourceOf: known.picture.sha256 }));
  }
}

async function readRecord(
  day: Day,
  key: string | undefined,
  { store }: PrepareParts,
  { problems }: PreparedDay,
): Promise<ReadRecord> {
  const file = key === undefined ? undefined : await readLeniently(key, MAX_RECORD_BYTES, store, problems);
  try {
    const known = file && { ...parseRecord(day, file.bytes), modifiedMs: file.modifiedMs };
    return { file, known, problem: undefined };
  } catch (error) {
    if (!(error instanceof ArchiveDamaged)) throw error;
    problems.push({ key: file!.key, message: error.message });
    return { file, known: undefined, problem: error };
  }
}

/** A file that the disk doesn't give is no reason to leave all others without a copy. */
async function readLeniently(key: string, limitBytes: number, store: Store, problems: CopyProblem[]) {
  try {
    return await readOurs(store, key, limitBytes);
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    problems.push({ key, message: error.message });
    return undefined;
  }
}

function damaged(key: string, day: Day, why: string): CopyProblem {
  return { key, message: new ArchiveDamaged(day, why).message };
}
