/**
 * Repairing one day: puts back what can be had again, and moves what is damaged out of the way.
 * Nothing is deleted: what is replaced lies in quarantine afterwards. Records are read anew from their pictures by
 * `mendRecord`; that needs a digitizer, and is the caller's.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Day } from "../model/day.ts";
import type { Archive, CheckedDay, DayFiles, OpenedPicture, RepairOptions } from "./archive.ts";
import { isOtherGzip } from "./check-day.ts";
import { isOfLaterPlot } from "./copied-record.ts";
import type { Finding, FindingKind } from "./findings.ts";
import { createGoodFiles, type Replacement } from "./good-files.ts";
import { pictureKey, recordKey } from "./keys.ts";
import { withGzip } from "./make-record.ts";
import { dayFiles, GZIP_LEVEL, MAX_PICTURE_BYTES, sha256Of } from "./reader.ts";
import { formatRecord, MAX_RECORD_BYTES } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Store } from "./store.ts";

const deflate = promisify(gzip);

interface Looks extends Pick<Archive, "check"> {
  /** The day's files as they are. */
  survey(): Promise<DayFiles | undefined>;
}

/**
 * Mends the files of a day that was found damaged. Looks again under the lock: another writer may have been faster.
 * @returns what was found then, each with whether it was mended; records that are to be read anew aren't yet
 * @throws {StoreFailed} when something could not be written: what was damaged is damaged still, or in quarantine
 */
