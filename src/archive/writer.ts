/**
 * Writing to the archive: keeping a day's plot, and making its record match.
 * Every change happens under the store's lock, picture first and record second, so that a stop at any instant leaves
 * the old day, the new day, or a picture newer than its record.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Day } from "../model/day.ts";
import { ArchiveDamaged, DayNotFound, PlotRejected } from "../model/errors.ts";
import type { FetchedPlot } from "../model/plot.ts";
import type { Archive, ArchivedDay, MendOptions, OpenedPicture, Saved, SaveOptions, WhyMisplaced } from "./archive.ts";
import { findCopiedRecord } from "./copied-record.ts";
import type { Copies } from "./copies.ts";
import { freshnessOf, freshnessOfPicture, freshnessOfRecord, isFresher, whyKept, type Freshness } from "./freshness.ts";
import { pictureKey, recordKey } from "./keys.ts";
import { bareRecord, encodeRecord, isStaleRecord, recordOf, withGzip } from "./make-record.ts";
import { putAsideDamaged } from "./put-aside.ts";
import { GZIP_LEVEL, sha256Of, type DayContents, type Reader } from "./reader.ts";
import { NewerRecord } from "./record-file.ts";
import { readingVersionOf, type DayRecord } from "./record.ts";
import type { Store, StoredFile, WriteOptions } from "./store.ts";

const deflate = promisify(gzip);

interface PutOptions extends Pick<WriteOptions, "isReplaceable"> {
  onWritten?: MendOptions["onWritten"] | undefined;
  signal?: AbortSignal | undefined;
}

export function createWriter(
  store: Store,
  { find, readContents }: Pick<Reader, "find" | "readContents">,
  {
    compressByDefault,
    copies,
    whyMisplaced,
  }: { compressByDefault: boolean; copies?: Copies | undefined; whyMisplaced?: WhyMisplaced | undefined },
): Pick<Archive, "save" | "mendRecord" | "mendSource"> {
  async function save(day: Day, plot: FetchedPlot, options: SaveOptions = {}): Promise<Saved> {
    const { compress = compressByDefault, force = false, yieldsOnTie = false, reading, signal } = options;
    // As it will be read again: numbers that no record can hold tell nothing of the plot either.
    const fresh = encodeRecord(recordOf(day, plot, reading)).asRead;
    const bytes = compress ? await deflate(plot.png, { level: GZIP_LEVEL }) : plot.png;

    return await store.exclusively(async () => {
      const kept = await readContents(day);
      const picture = kept.picture?.damage === undefined ? kept.picture : undefined;
      if (picture?.sha256 === fresh.picture.sha256) {
        await removeVariant(day, !picture.compressed);
        const record = await mendAfterSave(kept, picture, fresh);
        return { outcome: "UNCHANGED", reason: "the day has this very plot", archived: archivedDay(picture), record };
      }
      const [known, coming] = [
        picture === undefined ? freshnessOfLost(kept, fresh) : freshnessOfPicture(picture, kept.record),
        freshnessOf({ ...plot, day, reading: fresh.reading }),
      ];
      const isTie = known !== undefined && yieldsOnTie && !isFresher(coming, known);
      const whyTie = isTie ? "nothing tells that the plot is fresher than the day's" : undefined;
      const reason = known && !force ? (whyKept(known, coming) ?? whyTie) : undefined;
      if (picture === undefined && reason !== undefined)
        throw new PlotRejected(`${reason}; of that its numbers alone are left, and they stay`);
      if (picture !== undefined && reason !== undefined) {
        const record = await mendAfterSave(kept, picture, bareRecord(picture));
        return { outcome: "UNCHANGED", reason, archived: archivedDay(picture), record };
      }
      await putAsideDamaged(store, day, kept);
      const { key, size, modifiedMs } = await store.write(pictureKey(day, compress), bytes);
      await removeVariant(day, !compress);
      // A picture that was lost or let go comes back beside its own record, which may know more of it.
      const isOwn = kept.record?.picture.sha256 === fresh.picture.sha256;
      const told = isOwn ? completed(kept.record!, fresh) : fresh;
      const record = await writeRecord(withGzip(told, compress ? sha256Of(bytes) : undefined));
      const archived = { day, key, size, compressed: compress, modifiedMs };
      return { outcome: "ARCHIVED", reason: undefined, archived, record };
    }, signal);
  }

  /** A day has one picture: the other variant goes once the one that stays is safe. */
  async function removeVariant(day: Day, compressed: boolean): Promise<void> {
    await store.remove(pictureKey(day, compressed));
  }

  /** The day's record after a save that left its picture alone: mended where it says less than is known now. */
  async function mendAfterSave(kept: DayContents, picture: OpenedPicture, known: DayRecord): Promise<DayRecord> {
    if (kept.recordProblem instanceof NewerRecord) return known;
    const { record } = kept;
    await putAsideDamaged(store, known.day, kept);
    if (record?.picture.sha256 !== picture.sha256) return await writeRecord(withGzip(known, picture.gzipSha256));
    const told = completed(record, known);
    return told === record ? record : await writeRecord(told);
  }

  async function mendRecord(day: Day, options: MendOptions): Promise<DayRecord> {
    const { digitizerVersion, read, known, lastsAloneSinceMs, onWritten, signal } = options;
    for (;;) {
      signal?.throwIfAborted();
      const contents = await readContents(day);
      const { picture, record, recordProblem, recordFile } = contents;
      if (picture === undefined) throw new DayNotFound(day);
      if (picture.damage !== undefined) throw picture.damage;
      if (recordProblem instanceof NewerRecord) throw recordProblem;
      // A record of another picture may be an older one that a lost write has left.
      const isOwn = record?.picture.sha256 === picture.sha256;
      const copy = isOwn ? undefined : await findCopiedRecord(day, copies, { signal });
      if (record === undefined && copy !== undefined && copy.record.picture.sha256 !== picture.sha256) {
        const why = await whyMisplaced?.(picture, copy.record);
        if (why !== undefined) {
          if (!(await putRecord(day, contents, copy.bytes, { signal }))) continue;
          throw new ArchiveDamaged(day, `the picture isn't the one that its record names: ${why}`);
        }
      }
      // The picture may be in another gzip by now.
      const copied = copy && withGzip(copy.record, picture.gzipSha256);
      const kept = [record, copied].find((some) => some?.picture.sha256 === picture.sha256);
      const named = kept ?? bareRecord(picture, known);
      const isRead = readingVersionOf(named) >= digitizerVersion;
      const isGood = isRead && named === record;
      if (isGood && !(recordFile!.modifiedMs >= (lastsAloneSinceMs ?? Infinity))) return record;

      // Digitizing takes its time, and other writers need not wait for it.
      const source = named.source ?? { fetchedMs: picture.modifiedMs, version: {} };
      const reading = isRead ? named.reading : await read(picture.png, source.fetchedMs);
      const stale = isRead ? named.stale : isStaleRecord(day, source, reading);
      const isAsCopied = isRead && named === copied && copied?.picture.gzipSha256 === copy?.record.picture.gzipSha256;
      const { bytes, asRead } = isAsCopied
        ? { bytes: copy!.bytes, asRead: named }
        : encodeRecord({ ...named, reading, stale });
      // Where none was, all that it says can be had from the picture again, while that stays.
      const isReplaceable = recordFile === undefined && lastsAloneSinceMs === undefined;
      if (await putRecord(day, contents, bytes, { isReplaceable, onWritten, signal })) return asRead;
    }
  }

  /** Writes a day's record, unless another writer has been at the day since its contents were read. */
  async function putRecord(
    day: Day,
    { picture, recordProblem, recordFile }: DayContents,
    bytes: Uint8Array,
    { isReplaceable = false, onWritten, signal }: PutOptions,
  ): Promise<boolean> {
    return await store.exclusively(async () => {
      const now = await Promise.all([find(day), store.find(recordKey(day))]);
      if (!isSameVersion(now[0], picture) || !isSameVersion(now[1], recordFile)) return false;
      await putAsideDamaged(store, day, { recordProblem });
      const file = await store.write(recordKey(day), bytes, { isReplaceable });
      onWritten?.(file);
      return true;
    }, signal);
  }

  async function mendSource(
    day: Day,
    { sha256, source }: NonNullable<MendOptions["known"]>,
    signal?: AbortSignal,
  ): Promise<void> {
    await store.exclusively(async () => {
      const { picture, record } = await readContents(day);
      if (record === undefined || record.source !== undefined || record.picture.sha256 !== sha256) return;
      if (picture !== undefined && (picture.damage !== undefined || picture.sha256 !== sha256)) return;
      await writeRecord({ ...record, source, stale: isStaleRecord(day, source, record.reading) });
    }, signal);
  }

  async function writeRecord(record: DayRecord): Promise<DayRecord> {
    const { bytes, asRead } = encodeRecord(record);
    await store.write(recordKey(record.day), bytes);
    return asRead;
  }

  return { save, mendRecord, mendSource };
}

/** The record itself, unless `known`, which is of the same picture, says what it doesn't. */
function completed(record: DayRecord, known: DayRecord): DayRecord {
  const source = record.source ?? known.source;
  const reading = readingVersionOf(known) > readingVersionOf(record) ? known.reading : record.reading;
  if (source === record.source && reading === record.reading) return record;
  return { ...record, source, reading, stale: isStaleRecord(record.day, source, reading) };
}

/** Each write shows another time, so that what looks the same is the same. */
function isSameVersion(a: StoredFile | undefined, b: StoredFile | undefined): boolean {
  return a?.key === b?.key && a?.size === b?.size && a?.modifiedMs === b?.modifiedMs;
}

/** Of a plot whose picture was lost, or let go: where its record has numbers, they are all that there is of it. */
function freshnessOfLost({ record }: DayContents, { picture }: DayRecord): Freshness | undefined {
  if (record === undefined || record.picture.sha256 === picture.sha256) return undefined;
  const lost = freshnessOfRecord(record);
  return lost.showsTremor ? lost : undefined;
}

function archivedDay({ day, key, size, compressed, modifiedMs }: OpenedPicture): ArchivedDay {
  return { day, key, size, compressed, modifiedMs };
}
