/**
 * Indexing: what the archive holds for a day, put into the catalog.
 * Owns the way from picture and record to the catalog's rows.
 */
import type { Logger } from "pino";
import type { Archive, ArchivedDay, DayFiles } from "../archive/archive.ts";
import type { DayRecord } from "../archive/record.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogDay } from "../catalog/days.ts";
import type { CatalogReading } from "../catalog/readings.ts";
import type { Day } from "../model/day.ts";
import { KnownError, StoreFailed } from "../model/errors.ts";

export interface IndexParts {
  archive: Archive;
  catalog: Catalog;
  log: Logger;
}

/**
 * Looks at a day's files again and puts what its record says into the catalog.
 * @param onUnread hears, once the rest is put, why they can't be read now
 */
export async function indexDay(
  day: Day,
  parts: IndexParts,
  onUnread = (err: StoreFailed): void => sayUnread([{ day, err }], parts),
): Promise<CatalogDay | undefined> {
  for await (const files of parts.archive.survey({ from: day, to: day })) {
    const known = await findRecordOf(files, parts);
    const picture = putFiles(files, known, parts);
    if (known instanceof StoreFailed) onUnread(known);
    return picture;
  }
  parts.catalog.putDay(day, undefined, undefined);
  return undefined;
}

/** What is known of a day beside its files' names. */
export interface KnownRecord {
  record: DayRecord;
  /** Is it of the picture that the day has now? Its samples are true either way. */
  isOfPicture: boolean;
}

/** An error where the disk or the bucket doesn't give now what would tell: the day is looked at again. */
export type Known = KnownRecord | StoreFailed | undefined;

/**
 * The record of a day's files. One that is older than the picture may be of the picture before it (a writer was
 * stopped between the two, or somebody put another one there), so then the picture itself is asked.
 */
export async function findRecordOf({ day, picture, record: file }: DayFiles, parts: IndexParts): Promise<Known> {
  try {
    const record = file && (await findReadableRecord(day, parts));
    if (record === undefined) return undefined;
    if (picture === undefined || picture.modifiedMs <= file!.modifiedMs) return { record, isOfPicture: true };
    return { record, isOfPicture: (await findSha256(day, parts)) === record.picture.sha256 };
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    return error;
  }
}

async function findSha256(day: Day, { archive }: IndexParts): Promise<string | undefined> {
  try {
    return (await archive.get(day)).sha256;
  } catch (error) {
    if (error instanceof KnownError && !(error instanceof StoreFailed)) return undefined;
    throw error;
  }
}

/**
 * Days that are put at once: many enough for SQLite, and few enough for whoever waits meanwhile, and for what they say to
 * be thrown away young. What a collector must move costs as much as the reading.
 */
const BATCH_DAYS = 12;
/** Records that are read ahead. A store takes its time, and SQLite the processor's: so the one answers while the other works. */
const DAYS_AHEAD = 24;

/**
 * Puts what the records of many days say, some days at a time, beside their names, which are in the catalog already.
 * What somebody else puts of a day meanwhile, such as a run that archives it, is newer and stands.
 * @returns how many of them could be read
 */
export async function indexMany(days: readonly DayFiles[], parts: IndexParts, signal?: AbortSignal): Promise<number> {
  const { catalog } = parts;
  /** Told once for all, as they are looked at again each minute. */
  const failed: { day: Day; err: StoreFailed }[] = [];
  const isOvertaken = (day: Day): boolean => catalog.listSeen({ from: day, to: day }).size > 0;
  const ahead: Promise<readonly [DayFiles, Known]>[] = [];
  let next = 0;
  function readOn(): void {
    while (ahead.length < DAYS_AHEAD && next < days.length) {
      const files = days[next++]!;
      const read = findRecordOf(files, parts).then((record) => [files, record] as const);
      read.catch(() => {}); // told when it is waited for
      ahead.push(read);
    }
  }
  for (let done = 0; done < days.length;) {
    signal?.throwIfAborted();
    const batch: (readonly [DayFiles, Known])[] = [];
    while (batch.length < BATCH_DAYS && done + batch.length < days.length) {
      readOn();
      batch.push(await ahead.shift()!);
    }
    readOn();
    for (const [{ day }, known] of batch) if (known instanceof StoreFailed) failed.push({ day, err: known });
    catalog.transaction(() => {
      for (const [files, record] of batch) if (!isOvertaken(files.day)) putFiles(files, record, parts);
    });
    done += batch.length;
  }
  if (failed.length > 0) sayUnread(failed, parts);
  return days.length - failed.length;
}

function sayUnread(failed: readonly { day: Day; err: StoreFailed }[], { log }: Pick<IndexParts, "log">): void {
  log.warn({ ...failed[0], days: failed.length }, "files of days can't be read now");
}

