/**
 * The copy of a day's record: what still tells of a day whose own record is lost, damaged, or says less than it did.
 */
import type { Day } from "../model/day.ts";
import { KnownError } from "../model/errors.ts";
import type { Copies } from "./copies.ts";
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
  copies: Copies | undefined,
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
