/**
 * Backup targets: where copies of the archive's files are kept, by key. A folder and an S3 prefix are both targets.
 * A target knows names and bytes; `mirror.ts` knows what belongs there. Keys are those of the archive (`keys.ts`), with
 * `.age` behind them where the copy is encrypted, and `manifests/NAME`.
 */
import type { StoreFailed } from "../model/errors.ts";
import { parseKey } from "./keys.ts";

export interface TargetFile {
  key: string;
  /** A temporary file that a stopped writer left: none of the backup's, and to be removed by who holds the lock. */
  leftover: boolean;
}

export interface BackupTarget {
  /** How people are told of it. */
  readonly name: string;

  /** Where copies are files of a folder: its path, for who reads very many of them by means of its own. */
  readonly folder?: string;

  /**
   * The names of all that is the backup's. Looks into no file. Whatever isn't ours is passed over.
   * @param skips folders, such as `2025/11/04`, of which nothing need be named
   * @param onUnreadable hears of each folder that can't be read, and the others are looked at; without it that is thrown
   * @throws {StoreFailed} when it can't be listed at all
   */
  list(
    skips?: (folder: string) => boolean,
    onUnreadable?: (folder: string, error: StoreFailed) => void,
  ): AsyncIterable<TargetFile>;

  /** @throws {StoreFailed} when it is there but can't be read, or is larger than `limitBytes` */
  read(key: string, limitBytes: number): Promise<Uint8Array | undefined>;

  /**
   * Writes a whole file and makes sure that these bytes are what is there now. Until then readers find the old one.
   * @param modifiedMs the file's time, where the target can set it
   * @throws {NameTaken} when something else has its name, or that of its folder @throws {StoreFailed}
   */
  write(key: string, bytes: Uint8Array, modifiedMs?: number): Promise<void>;

  /** False when there was none. */
  remove(key: string): Promise<boolean>;

  /**
   * Runs `work` while no other backup to this target runs its own, in this process or another.
   * @throws {StoreFailed} when the lock can't be had, or nothing can be written here
   */
  exclusively<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

const AGE = ".age";

/** The key of a copy: that of the file, and how it is encrypted. */
export function storedKey(key: string, encrypted: boolean): string {
  return encrypted ? key + AGE : key;
}

/** A file's copies in both forms, plain and encrypted: a target may have either. */
export function storedKeys(key: string): string[] {
  return [storedKey(key, false), storedKey(key, true)];
}

/** Which file of the archive a key of a target is a copy of; `undefined` when it is none. */
export function parseStoredKey(stored: string): { key: string; encrypted: boolean } | undefined {
  const encrypted = stored.endsWith(AGE);
  const key = encrypted ? stored.slice(0, -AGE.length) : stored;
  return parseKey(key) && { key, encrypted };
}

/** The folder of the manifests within a target. */
export const MANIFESTS = "manifests";
