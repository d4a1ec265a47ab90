/**
 * The archive: for each UTC day one picture and one record, and how we know that they are whole.
 * Owns the interface; `create-archive.ts` joins the parts that keep its promises.
 */
import type { Day } from "../model/day.ts";
import type { ArchiveDamaged } from "../model/errors.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import type { CheckedPng } from "../model/png.ts";
import type { Copies } from "./copies.ts";
import type { Finding } from "./findings.ts";
import type { DayRecord, RecordHead } from "./record.ts";
import type { Oddity, Order } from "./store.ts";

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

/** A day's picture, whole or not. */
export interface OpenedPicture extends ArchivedPlot {
  /** Of the file, where it is a gzip. */
  gzipSha256: string | undefined;
  /** Its size in pixels, where no record says it. */
  checked: CheckedPng | undefined;
  damage: ArchiveDamaged | undefined;
}

/**
 * Why a picture that lies under a day is another day's, in words; `undefined` where nothing tells that. Asked of one that
 * is newer than the day's record and another than this names.
 */
export type WhyMisplaced = (
  picture: Pick<ArchivedPlot, "day" | "png" | "sha256" | "modifiedMs">,
  record: Pick<DayRecord, "reading">,
) => Promise<string | undefined>;

/** What tells which picture a day should have, and since when: its record, or where that is lost, a copy of it. */
export interface NamedPicture extends Pick<DayRecord, "reading"> {
  picture: { sha256: string };
  /** Of the record. */
  modifiedMs: number;
}

/** A picture as its record named it. */
export interface KnownPicture {
  key: string;
  compressed: boolean;
  sha256: string;
}

/** What there is of one day, as its names tell. */
export interface DayFiles {
  day: Day;
  picture: ArchivedDay | undefined;
  /** The older one where a day has both a `.png` and a `.png.gz`. */
  spare: ArchivedDay | undefined;
  record: { key: string; size: number; modifiedMs: number } | undefined;
}

export interface DayRange {
  from?: Day;
  to?: Day;
  /** Default: the oldest first. */
  order?: Order;
}

export interface SaveOptions {
  /** Gzip it; default: the archive's own setting. */
  compress?: boolean;
  /** Save even where the day holds a fresher plot. */
  force?: boolean;
  /** Keep the day's plot where nothing tells which of the two is fresher; default: the one that comes replaces it. */
  yieldsOnTie?: boolean;
  /** What was read in the plot; without it the record says that nothing was read yet. */
  reading?: Digitization;
  /** Gives up waiting for the lock; a save under way is finished. */
  signal?: AbortSignal;
}

/** What a save did. UNCHANGED: the same bytes were there already, or a fresher plot stays. */
export interface Saved {
  outcome: "ARCHIVED" | "UNCHANGED";
  /** Why UNCHANGED, in words; else undefined. */
  reason: string | undefined;
  archived: ArchivedDay;
  /** Of the picture that the day has now, exactly as a later `findRecord` reads it. */
  record: DayRecord;
}

export interface MendOptions {
  digitizerVersion: number;
  /**
   * Digitizes; called only where neither the record, nor a copy of one that is lost, holds a reading of this picture by
   * `digitizerVersion` or a later one.
   */
  read: (png: Uint8Array, fetchedMs: number) => Promise<Digitization>;
  /** Where the picture of this sha256 came from, for a day whose record has gone. */
  known?: { sha256: string; source: NonNullable<DayRecord["source"]> } | undefined;
  /**
   * The picture is about to go, so the record must survive a power cut without it: one that was written since this
   * instant, and may not have reached the disk, is written again. Default: what the picture can tell again may be lost.
   */
  lastsAloneSinceMs?: number;
  /** Hears of the record's file when it was written. */
  onWritten?: (file: NonNullable<DayFiles["record"]>) => void;
  signal?: AbortSignal;
}

/** A day whose files are whole beyond doubt, as a glance tells. */
export interface SoundDay {
  /** Of its record. */
  head: RecordHead;
  /** Bytes on disk that were read. */
  bytes: number;
}

/** What was found of a day, with all that a repair needs. */
export interface CheckedDay {
  day: Day;
  findings: Finding[];
  /** Bytes on disk that were read. */
  bytes: number;
  picture: OpenedPicture | undefined;
  /** Where it is whole. */
  record: DayRecord | undefined;
  /** Is the record of the picture that the day has? */
  isOfPicture: boolean;
}

export interface RepairOptions {
  copies?: Copies | undefined;
  /**
   * What is gone of the day and should be there, to be brought back from the copies: the picture beside its record, or
   * the whole day. RECORD: of a day whose picture retention has let go. LATER: another picture than the day has, and its
   * record.
   */
  missing?: "PICTURE" | "RECORD" | "DAY" | "LATER" | undefined;
  signal?: AbortSignal | undefined;
}

