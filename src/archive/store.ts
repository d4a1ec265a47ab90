/**
 * Stores: where the archive's files are kept, by key. The folder tree of DESIGN's layout and an S3 bucket are
 * both stores; one contract suite holds for all. A store knows names and bytes, never what is inside.
 */
import type { Day } from "../model/day.ts";
import type { Lease } from "./lease.ts";

export type Order = "oldest-first" | "newest-first";

/** A file of our own names. */
export interface StoredFile {
  /** Relative to the base, with `/`: `2025/11/04/etna_20251104.png`. */
  key: string;
  /** Bytes as kept. */
  size: number;
  /** To the microsecond where the store knows it. */
  modifiedMs: number;
}

/** What lies among the archive's files and is none of them. */
export interface Oddity {
  /** Relative to the base. */
  key: string;
  /** FOREIGN: not of our names, or no regular file. LEFTOVER: a temporary file that nobody has written to for an hour. */
  kind: "FOREIGN" | "LEFTOVER" | "UNREADABLE";
  reason: string;
}

/** Tells which days of a store may have changed, at little cost. What it can't see is found by looking at all. */
export interface StoreChanges {
  /**
   * Days that came, changed or went since the call before, by day; `undefined` when that can't be told, so that all
   * must be looked at. The first call answers none.
   */
  take(): Promise<Day[] | undefined>;
}

/** What servers that share a store need of it beside its files. */
export interface SharedStore {
  /** Who holds it fetches and cleans up for all. */
  leadership: Lease;
  changes: StoreChanges;
  /** Can it elect one of many? `undefined`, or why not, in words. */
  whyNoElection(): Promise<string | undefined>;
}

export interface WriteOptions {
  /** A time of the past that it should get, where the store can set it, unless the day had a later one; default: now. */
  modifiedMs?: number | undefined;
  /** All that it says can be had again, so a power cut may take it: the file is then as it was, gone or cut off. */
  isReplaceable?: boolean;
}

export interface Store {
  readonly kind: "file" | "memory" | "s3";
  /** Only where servers on many machines may share it. */
  readonly shared?: SharedStore;

  /**
   * The files of our own names of the days from `from` to `to`, both included, ordered by day.
   * Opens only the folders inside the range, as the answer is asked for. What can't be read or isn't ours is skipped
   * (and logged once).
   * @param onUnreadable hears of each folder and file that can't be read
   * @throws {StoreFailed} when the base itself can't be read; a base that isn't there yet is empty
   */
  list(from: Day, to: Day, order: Order, onUnreadable?: (oddity: Oddity) => void): AsyncIterable<StoredFile>;

  /** Size and time of one file; `undefined` when there is no regular file of that name. */
  find(key: string): Promise<StoredFile | undefined>;

  /**
   * A file's bytes with its size and time; `undefined` when there is none.
   * @param room where the bytes may be put if they fit; they are good then until the caller uses it again
   * @throws {StoreFailed} when it is there but can't be read, or is larger than `limitBytes`
   */
  read(
    key: string,
    limitBytes: number,
    room?: Uint8Array<ArrayBuffer>,
  ): Promise<(StoredFile & { bytes: Uint8Array }) | undefined>;

  /**
   * Writes a whole file: after the promise resolves it survives a power cut; until then readers find the old one.
   * Its time isn't earlier than that of any file that the day had before (and is later where the store can set it).
   * @throws {StoreFailed} and what stands is whole: the old file, or the new one where only its last sync failed
   */
  write(key: string, bytes: Uint8Array, options?: WriteOptions): Promise<StoredFile>;

  /** Removes a file and the folders that it leaves empty. False when there was none. */
  remove(key: string): Promise<boolean>;

  /**
   * Moves a file, or whatever else has its name, as it is to `quarantine/`, below which nothing is listed, served or
   * swept. It keeps its key, with a number behind it where that name is taken there: nothing in quarantine is ever
   * written over. Call it inside of `exclusively`.
   * @param isReplaced another file will be written in its place: until then it stays there, too, where a store can do that,
   *   and asked once more, after that failed, has one name in quarantine
   * @returns where it lies now, relative to the base; `undefined` when nothing had that name
   */
  quarantine(key: string, isReplaced?: boolean): Promise<string | undefined>;

  /**
   * The files of our own names in quarantine, by those names; of several of one name, one. Ordered by day.
   * @throws {StoreFailed} when it can't be read
   */
  listQuarantine(): AsyncIterable<StoredFile>;

  /** Why no file can have this name, in words, such as that a folder has it; absent where nothing else can. */
  whyTaken?(key: string): Promise<string | undefined>;

  /** What else lies here; absent where a store can't tell. The quarantine and the lock are none of it. */
  listOddities?(): AsyncIterable<Oddity>;

  /**
   * Runs `work` while no other writer, in this process or another, runs its own on this store.
   * The lock dies with the process. Reads need none. `work` must not ask for the lock again: it would wait for itself.
   * @throws {StoreFailed} when the lock can't be had in time, or nothing can be written here
   */
  exclusively<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;

  /**
   * Removes leftover temporary files last written before `beforeMs`, and folders of ours that have been empty since
   * then; answers how many files. Call it inside of `exclusively`.
   */
  sweep(beforeMs: number): Promise<number>;

  /**
   * Is there no trace of a writer, as in an empty folder that a disk should be mounted on? Absent where a store can't
   * tell: then it is true of none.
   */
  isUntouched?(): Promise<boolean>;

  /** Can it be written to right now? Resolves, or throws the StoreFailed that says why not. */
  checkWritable(): Promise<void>;

  /** A URL that opens one file, for some time, to whoever has it. Only where clients can reach the store themselves. */
  signUrl?(key: string, seconds: number): Promise<string>;

  /** Bytes that can still be written; `undefined` where the store can't say. */
  freeBytes(): Promise<number | undefined>;

  /**
   * Is it there, and may it be read? Asked once, at the program's start.
   * @throws {CannotStart} when nothing but another set-up can help, in one line @throws {StoreFailed} when it may pass
   */
  checkUsable(): Promise<void>;
}