/** Puts a day of which all is known. Of one that can't be read now, what was known of its numbers stays. */
export function putFiles(
  files: DayFiles,
  known: Known,
  { catalog }: Pick<IndexParts, "catalog">,
): CatalogDay | undefined {
  if (known instanceof StoreFailed) {
    const named = files.picture && nameOf(files.picture, catalog);
    catalog.putPicture(files.day, named);
    return named;
  }
  const picture = files.picture && toCatalogDay(files.picture, known?.isOfPicture ? known.record : undefined);
  catalog.transaction(() => {
    catalog.putDay(files.day, picture, toCatalogReading(files.day, known?.record), describeFiles(files));
    if (known?.isOfPicture) catalog.sealDay(files.day);
  });
  return picture;
}

/** A picture of which nothing was read yet: what is known of this very file stays until it is. */
export function nameOf(archived: ArchivedDay, catalog: Pick<Catalog, "findDay">): CatalogDay {
  const known = catalog.findDay(archived.day);
  return isSamePicture(known, archived) ? known! : toCatalogDay(archived, undefined);
}

/** Is it the same file, as far as its name, size and time tell? */
export function isSamePicture(a: NamedPicture | undefined, b: NamedPicture | undefined): boolean {
  return a?.key === b?.key && a?.size === b?.size && a?.modifiedMs === b?.modifiedMs;
}
type NamedPicture = Pick<ArchivedDay, "key" | "size" | "modifiedMs">;

/** Puts a day whose picture can't be read, so that nobody tries again before its files change or all is rebuilt. */
export function putUnreadable(
  files: DayFiles,
  { version, problem }: { version: number; problem: string },
  { catalog }: Pick<IndexParts, "catalog">,
): void {
  const unknown = { station: undefined, fetchedMs: undefined, calibration: undefined, fidelity: undefined };
  const reading = { day: files.day, digitizerVersion: version, trusted: false, ...unknown, problem, samples: [] };
  const picture = files.picture && toCatalogDay(files.picture, undefined);
  catalog.putDay(files.day, picture, reading, describeFiles(files));
}

/** Names, sizes and times of a day's files: while this text stays the same, so does what is in them. */
export function describeFiles({ picture, record }: DayFiles): string {
  return JSON.stringify([picture?.key, picture?.size, picture?.modifiedMs, record?.size, record?.modifiedMs]);
}

/** Is the picture newer than the record? @param described by `describeFiles` */
export function isUnfinished(described: string): boolean {
  const [picture, , pictureMs, , recordMs] = JSON.parse(described) as [string | null, ...(number | null)[]];
  return picture !== null && pictureMs != null && recordMs != null && pictureMs > recordMs;
}

/** A record that can't be parsed counts as none here: it keeps neither its picture nor other days from being served. */
async function findReadableRecord(day: Day, { archive, log }: IndexParts): Promise<DayRecord | undefined> {
  try {
    return await archive.findRecord(day);
  } catch (error) {
    if (!(error instanceof KnownError) || error instanceof StoreFailed) throw error;
    log.warn({ day, err: error }, "passing over a record that can't be read");
    return undefined;
  }
}

export function toCatalogDay(archived: ArchivedDay, record: DayRecord | undefined): CatalogDay {
  const { day, key, size, compressed, modifiedMs } = archived;
  return {
    day,
    key,
    size,
    compressed,
    modifiedMs,
    sha256: record?.picture.sha256,
    widthPx: record?.picture.widthPx,
    heightPx: record?.picture.heightPx,
    sourceUrl: record?.source?.url,
    fetchedMs: record?.source?.fetchedMs,
    etag: record?.source?.version.etag,
    lastModified: record?.source?.version.lastModified,
    station: record?.reading?.station,
    window: record?.reading?.window,
    stale: record?.stale ?? false,
  };
}

export function toCatalogReading(day: Day, record: DayRecord | undefined): CatalogReading | undefined {
  if (record?.reading === undefined) return undefined;
  const { reading } = record;
  return {
    day,
    digitizerVersion: reading.version,
    trusted: reading.trusted,
    station: reading.station,
    fetchedMs: fetchedMsOf(record),
    calibration: reading.calibration,
    fidelity: reading.fidelity,
    problem: reading.problems.length > 0 ? reading.problems.join("; ") : undefined,
    pictureSha256: record.picture.sha256,
    samples: reading.samples,
  };
}

/** When the source sent it. Of a picture that was at hand only the file's time is known, which a copy changes. */
function fetchedMsOf({ source }: DayRecord): number | undefined {
  return source === undefined || source.url.startsWith("file:") ? undefined : source.fetchedMs;
}
