/**
 * Making records: of a plot that comes, or of a picture alone, and their bytes.
 * Owns what a new record says; `record-file.ts` has its form, `writer.ts` keeps it.
 */
import type { Day } from "../model/day.ts";
import { PlotRejected } from "../model/errors.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import { checkPng } from "../model/png.ts";
import type { MendOptions, OpenedPicture, SaveOptions } from "./archive.ts";
import { freshnessOf, isStale } from "./freshness.ts";
import { MAX_PICTURE_BYTES, sha256Of } from "./reader.ts";
import { formatRecord, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";

/** @throws {PlotRejected} when it isn't a whole PNG within the limits */
export function recordOf(day: Day, plot: FetchedPlot, reading: SaveOptions["reading"]): DayRecord {
  const { png, sourceUrl, fetchedMs, version } = plot;
  if (png.length > MAX_PICTURE_BYTES)
    throw new PlotRejected(`found ${png.length} bytes, need at most ${MAX_PICTURE_BYTES}`);
  const { widthPx, heightPx } = checkPng(png);
  return {
    day,
    picture: { sha256: sha256Of(png), sizeBytes: png.length, widthPx, heightPx },
    source: { url: sourceUrl, fetchedMs, version },
    reading,
    stale: isStaleRecord(day, { fetchedMs, version }, reading),
  };
}

/** All that a picture alone says, and where it came from if somebody knows that. */
export function bareRecord(
  { day, png, sha256, gzipSha256, checked }: OpenedPicture,
  known?: MendOptions["known"],
): DayRecord {
  const { widthPx, heightPx } = checked ?? checkPng(png);
  const picture = { sha256, sizeBytes: png.length, widthPx, heightPx };
  const source = known?.sha256 === sha256 ? known.source : undefined;
  const bare = { day, picture, source, reading: undefined, stale: false };
  return withGzip(bare, gzipSha256);
}

/** The same record, of a picture in such a gzip or in none. */
export function withGzip(record: DayRecord, gzipSha256: string | undefined): DayRecord {
  return { ...record, picture: { ...record.picture, gzipSha256 } };
}

/** Was the plot old already when it was fetched? */
export function isStaleRecord(
  day: Day,
  source: Pick<FetchedPlot, "fetchedMs" | "version"> | undefined,
  reading?: Digitization,
): boolean {
  return source !== undefined && isStale(freshnessOf({ ...source, day, reading }));
}

/** The record as it will be read again, so that what is made from it now is the same then. */
export function encodeRecord(record: DayRecord): { bytes: Uint8Array; asRead: DayRecord } {
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
