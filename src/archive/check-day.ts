/**
 * Checking one day: are its picture and its record as they were written?
 * Owns what is damage and what is but a remark. Reads only, takes no lock, and mends nothing.
 */
import { ArchiveDamaged, KnownError } from "../model/errors.ts";
import type { CheckedDay, DayFiles, NamedPicture, OpenedPicture, WhyMisplaced } from "./archive.ts";
import { findCopiedRecord } from "./copied-record.ts";
import type { Copies } from "./copies.ts";
import type { FindingKind } from "./findings.ts";
import { pictureKey, recordKey } from "./keys.ts";
import { besideRecord, MAX_PICTURE_BYTES, openPicture, readOurs } from "./reader.ts";
import { MAX_RECORD_BYTES, NewerRecord, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Store, StoredFile } from "./store.ts";

/** @throws what isn't a `KnownError`; a file that can't be read is a finding */
export async function checkDay(
  { day, picture, spare, record }: DayFiles,
  store: Store,
  { whyMisplaced, copies }: { whyMisplaced?: WhyMisplaced | undefined; copies?: Copies | undefined } = {},
): Promise<CheckedDay> {
  const checked: CheckedDay = {
    day,
    findings: [],
    bytes: 0,
    picture: undefined,
    record: undefined,
    isOfPicture: false,
  };
  const find = (kind: FindingKind, file: string, message: string): void => {
    checked.findings.push({ kind, day, file, message, repaired: false });
  };
  const attempt = async <T>(key: string, look: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof KnownError)) throw error;
      find("UNREADABLE", key, error.message);
      return undefined;
    }
  };
  const read = async (key: string, limitBytes: number) => {
    const file = await attempt(key, () => readOurs(store, key, limitBytes));
    checked.bytes += file?.bytes.length ?? 0;
    return file;
  };

  if (spare !== undefined && picture !== undefined)
    find("TWO_PICTURES", spare.key, `The day has another picture, and ${picture.key} is newer`);

  // As a reader does, the record first: what is written after it is newer, and so is never taken for damage.
  const recordFile = record && (await read(record.key, MAX_RECORD_BYTES));
  let recordProblem: ArchiveDamaged | undefined;
  if (recordFile !== undefined) {
    try {
      checked.record = parseRecord(day, recordFile.bytes);
    } catch (error) {
      if (!(error instanceof ArchiveDamaged)) throw error;
      recordProblem = error;
      find(error instanceof NewerRecord ? "RECORD_NEWER" : "RECORD_DAMAGED", recordFile.key, error.message);
    }
  }

  if (record === undefined) {
    const key = recordKey(day);
    const taken = await attempt(key, async () => await store.whyTaken?.(key));
    if (taken !== undefined) find("RECORD_DAMAGED", key, `The day's record can't be had: ${taken}`);
  }

  const pictureFile = picture && (await read(picture.key, MAX_PICTURE_BYTES));
  if (picture === undefined || pictureFile === undefined) {
    // The numbers outlive the picture, and are true without it.
    checked.isOfPicture = picture === undefined;
    return checked;
  }
  const { size, modifiedMs } = pictureFile;
  let known: NamedPicture | undefined;
  if (recordFile !== undefined && checked.record !== undefined)
    known = { ...checked.record, modifiedMs: recordFile.modifiedMs };
  // Whether it is another day's, the copy of a lost record tells as well; not whether it is newer.
  else known = await findCopiedRecord(day, copies).then((copy) => copy && { ...copy.record, modifiedMs: 0 });
  const own = { ...picture, size, modifiedMs };
  const opened = besideRecord(await openPicture(own, pictureFile.bytes, known, whyMisplaced), recordProblem, known);
  checked.picture = opened;
  judge(opened, checked, recordFile, find);
  return checked;
}

function judge(
  opened: OpenedPicture,
  checked: CheckedDay,
  recordFile: StoredFile | undefined,
  find: (kind: FindingKind, file: string, message: string) => void,
): void {
  const { record } = checked;
  const isThere = recordFile !== undefined || checked.findings.some(({ file }) => file === recordKey(opened.day));
  if (!isThere) find("RECORD_MISSING", recordKey(opened.day), "The picture has no record, so nobody has read it yet");
  if (opened.damage !== undefined) return find("PICTURE_DAMAGED", opened.key, opened.damage.message);
  checked.isOfPicture = record?.picture.sha256 === opened.sha256;
  if (record === undefined) return;
  if (!checked.isOfPicture)
    find("RECORD_BEHIND", recordKey(opened.day), "The record is of an older picture than the day has");
  else if (isOtherGzip(opened, record))
    find("GZIP_DAMAGED", opened.key, "The picture is whole, but the gzip around it isn't as it was written");
}

/** Flips in a gzip's header, or behind its end, change nothing of what is inside. */
export function isOtherGzip({ gzipSha256 }: OpenedPicture, { picture }: DayRecord): boolean {
  return gzipSha256 !== undefined && picture.gzipSha256 !== undefined && gzipSha256 !== picture.gzipSha256;
}

/** The day's other variant. */
export function otherKey({ day, compressed }: Pick<OpenedPicture, "day" | "compressed">): string {
  return pictureKey(day, !compressed);
}
