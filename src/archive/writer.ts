/**
 * Writing to the archive: keeping a day's plot, and making its record match.
 * Every change happens under the store's lock, picture first and record second, so that a stop at any instant leaves
 * the old day, the new day, or a picture newer than its record.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Day } from "../model/day.ts";
import { DayNotFound, KnownError, PlotRejected } from "../model/errors.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import { checkPng } from "../model/png.ts";
import type { Archive, ArchivedDay, MendOptions, OpenedPicture, Saved, SaveOptions } from "./archive.ts";
import type { Copies } from "./copies.ts";
import { freshnessOf, isFresher, isStale, whyKept, type Freshness } from "./freshness.ts";
import { pictureKey, recordKey } from "./keys.ts";
import { GZIP_LEVEL, MAX_PICTURE_BYTES, sha256Of, type DayContents, type Reader } from "./reader.ts";
import { formatRecord, MAX_RECORD_BYTES, NewerRecord, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";
import type { Store, StoredFile } from "./store.ts";

const deflate = promisify(gzip);

/** A copy of a day's record. */
interface KeptRecord {
  record: DayRecord;
  /** Where they say just that: the picture may be in another gzip by now. */
  bytes: Uint8Array | undefined;
}

export function createWriter(
  store: Store,
  { find, readContents }: Pick<Reader, "find" | "readContents">,
  { compressByDefault, copies }: { compressByDefault: boolean; copies?: Copies | undefined },
): Pick<Archive, "save" | "mendRecord"> {
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
        picture && freshnessOfKept(kept, picture),
        freshnessOf({ ...plot, reading: fresh.reading }),
      ];
      const isTie = known !== undefined && yieldsOnTie && !isFresher(coming, known);
      const whyTie = isTie ? "nothing tells that the plot is fresher than the day's" : undefined;
      const reason = known && !force ? (whyKept(known, coming) ?? whyTie) : undefined;
      if (picture !== undefined && reason !== undefined) {
        const record = await mendAfterSave(kept, picture, bareRecord(picture));
        return { outcome: "UNCHANGED", reason, archived: archivedDay(picture), record };
      }
      const { key, size, modifiedMs } = await store.write(pictureKey(day, compress), bytes);
      await removeVariant(day, !compress);
      const record = await writeRecord(compress ? withGzip(fresh, sha256Of(bytes)) : fresh);
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
    if (record?.picture.sha256 !== picture.sha256) return await writeRecord(withGzip(known, picture.gzipSha256));
    const source = record.source ?? known.source;
    const reading = versionOf(known) > versionOf(record) ? known.reading : record.reading;
    if (source === record.source && reading === record.reading) return record;
    return await writeRecord({ ...record, source, reading, stale: isStaleRecord(source, reading) });
  }

  async function mendRecord(day: Day, options: MendOptions): Promise<DayRecord> {
    const { digitizerVersion, read, known, lastsAloneSinceMs, onWritten, signal } = options;
    for (;;) {
      signal?.throwIfAborted();
      const { picture, record, recordProblem, recordFile } = await readContents(day);
      if (picture === undefined) throw new DayNotFound(day);
      if (picture.damage !== undefined) throw picture.damage;
      if (recordProblem instanceof NewerRecord) throw recordProblem;
      const copy = record === undefined ? await findCopy(picture, signal) : undefined;
      const kept = [record, copy?.record].find((some) => some?.picture.sha256 === picture.sha256);
      const named = kept ?? bareRecord(picture, known);
      const isRead = versionOf(named) >= digitizerVersion;
      const isGood = isRead && named === record;
      if (isGood && !(recordFile!.modifiedMs >= (lastsAloneSinceMs ?? Infinity))) return record;

      // Digitizing takes its time, and other writers need not wait for it.
      const source = named.source ?? { fetchedMs: picture.modifiedMs, version: {} };
      const reading = isRead ? named.reading : await read(picture.png, source.fetchedMs);
      const stale = isRead ? named.stale : isStaleRecord(source, reading);
      const written = await store.exclusively(async () => {
        const now = await Promise.all([find(day), store.find(recordKey(day))]);
        if (!isSameFile(now[0], picture) || !isSameFile(now[1], recordFile)) return undefined;
        // Where none was, all that it says can be had from the picture again, while that stays.
        const asKept = isRead && named === copy?.record ? copy.bytes : undefined;
        const { bytes, asRead } = asKept
          ? { bytes: asKept, asRead: named }
          : encodeRecord({ ...named, reading, stale });
        // A damaged one is never written over: it may be all that still tells where its picture came from.
        if (recordProblem !== undefined) await store.quarantine(recordKey(day));
        const isReplaceable = recordFile === undefined && lastsAloneSinceMs === undefined;
        const file = await store.write(recordKey(day), bytes, { isReplaceable });
        onWritten?.(file);
        return asRead;
      }, signal);
      if (written !== undefined) return written;
    }
  }

  /** A day's record that was kept elsewhere; where that can't be had, all but its source is in the picture. */
  async function findCopy({ day, gzipSha256 }: OpenedPicture, signal?: AbortSignal): Promise<KeptRecord | undefined> {
    try {
      const bytes = await copies?.findCopy(recordKey(day), MAX_RECORD_BYTES, signal);
      if (bytes === undefined) return undefined;
      const record = parseRecord(day, bytes);
      return record.picture.gzipSha256 === gzipSha256
        ? { record, bytes }
        : { record: withGzip(record, gzipSha256), bytes: undefined };
    } catch (error) {
      if (!(error instanceof KnownError) || signal?.aborted) throw error;
      return undefined;
    }
  }

  async function writeRecord(record: DayRecord): Promise<DayRecord> {
    const { bytes, asRead } = encodeRecord(record);
    await store.write(recordKey(record.day), bytes);
    return asRead;
  }

  return { save, mendRecord };
}

