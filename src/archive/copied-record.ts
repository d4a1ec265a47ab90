/**
 * The copy of a day's record: what still tells of a day whose own record is lost, damaged, or says less than it did.
 */
import type { Day } from "../model/day.ts";
import { KnownError } from "../model/errors.ts";
import type { Copies } from "./copies.ts";
import { freshnessOf, isFresher } from "./freshness.ts";
import { recordKey } from "./keys.ts";
import { MAX_RECORD_BYTES, parseRecord } from "./record-file.ts";
import type { DayRecord } from "./record.ts";

export interface CopiedRecord {
  record: DayRecord;
  bytes: Uint8Array;
}

/**
 * `undefined` where there is none that is whole, or it can't be had now.
 * @param options.onProblem hears why it can't be had
 */
export async function findCopiedRecord(
  day: Day,
  copies: Pick<Copies, "findCopy"> | undefined,
  { signal, onProblem }: { signal?: AbortSignal | undefined; onProblem?: (problem: KnownError) => void } = {},
): Promise<CopiedRecord | undefined> {
  try {
    const bytes = await copies?.findCopy(recordKey(day), MAX_RECORD_BYTES, signal);
    return bytes && { record: parseRecord(day, bytes), bytes };
  } catch (error) {
    if (!(error instanceof KnownError) || signal?.aborted) throw error;
    onProblem?.(error);
    return undefined;
  }
}

/** Was the one surely fetched after the other? The time of a picture at hand is its file's, whenever it was kept. */
export function isFetchedLater(copy: DayRecord, record: DayRecord): boolean {
  if (copy.source === undefined || record.source === undefined) return false;
  if ([copy, record].some(({ source }) => source!.url.startsWith("file:"))) return false;
  return copy.source.fetchedMs > record.source.fetchedMs;
}

/**
 * Is a copy surely of a later plot than the day's record? Both must tell where theirs came from: a file's time alone tells
 * nothing, as a clock may have been set back, and other tools write times of their own.
 */
export function isOfLaterPlot(copy: DayRecord, record: DayRecord): boolean {
  if (copy.source === undefined || record.source === undefined) return false;
  if (copy.picture.sha256 === record.picture.sha256) return false;
  return isFresher(freshnessOf({ ...copy, ...copy.source }), freshnessOf({ ...record, ...record.source }));
}