export async function repairDay(
  day: Day,
  { survey, check }: Looks,
  store: Store,
  { copies, missing, signal }: RepairOptions,
): Promise<Finding[]> {
  const { findPicture, findRecordCopy, findCopy, tellNone, mayBeHadLater } = createGoodFiles(store, { copies, signal });
  let hasPutPicture = false;

  return await store.exclusively(async () => {
    const surveyed = await survey();
    if (surveyed === undefined && (missing === "DAY" || missing === "RECORD")) return [await bringBackDay()];
    const files = surveyed ?? dayFiles(day, []);
    let checked = await check(files);
    const record = await repairRecord(checked);
    const [mended] = checked.findings.filter(({ kind, repaired }) => isOfRecord(kind) && repaired);
    if (mended !== undefined) {
      // Only now can be told whether the picture is the one that the record names.
      checked = await check((await survey()) ?? files);
      checked.findings.push(mended);
    }
    for (const finding of checked.findings) {
      if (finding.kind === "PICTURE_DAMAGED") await repairPicture(finding, checked.picture!, record);
      if (finding.kind === "GZIP_DAMAGED") await repairGzip(finding, checked.picture!, record!);
    }
    if (missing === "PICTURE" && files.picture === undefined && record !== undefined)
      checked.findings.push(await bringBackPicture(record));
    if (missing === "LATER" && checked.picture?.damage === undefined && checked.isOfPicture && record !== undefined)
      checked.findings.push(...(await bringBackLater(checked.picture!, record)));
    if (record !== undefined) await keepNewest(recordKey(day));
    return checked.findings;
  }, signal);

  /**
   * A day's record is its newest file, as after a save: else whatever is put over its picture later, with the picture's
   * time, would count as a newer plot of the day.
   */
  async function keepNewest(key: string): Promise<void> {
    if (!hasPutPicture) return;
    const file = await store.read(key, MAX_RECORD_BYTES);
    if (file !== undefined) await store.write(key, file.bytes);
  }

  /** Nothing is found where the day has got its later picture meanwhile. */
  async function bringBackLater(picture: OpenedPicture, record: DayRecord): Promise<Finding[]> {
    const message = "The backup has a later plot of the day";
    const finding: Finding = { kind: "DAY_BEHIND", day, file: picture.key, message, repaired: false };
    const isBack = await putBackPair(finding, picture, record);
    return isBack || finding.repaired ? [finding] : [];
  }

  async function bringBackPicture(record: DayRecord): Promise<Finding> {
    const replacement = await findPicture({ day, key: pictureKey(day, false), compressed: false }, record);
    const repaired = replacement !== undefined;
    const message = repaired ? "The day's picture was gone" : `The day's picture is gone, and ${tellNone()}`;
    const finding: Finding = { kind: "PICTURE_MISSING", day, file: recordKey(day), message, repaired };
    if (repaired) await bringBack(finding, replacement);
    return finding;
  }

  /** The picture first, as a day is always written. A record alone is what retention leaves of a day: it has the numbers. */
  async function bringBackDay(): Promise<Finding> {
    const copy = await findRecordCopy(day);
    const isWhole = missing === "RECORD" && copy !== undefined;
    const picture = isWhole
      ? undefined
      : await findPicture({ day, key: pictureKey(day, false), compressed: false }, copy?.record);
    const repaired = isWhole || picture !== undefined;
    const message = repaired ? "All files of the day were gone" : `The day's picture is gone, and ${tellNone()}`;
    const finding: Finding = { kind: "DAY_LOST", day, file: undefined, message, repaired };
    if (picture !== undefined) await bringBack(finding, picture);
    if (copy !== undefined) await bringBack(finding, { key: recordKey(day), bytes: copy.bytes });
    return finding;
  }

  /** The day's record, mended from a copy where that can be. */
  async function repairRecord({ day, findings, picture, record }: CheckedDay): Promise<DayRecord | undefined> {
    const finding = findings.find(({ kind }) => isOfRecord(kind));
    if (finding === undefined) return record;
    const key = recordKey(day);
    const copy = await findRecordCopy(day);
    // A copy of another picture's record is older than what the picture itself says.
    const fits =
      picture === undefined || picture.damage !== undefined || copy?.record.picture.sha256 === picture.sha256;
    if (copy !== undefined && fits) {
      await replace(finding, key, { key, bytes: copy.bytes });
      return copy.record;
    }
    if (picture !== undefined && picture.damage === undefined) {
      // Now it has none, and is read again from its picture.
      await putAside(finding, key);
      return undefined;
    }
    finding.message += "; there is no copy of it, and no picture to read it from";
    return undefined;
  }

  async function repairPicture(finding: Finding, picture: OpenedPicture, record: DayRecord | undefined): Promise<void> {
    const replacement = await findPicture(picture, record);
    if (replacement !== undefined) return await replace(finding, picture.key, replacement);
    // The record may be the one that is wrong, such as an older one that a lost write has left.
    if (record !== undefined && (await putBackPair(finding, picture, record))) return;
    // It stays while a copy may be had later, which takes its place at once then.
    if (!mayBeHadLater()) await putAside(finding, picture.key);
    finding.message += `; ${tellNone()}`;
  }

  /** Puts back picture and record as they were copied, where these are surely of a later plot than the day's record. */
  async function putBackPair(finding: Finding, picture: OpenedPicture, record: DayRecord): Promise<boolean> {
    const key = recordKey(day);
    const copy = await findRecordCopy(day);
    if (copy === undefined || !isOfLaterPlot(copy.record, record)) return false;
    const isThere = copy.record.picture.sha256 === picture.sha256;
    const good = isThere ? undefined : await findPicture(picture, copy.record);
    if (good === undefined && !isThere) return false;
    if (good !== undefined) await replace(finding, picture.key, good);
    await replace(finding, key, { key, bytes: copy.bytes });
    return true;
  }

  /** The picture inside is whole, so at worst it is gzipped anew. */
  async function repairGzip(finding: Finding, picture: OpenedPicture, record: DayRecord): Promise<void> {
    const { key } = picture;
    const copy = await findCopy(key, MAX_PICTURE_BYTES);
    const anew = await deflate(picture.png, { level: GZIP_LEVEL });
    const written = record.picture.gzipSha256;
    const same = [copy, anew].find((bytes) => bytes !== undefined && sha256Of(bytes) === written);
    await replace(finding, key, { key, bytes: same ?? anew });
    if (same !== undefined) return;
    if (isOtherGzip(picture, record)) await store.write(recordKey(day), formatRecord(withGzip(record, sha256Of(anew))));
  }

  /** A stop at any instant leaves the day a picture, be it the damaged one: where none is left, it may be missed by nobody. */
  async function replace(finding: Finding, key: string, { key: goodKey, bytes }: Replacement): Promise<void> {
    const isReplaced = goodKey === key;
    if (isReplaced) await putAside(finding, key, isReplaced);
    // Written even where it is there as the other variant: so it is the day's newest file, whatever its time was.
    await store.write(goodKey, bytes);
    if (!isReplaced) await putAside(finding, key);
    hasPutPicture ||= goodKey !== recordKey(day);
    finding.repaired = true;
  }

  /** Where no file is, something else may have its name. */
  async function bringBack(finding: Finding, { key, bytes }: Replacement): Promise<void> {
    const aside = await store.quarantine(key);
    if (aside !== undefined) finding.message += `; what had its name lies in ${aside} now`;
    await store.write(key, bytes);
    hasPutPicture ||= key !== recordKey(day);
  }

  async function putAside(finding: Finding, key: string, isReplaced?: boolean): Promise<void> {
    const aside = await store.quarantine(key, isReplaced);
    if (aside !== undefined) finding.message += `; it lies in ${aside} now`;
  }
}

function isOfRecord(kind: FindingKind): boolean {
  return kind === "RECORD_DAMAGED" || kind === "RECORD_MISSING";
}