/** Each write shows another time, so that what looks the same is the same. */
function isSameFile(a: StoredFile | undefined, b: StoredFile | undefined): boolean {
  return a?.key === b?.key && a?.size === b?.size && a?.modifiedMs === b?.modifiedMs;
}

/** The record as it will be read again, so that what is made from it now is the same then. */
function encodeRecord(record: DayRecord): { bytes: Uint8Array; asRead: DayRecord } {
  try {
    return encodeAsIs(record);
  } catch (cause) {
    const { reading } = record;
    if (reading === undefined) throw cause;
    // A picture that shows absurd numbers is kept all the same, and its reading says why they are left out.
    return encodeAsIs({ ...record, reading: withoutNumbers(reading) });
  }
}

/** @throws whatever keeps it from being written, or read again */
function encodeAsIs(record: DayRecord): { bytes: Uint8Array; asRead: DayRecord } {
  const bytes = formatRecord(record);
  return { bytes, asRead: parseRecord(record.day, bytes) };
}

function withoutNumbers(reading: Digitization): Digitization {
  const problems = [...reading.problems, "What was read in it is no series of tremor that a record could hold"];
  const none = { window: undefined, calibration: undefined, fidelity: undefined };
  return { ...reading, ...none, samples: [], gaps: [], joins: [], trusted: false, problems };
}

/** @throws {PlotRejected} when it isn't a whole PNG within the limits */
function recordOf(day: Day, plot: FetchedPlot, reading: SaveOptions["reading"]): DayRecord {
  const { png, sourceUrl, fetchedMs, version } = plot;
  if (png.length > MAX_PICTURE_BYTES)
    throw new PlotRejected(`found ${png.length} bytes, need at most ${MAX_PICTURE_BYTES}`);
  const { widthPx, heightPx } = checkPng(png);
  return {
    day,
    picture: { sha256: sha256Of(png), sizeBytes: png.length, widthPx, heightPx },
    source: { url: sourceUrl, fetchedMs, version },
    reading,
    stale: isStaleRecord({ fetchedMs, version }, reading),
  };
}

/** All that a picture alone says, and where it came from if somebody knows that. */
function bareRecord({ day, png, sha256, gzipSha256, checked }: OpenedPicture, known?: MendOptions["known"]): DayRecord {
  const { widthPx, heightPx } = checked ?? checkPng(png);
  const picture = { sha256, sizeBytes: png.length, widthPx, heightPx };
  const source = known?.sha256 === sha256 ? known.source : undefined;
  const bare = { day, picture, source, reading: undefined, stale: false };
  return withGzip(bare, gzipSha256);
}

/** The same record, of a picture in such a gzip or in none. */
function withGzip(record: DayRecord, gzipSha256: string | undefined): DayRecord {
  return { ...record, picture: { ...record.picture, gzipSha256 } };
}

function freshnessOfKept({ record }: DayContents, { sha256, modifiedMs }: OpenedPicture): Freshness {
  const named = record?.picture.sha256 === sha256 ? record : undefined;
  const source = named?.source ?? { fetchedMs: modifiedMs, version: {} };
  return freshnessOf({ ...source, reading: named?.reading });
}

function isStaleRecord(
  source: Pick<FetchedPlot, "fetchedMs" | "version"> | undefined,
  reading?: Digitization,
): boolean {
  return source !== undefined && isStale(freshnessOf({ ...source, reading }));
}

/** 0 where nothing was read. */
function versionOf(record: DayRecord): number {
  return record.reading?.version ?? 0;
}

function archivedDay({ day, key, size, compressed, modifiedMs }: OpenedPicture): ArchivedDay {
  return { day, key, size, compressed, modifiedMs };
}
