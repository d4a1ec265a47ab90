/**
 * What a restore writes where the archive has something of a day already. A rule only; `restore.ts` applies it.
 */
import type { Day } from "../model/day.ts";
import type { ArchivedDay } from "./archive.ts";
import { freshnessOfPicture, freshnessOfRecord, isFresher, whyKept } from "./freshness.ts";
import { parseKey, recordKey } from "./keys.ts";
import type { ReadCopy } from "./backup-copies.ts";
import type { DayContents } from "./reader.ts";
import { NewerRecord } from "./record-file.ts";
import { readingVersionOf, type DayRecord } from "./record.ts";

/** What a backup has of a day, proven. */
export interface OfferedDay {
  day: Day;
  /** Pictures first. */
  files: ReadCopy[];
  /** The newer one where there are two. `sha256` is of the PNG itself. */
  picture: (ArchivedDay & { sha256: string; bytes: Uint8Array }) | undefined;
  record: DayRecord | undefined;
}

export interface DayPlan {
  /** In this order. */
  write: ReadCopy[];
  /** Keys that would contradict what was written. */
  remove: string[];
  /** Why the archive's files stay though the backup has others; `undefined` where they don't, or there are none. */
  kept: string | undefined;
}

export function planDay({ day, files, picture, record }: OfferedDay, here: DayContents, overwrite: boolean): DayPlan {
  const nothing: DayPlan = { write: [], remove: [], kept: undefined };
  if (here.recordProblem instanceof NewerRecord && !overwrite)
    return { ...nothing, kept: "its record is of a newer version of this program" };
  const pictureFile = picture && files.find(({ key }) => key === picture.key);
  const recordFile = files.filter(({ key }) => parseKey(key)?.kind === "json");
  const standing = here.picture?.damage === undefined ? here.picture : undefined;
  const isSame = standing !== undefined && standing.sha256 === picture?.sha256;

  if (picture === undefined || pictureFile === undefined || isSame) {
    // The numbers alone: those of a picture that retention took, or that is there as it was.
    const isWanted =
      overwrite ||
      here.record === undefined ||
      readingVersionOf(record) > readingVersionOf(here.record) ||
      saysMore(record, here.record, standing !== undefined);
    const wouldContradict = standing !== undefined && record?.picture.sha256 !== standing.sha256;
    const isHere = here.record !== undefined && JSON.stringify(here.record) === JSON.stringify(record);
    return isWanted && !wouldContradict && !isHere ? { ...nothing, write: recordFile } : nothing;
  }
  if (standing !== undefined && !overwrite) {
    const [old, offered] = [freshnessOfPicture(standing, here.record), freshnessOfPicture(picture, record)];
    const kept = whyKept(old, offered);
    if (kept !== undefined) return { ...nothing, kept };
    // Where their own times tell nothing, those of the files do: the archive's was written after it was backed up.
    const isTie =
      old.isAhead === offered.isAhead && (whyKept(offered, old) === undefined || !bothTell(here.record, record));
    if (isTie && standing.modifiedMs >= picture.modifiedMs)
      return { ...nothing, kept: "the day's picture was written later" };
  }
  // The numbers of a picture that is gone or damaged are in its record alone, unless it is the very one that comes back.
  const isOther = here.record?.picture.sha256 !== picture.sha256;
  const lost = standing === undefined && isOther ? here.record : undefined;
  if (lost !== undefined && !overwrite && isFresher(freshnessOfRecord(lost), freshnessOfPicture(picture, record)))
    return { ...nothing, kept: "its record is of a later plot, whose picture is gone or damaged" };
  // A record that names another picture would make the restored one look damaged.
  const stale = here.record !== undefined || here.recordProblem !== undefined;
  const remove =
    recordFile.length === 0 && stale && here.record?.picture.sha256 !== picture.sha256 ? [recordKey(day)] : [];
  return { write: [pictureFile, ...recordFile], remove, kept: undefined };
}

/** Do both records say when their picture was fetched? Else the times of the files are all there is. */
function bothTell(a: DayRecord | undefined, b: DayRecord | undefined): boolean {
  return a?.source !== undefined && b?.source !== undefined;
}

/** Where the picture came from: its numbers can be read again while it stays. */
function saysMore(record: DayRecord | undefined, than: DayRecord, hasPicture: boolean): boolean {
  const isBehind = readingVersionOf(record) < readingVersionOf(than);
  return record?.source !== undefined && than.source === undefined && (hasPicture || !isBehind);
}
