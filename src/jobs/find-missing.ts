/**
 * What should be there and isn't: days and pictures that an archive once had, as its records, its copies and its
 * quarantine tell; and what can't be there yet.
 * Owns what retention can have taken, since that is not missed.
 */
import type { CheckedDay, DayFiles } from "../archive/archive.ts";
import { findCopiedRecord, isFetchedLater, isOfLaterPlot } from "../archive/copied-record.ts";
import type { Copies, KeptDay } from "../archive/copies.ts";
import type { Finding } from "../archive/findings.ts";
import { createHiddenTest } from "../archive/keys.ts";
import { isExpired } from "../archive/retention.ts";
import { addDays, daysBetween, type Day } from "../model/day.ts";
import { lastDayBegun } from "./future-day.ts";

export interface Retention {
  /** By the clock, UTC. */
  today: Day;
  /** The last day whose pictures are let go; some of those may stay, such as one that can't be read. */
  expired: Day | undefined;
  /** Do all records stay? Else they go with their pictures. */
  keepSeries: boolean;
}

/**
 * Days of which no file is left, though no retention explains that.
 * @param there days that have any file, the oldest first
 * @param kept days of which the copies have a file
 */
export function findLost(
  there: readonly Day[],
  kept: readonly Day[],
  { today, expired, keepSeries }: Retention,
): Day[] {
  const [oldest] = there;
  const lastDay = lastDayBegun(today);
  const isThere = new Set(there);
  // A longer retention than today's may have been a shorter one: so what came before the oldest day that is there isn't
  // missed. Behind that, each day has its record.
  const hadRecord = (day: Day): boolean =>
    keepSeries || (!isExpired(day, expired) && (oldest === undefined || day > oldest));
  return kept.filter((day) => !isThere.has(day) && day <= lastDay && hadRecord(day));
}

/**
 * @param days that have any file, the oldest first
 * @param kept days of which the copies have a file
 * @param quarantined days of which a damaged picture was put aside, each with where it lies
 * @param unreadable folders and files that the disk doesn't give: what is in them is no less there
 */
export function findMissing(
  days: readonly DayFiles[],
  kept: readonly Day[],
  quarantined: ReadonlyMap<Day, string>,
  unreadable: readonly string[],
  retention: Retention,
): Finding[] {
  const { today, expired } = retention;
  const there = days.map(({ day }) => day);
  const isHidden = createHiddenTest(unreadable);
  const missed = findLost(there, kept, retention);
  // As with days that are lost: behind the oldest picture, each record has its own.
  const oldestPicture = days.find(({ picture }) => picture !== undefined)?.day;
  const lastLetGo = days.findLast(
    ({ day, picture, record }) =>
      picture === undefined &&
      record !== undefined &&
      !quarantined.has(day) &&
      (oldestPicture === undefined || day < oldestPicture),
  )?.day;
  // A picture that was damaged, and had again from nowhere, went to no retention, however old its day is; but where that
  // has taken one of a later day, it took whatever there was of this one, too, such as a good one that was had since.
  const isPutAside = (day: Day): boolean =>
    quarantined.has(day) &&
    !isExpired(day, expired) &&
    day <= lastDayBegun(today) &&
    (lastLetGo === undefined || day > lastLetGo);
  const known = new Set([...there, ...missed]);
  const putAside = [...quarantined.keys()].filter((day) => !known.has(day) && isPutAside(day));
  const whereAside = (day: Day): string =>
    quarantined.has(day) ? `; a damaged one lies in ${quarantined.get(day)}` : "";
  const hadPicture = (day: Day): boolean =>
    oldestPicture !== undefined && day > oldestPicture && !isExpired(day, expired);
  return [
    ...missed
      .filter((day) => !isHidden(day))
      .map((day) => finding("DAY_LOST", day, "All files of the day are gone, and the backup has them")),
    ...putAside
      .filter((day) => !isHidden(day))
      .map((day) => finding("DAY_LOST", day, `The day's picture is gone${whereAside(day)}`)),
    ...days
      .filter(({ picture, record }) => picture === undefined && record !== undefined)
      .filter(({ day }) => (hadPicture(day) || isPutAside(day)) && !isHidden(day))
      .map(({ day, record }) =>
        finding("PICTURE_MISSING", day, `The day's picture is gone${whereAside(day)}`, record!.key),
      ),
    ...there
      .filter((day) => day > lastDayBegun(today))
      .map((day) => finding("DAY_TO_COME", day, "The day hasn't come yet: was a clock ahead when this was kept?")),
    ...findStretches([...there, ...missed, ...putAside].filter((day) => day <= today).sort()),
  ];
}

/**
 * Pictures whose name something else has, such as a folder: retention leaves nothing like that, however old the day is.
 * @param taken by day, what has such a name
 * @param found already
 */
export function findTaken(
  days: readonly DayFiles[],
  taken: ReadonlyMap<Day, string>,
  found: readonly Finding[],
): Finding[] {
  const told = new Set(found.filter(({ kind }) => kind === "PICTURE_MISSING").map(({ day }) => day));
  return days
    .filter(({ day, picture, record }) => taken.has(day) && !told.has(day) && picture === undefined && record)
    .map(({ day, record }) =>
      finding(
        "PICTURE_MISSING",
        day,
        `The day's picture is gone, and ${taken.get(day)} is something else`,
        record!.key,
      ),
    );
}

/**
 * May a day's picture be behind the one that the copies have of it, as on a disk that lost its last writes or went back to
 * a snapshot? Only the records can tell for sure.
 * @param sha256 of the picture
 */
export function mayBeBehind({ picture }: DayFiles, sha256: string, kept: KeptDay | undefined): boolean {
  return picture !== undefined && kept?.picture !== undefined && kept.picture.sha256 !== sha256;
}

/** A day whose record and picture are surely of an earlier plot than their copies. */
export async function findBehind(
  { day, picture, record, isOfPicture }: CheckedDay,
  kept: KeptDay | undefined,
  copies: Copies | undefined,
): Promise<Finding[]> {
  if (picture === undefined || picture.damage !== undefined || record === undefined || !isOfPicture) return [];
  const copy = await findCopiedRecord(day, copies);
  if (copy === undefined || !isOfLaterPlot(copy.record, record)) return [];
  // Within a day, times only grow; but a snapshot may have been put back with new ones.
  const isWrittenLater = kept?.picture !== undefined && kept.picture.modifiedMs > picture.modifiedMs;
  if (!isWrittenLater && !isFetchedLater(copy.record, record)) return [];
  return [finding("DAY_BEHIND", day, "The backup has a later plot of the day", picture.key)];
}

/** Stretches of days that nothing tells of. Those before the first one and after the last one aren't known of. */
function* findStretches(known: readonly Day[]): Generator<Finding> {
  for (const [at, day] of known.entries()) {
    const before = known[at - 1];
    const count = before === undefined ? 0 : daysBetween(before, day) - 1;
    if (before === undefined || count === 0) continue;
    const first = addDays(before, 1);
    const message = count === 1 ? `No file of ${first}` : `No file from ${first} to ${addDays(day, -1)}: ${count} days`;
    yield finding("DAY_MISSING", first, message);
  }
}

function finding(kind: Finding["kind"], day: Day, message: string, file?: string): Finding {
  return { kind, day, file, message, repaired: false };
}
