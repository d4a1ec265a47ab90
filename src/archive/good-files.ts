/**
 * Good files of one day, for its repair: from the day's other picture, or from the copies.
 * Owns what counts as good, and why there is none; `repair-day.ts` puts them into their place.
 */
import type { Day } from "../model/day.ts";
import { CopyDamaged, KnownError } from "../model/errors.ts";
import type { ArchivedDay, RepairOptions } from "./archive.ts";
import { otherKey } from "./check-day.ts";
import { findCopiedRecord, type CopiedRecord } from "./copied-record.ts";
import { MAX_PICTURE_BYTES, openPicture, readOurs } from "./reader.ts";
import type { DayRecord } from "./record.ts";
import type { Store } from "./store.ts";

/** A file that will be put in the place of a damaged one. */
export interface Replacement {
  key: string;
  bytes: Uint8Array;
}

type PictureName = Pick<ArchivedDay, "day" | "key" | "compressed">;

export interface GoodFiles {
  /** A good picture of the day: its other variant in the archive, else a copy. */
  findPicture(of: PictureName, record: DayRecord | undefined): Promise<Replacement | undefined>;
  /** The day's record as it was copied, where that is whole. */
  findRecordCopy(day: Day): Promise<CopiedRecord | undefined>;
  /** Whole or not. */
  findCopy(key: string, limitBytes: number): Promise<Uint8Array | undefined>;
  /** That there is no good copy, in words, and why one that there may be couldn't be read. */
  tellNone(): string;
  /** May there be a copy that couldn't be read, as where the backup's disk or the identity isn't at hand? */
  mayBeHadLater(): boolean;
}

export function createGoodFiles(store: Store, { copies, signal }: Pick<RepairOptions, "copies" | "signal">): GoodFiles {
  /** Why a copy that there may be couldn't be read. */
  let copyProblem: KnownError | undefined;
  let mayBeHadLater = false;

  async function findCopy(key: string, limitBytes: number): Promise<Uint8Array | undefined> {
    try {
      return await copies?.findCopy(key, limitBytes, signal);
    } catch (error) {
      if (!(error instanceof KnownError) || signal?.aborted) throw error;
      copyProblem = error; // as good as no copy, and said where no other is found
      mayBeHadLater ||= !(error instanceof CopyDamaged);
      return undefined;
    }
  }

  async function findPicture(
    { day, key, compressed }: PictureName,
    record: DayRecord | undefined,
  ): Promise<Replacement | undefined> {
    const other = otherKey({ day, compressed });
    for (const candidate of [
      { key: other, bytes: (await readOurs(store, other, MAX_PICTURE_BYTES))?.bytes },
      { key, bytes: await findCopy(key, MAX_PICTURE_BYTES) },
      { key: other, bytes: await findCopy(other, MAX_PICTURE_BYTES) },
    ]) {
      if (candidate.bytes === undefined) continue;
      const archived = {
        day,
        key: candidate.key,
        compressed: candidate.key.endsWith(".gz"),
        size: candidate.bytes.length,
        modifiedMs: 0,
      };
      // A time before the record's: only the very picture that the record names will do.
      const opened = await openPicture(archived, candidate.bytes, record && { ...record, modifiedMs: 1 });
      if (opened.damage === undefined) return { key: candidate.key, bytes: candidate.bytes };
    }
    return undefined;
  }

  function tellNone(): string {
    return `there is no good copy of it${copyProblem === undefined ? "" : ` (${copyProblem.message})`}`;
  }

  return {
    findPicture,
    findRecordCopy: (day) => findCopiedRecord(day, { findCopy }, { signal }),
    findCopy,
    tellNone,
    mayBeHadLater: () => mayBeHadLater,
  };
}
