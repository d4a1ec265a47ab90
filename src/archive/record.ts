/**
 * The record: what a day's picture alone can't say, kept as JSON beside it.
 * Owns the noun; `record-file.ts` owns its form on disk.
 */
import type { Day } from "../model/day.ts";
import type { Digitization, PlotVersion } from "../model/plot.ts";

/** Of the form on disk. A record of a higher version is a newer program's. */
export const RECORD_VERSION = 1;

export interface DayRecord extends RecordHead {
  /** `undefined` until a digitizer has looked at it. */
  reading: Digitization | undefined;
}

/** All of it but what was read in the picture, which is by far the most. */
export interface RecordHead {
  day: Day;
  picture: {
    /** Of the PNG's own bytes, lower-case hex. */
    sha256: string;
    /** Bytes of the PNG itself, not of a gzip around it. */
    sizeBytes: number;
    /** Of the gzip around it, as it was written; absent where it is kept plain, or a program that didn't look wrote it. */
    gzipSha256?: string | undefined;
    widthPx: number;
    heightPx: number;
  };
  /** Where it came from; `undefined` for a picture found without a record. */
  source: { url: string; fetchedMs: number; version: PlotVersion } | undefined;
  /** The end of its axis, or Last-Modified, lies more than six hours before it was fetched. */
  stale: boolean;
}

/** Of the digitizer that has read the picture; 0 where none has. */
export function readingVersionOf(record: DayRecord | undefined): number {
  return record?.reading?.version ?? 0;
}
