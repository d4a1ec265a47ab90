/**
 * Proving what a backup offers of a day: which of its files are whole, and which of them belong together.
 * Owns what is left out and why; what may replace what in the archive is the plan's.
 */
import type { Day } from "../model/day.ts";
import { ArchiveDamaged } from "../model/errors.ts";
import type { ArchivedDay } from "./archive.ts";
import type { ReadCopy } from "./backup-copies.ts";
import { isOtherGzip } from "./check-day.ts";
import { parseKey, recordKey } from "./keys.ts";
import type { CopyProblem } from "./prepare-copies.ts";
import { besideRecord, openPicture, type DayContents } from "./reader.ts";
import { parseRecord } from "./record-file.ts";
import type { OfferedDay } from "./restore-plan.ts";

/** Leaves out what isn't whole. Where the manifests prove a file, nothing more is asked of it. */
export async function proveDay(day: Day, files: readonly ReadCopy[], problems: CopyProblem[]): Promise<OfferedDay> {
  const offered: OfferedDay = { day, files: [], picture: undefined, record: undefined };
  const recordFile = files.find(({ key }) => key === recordKey(day));
  let recordProblem: unknown;
  try {
    offered.record = recordFile && parseRecord(day, recordFile.bytes);
  } catch (error) {
    if (!(error instanceof ArchiveDamaged)) throw error;
    recordProblem = error;
    // A record of a newer version of this program can't be read, but was proven by its digest.
    if (recordFile!.entry === undefined) problems.push({ key: recordFile!.key, message: error.message });
  }
  const pictures: NonNullable<OfferedDay["picture"]>[] = [];
  for (const file of files) {
    const { kind } = parseKey(file.key)!;
    if (kind === "json") {
      if (file.entry !== undefined || offered.record !== undefined) offered.files.push(file);
      continue;
    }
    const archived: ArchivedDay = {
      day,
      key: file.key,
      size: file.bytes.length,
      compressed: kind === "png.gz",
      modifiedMs: file.modifiedMs ?? 0,
    };
    const opened = await openForProof(archived, file, offered.record, recordProblem);
    if (typeof opened === "string") problems.push({ key: file.key, message: opened });
    else {
      offered.files.push(file);
      pictures.push(opened);
    }
  }
  // Where a day has two pictures the newer one is the archive, so it is written last, and the record after it.
  pictures.sort((a, b) => a.modifiedMs - b.modifiedMs);
  offered.picture = pictures.at(-1);
  const { picture, record } = offered;
  if (picture && record && record.picture.sha256 !== picture.sha256 && picture.modifiedMs <= recordFile!.modifiedMs!) {
    problems.push({ key: picture.key, message: "its record tells of a later picture, which the backup doesn't have" });
    offered.files = offered.files.filter(({ key }) => key === recordFile!.key);
    offered.picture = undefined;
    return offered;
  }
  if (picture && record && record.picture.sha256 !== picture.sha256) {
    // Written after the picture it would be the newer one, and speak against it. The next run makes its record.
    offered.files = offered.files.filter(({ key }) => key !== recordFile!.key);
    offered.record = undefined;
  }
  const rank = ({ key }: ReadCopy) => pictures.findIndex((picture) => picture.key === key);
  const [records, shown] = [
    offered.files.filter((file) => rank(file) === -1),
    offered.files.filter((file) => rank(file) >= 0),
  ];
  offered.files = [...shown.toSorted((a, b) => rank(a) - rank(b)), ...records];
  return offered;
}

/** The picture, or why it isn't whole. */
async function openForProof(
  archived: ArchivedDay,
  { bytes, sha256, entry }: ReadCopy,
  record: DayContents["record"],
  recordProblem: unknown,
): Promise<NonNullable<OfferedDay["picture"]> | string> {
  // A gzipped picture's own digest is inside; a plain one's is that of the file.
  if (entry !== undefined && !archived.compressed) return { ...archived, sha256, bytes };
  const named = record && entry === undefined ? { ...record, modifiedMs: Number.POSITIVE_INFINITY } : undefined;
  const opened = besideRecord(await openPicture(archived, bytes, named), recordProblem);
  if (opened.damage !== undefined) return opened.damage.message;
  if (named !== undefined && isOtherGzip(opened, named)) return "the gzip around its picture isn't as it was written";
  return { ...archived, sha256: opened.sha256, bytes };
}
