/**
 * Copies: good files of the archive that are kept elsewhere, such as in a backup.
 * Owns the interface that a repair asks; whoever keeps copies implements it.
 */
import type { Day } from "../model/day.ts";

export interface Copies {
  /**
   * The bytes of a file as they were kept, `undefined` when there is no copy. Whoever asks checks them: a copy may be
   * older than the archive's file, or damaged itself.
   * @param key as in the archive: `2025/11/04/etna_20251104.png.gz`, also of records
   * @throws {KnownError} when the copies can't be read now
   */
  findCopy(key: string, limitBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * Days of which a picture or a record is kept: the archive had them once.
   * @throws {KnownError} when the copies can't be read now
   */
  listKept(signal?: AbortSignal): Promise<KeptDay[]>;
}

export interface KeptDay {
  day: Day;
  /** The day's picture as it was copied, by the sha256 of the PNG itself; `undefined` where nothing tells of it. */
  picture?: { sha256: string; modifiedMs: number } | undefined;
}
