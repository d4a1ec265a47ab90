/**
 * The archive: for each UTC day one picture and one record, and how we know that they are whole.
 * Owns the rules of what replaces what; a store does the writing.
 */
import type { Day } from "../model/day.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import type { DayRecord } from "./record.ts";

/** The picture of one day, as it is kept. */
export interface ArchivedDay {
  day: Day;
  /** Relative to the base. */
  key: string;
  /** Bytes on disk. */
  size: number;
  compressed: boolean;
  modifiedMs: number;
}

/** A picture's own bytes, checked. */
export interface ArchivedPlot extends ArchivedDay {
  png: Uint8Array;
  /** Of `png`, lower-case hex. */
  sha256: string;
}

export interface SaveOptions {
  /** Gzip it; default: the archive's own setting. */
  compress?: boolean;
  /** Save even where the day holds a fresher plot. */
  force?: boolean;
  /** What was read in the plot; without it the record says that nothing was read yet. */
  reading?: Digitization;
}

/** What a save did. UNCHANGED: the same bytes were there already, or a fresher plot stays. */
export interface Saved {
  outcome: "ARCHIVED" | "UNCHANGED";
  /** Why UNCHANGED, in words; else undefined. */
  reason: string | undefined;
  archived: ArchivedDay;
  record: DayRecord;
}

export interface CleanedUp {
  /** Oldest first. */
  days: Day[];
  /** Bytes on disk. */
  freedBytes: number;
  dryRun: boolean;
}

export interface Archive {
  /**
   * Keeps a plot for a day, under the store's lock, unless a fresher one is there.
   * @throws {PlotRejected} when it isn't a whole PNG
   * @throws {StoreFailed} and the day is as it was
   */
  save(day: Day, plot: FetchedPlot, options?: SaveOptions): Promise<Saved>;

  /** Which picture the day has; `undefined` when it has none. Looks at names only. */
  find(day: Day): Promise<ArchivedDay | undefined>;
  exists(day: Day): Promise<boolean>;

  /**
   * The day's picture, decompressed and checked against its record.
   * @throws {DayNotFound} @throws {ArchiveDamaged} @throws {StoreFailed}
   */
  get(day: Day): Promise<ArchivedPlot>;

  /** The days with a picture, from `from` to `to`, both included. */
  list(range?: { from?: Day; to?: Day; order?: "oldest-first" | "newest-first" }): AsyncIterable<ArchivedDay>;

  /** The day's record; `undefined` when it has none. @throws {ArchiveDamaged} when it can't be parsed */
  findRecord(day: Day): Promise<DayRecord | undefined>;

  /** Days that have a record, with or without a picture. */
  listRecords(range?: { from?: Day; to?: Day }): AsyncIterable<Day>;

  /**
   * Makes the day's record match its picture: writes what is missing or out of date and leaves a good one alone.
   * `read` digitizes; it is called only where the record holds no reading of this picture by `digitizerVersion`.
   * @throws {DayNotFound} when there is no picture
   */
  mendRecord(
    day: Day,
    options: { digitizerVersion: number; read: (png: Uint8Array, fetchedMs: number) => Promise<Digitization> },
  ): Promise<DayRecord>;

  /** Lets go of the pictures older than `retentionDays`, today included; -1 keeps all. */
  cleanup(policy: { today: Day; retentionDays: number; keepSeries: boolean; dryRun?: boolean }): Promise<CleanedUp>;

  checkWritable(): Promise<void>;
  freeBytes(): Promise<number | undefined>;
}