export interface CleanupPolicy {
  today: Day;
  /** Days kept, today included; -1 keeps all. */
  retentionDays: number;
  /** Keep the records of the days whose pictures go. */
  keepSeries: boolean;
  /** Only say what would go. */
  dryRun?: boolean;
  /** Asked once it is known which days are to go, where any are; where it answers false, all of them stay. */
  mayGo?: (days: readonly Day[]) => Promise<boolean>;
  /**
   * Waited for before the pictures of these days go, some days at a time; `left` days follow. A picture that is another
   * one by then stays. @returns the days whose pictures stay after all
   */
  beforeRemoval?: (days: readonly Day[], left: number) => Promise<ReadonlySet<Day>>;
  /** Hears of the days whose pictures went, some days at a time. */
  onRemoved?: (days: readonly Day[]) => Promise<void>;
  signal?: AbortSignal;
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
   * @throws {PlotRejected} when it isn't a whole PNG, or of a fresher one the numbers are there and no whole picture
   * @throws {StoreFailed} and the day has its old picture or, where only the last step failed, the new one
   */
  save(day: Day, plot: FetchedPlot, options?: SaveOptions): Promise<Saved>;

  /** Which picture the day has; `undefined` when it has none. Looks at names only. */
  find(day: Day): Promise<ArchivedDay | undefined>;
  exists(day: Day): Promise<boolean>;

  /**
   * The day's picture, decompressed and checked against its record.
   * @param known what the caller remembers of it; where the file is still that one, no other is asked for
   * @throws {DayNotFound} @throws {ArchiveDamaged} @throws {StoreFailed}
   */
  get(day: Day, known?: KnownPicture): Promise<ArchivedPlot>;

  /** The days with a picture, from `from` to `to`, both included. */
  list(range?: DayRange): AsyncIterable<ArchivedDay>;

  /**
   * All that there is, picture or record, by names and times: for whoever follows what changed.
   * @param onUnreadable hears of each folder and file that can't be read
   */
  survey(range?: DayRange, onUnreadable?: (oddity: Oddity) => void): AsyncIterable<DayFiles>;

  /** The day's record; `undefined` when it has none. @throws {ArchiveDamaged} when it can't be parsed */
  findRecord(day: Day): Promise<DayRecord | undefined>;

  /**
   * Makes the day's record match its picture: writes what is missing or out of date and leaves a good one alone. Where
   * a copy of a lost one tells that the picture is another day's, that copy is put back, and the picture is damage.
   * @throws {DayNotFound} when there is no picture
   * @throws {ArchiveDamaged} when the picture isn't whole or another day's, or its record is a newer program's
   */
  mendRecord(day: Day, options: MendOptions): Promise<DayRecord>;

  /**
   * Tells the day's record where its picture came from, if it doesn't say so. Leaves it as it is where it is of another
   * picture than this, or the day has another.
   */
  mendSource(day: Day, known: NonNullable<MendOptions["known"]>, signal?: AbortSignal): Promise<void>;

  /**
   * Lets go of the pictures older than `retentionDays`, and sweeps what stopped writers left more than an hour ago.
   * What can't be removed doesn't keep the rest from going.
   * @throws {StoreFailed} at the end, when something couldn't be removed
   */
  cleanup(policy: CleanupPolicy): Promise<CleanedUp>;

  /** Reads all that there is of a day and says what is wrong with it. Takes no lock and changes nothing. */
  check(files: DayFiles): Promise<CheckedDay>;

  /** Is all of it whole beyond doubt? `undefined` where only `check` can tell, and say what is wrong. Far faster. */
  glance(files: DayFiles): Promise<SoundDay | undefined>;

  /**
   * Mends the files of a day from copies, under the lock, and moves what is damaged to the quarantine. A record that
   * is to be read from its picture again is left to `mendRecord`.
   * @returns what is found now, each with whether it was mended
   * @throws {StoreFailed} when something could not be written: it is damaged still, or in quarantine
   */
  repair(day: Day, options?: RepairOptions): Promise<Finding[]>;

  /** Damaged pictures that were put aside, by day, each with where it lies. @throws {StoreFailed} when that can't be read */
  findQuarantined(): Promise<Map<Day, string>>;

  /** What lies among the archive's files and is none of them; nothing where a store can't tell. */
  listOddities(): AsyncIterable<Oddity>;

  /** Removes temporary files that nobody has written to for an hour; answers how many. */
  sweep(signal?: AbortSignal): Promise<number>;

  /** Is there no trace of a writer in the store, as far as it can tell? */
  isUntouched(): Promise<boolean>;
  checkWritable(): Promise<void>;
  freeBytes(): Promise<number | undefined>;
}
