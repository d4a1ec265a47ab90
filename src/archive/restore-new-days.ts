/**
 * The days that a restore may copy file by file: those that the archive has nothing of, and of which a plain backup in a
 * folder has just what its last manifest names. That is nearly all of them when a tree is restored that was lost.
 */
import type { Day } from "../model/day.ts";
import { bytesOf, type DayToCopy } from "./fs-bulk-days.ts";
import type { BulkWriter } from "./fs-bulk.ts";
import { dayOfFolder, folderOf } from "./keys.ts";
import type { Known } from "./known-manifests.ts";
import type { Entry } from "./manifest.ts";
import { isRecordNewest, recordLast } from "./restore-order.ts";
import type { Store } from "./store.ts";

export interface CopiedDays {
  /** The oldest first. */
  days: Day[];
  files: number;
  bytes: number;
}

/** Written, and synced, at once: so much that it is seldom done, and other writers don't wait for long. */
const BYTES_AT_ONCE = 256 << 20;

/** A day is held in memory; larger ones are none of the usual. */
const MOST_BYTES_A_DAY = 16 << 20;

/** @param isWanted of the day: in the range, and nothing of it is in the archive */
export function findDaysToCopy({ last, pending }: Known, isWanted: (day: Day) => boolean): DayToCopy[] {
  // What a stopped run was about to do says that a copy may be one of two.
  if (last === undefined || pending.length > 0) return [];
  const days: DayToCopy[] = [];
  for (const [folder, entries] of Map.groupBy(last.entries, ({ key }) => folderOf(key)))
    if (isWanted(dayOfFolder(folder)) && canBeCopied(entries))
      days.push({
        folder,
        files: recordLast(entries).map(({ key, size, sha256, modifiedMs }) => {
          return { name: key.slice(folder.length + 1), size, sha256, modifiedMs };
        }),
      });
  return days.sort((a, b) => (a.folder < b.folder ? -1 : 1));
}

/**
 * @param options.onCopied hears of each number of days that are done with
 * @param options.meanwhile is called once the copying goes on by itself
 * @throws {StoreFailed} what was copied until then stays
 */
export async function copyNewDays(
  { store, bulk, from, signal }: { store: Store; bulk: BulkWriter; from: string; signal: AbortSignal | undefined },
  days: readonly DayToCopy[],
  { onCopied, meanwhile }: { onCopied: (days: number) => void; meanwhile: () => void },
): Promise<CopiedDays> {
  const copied: CopiedDays = { days: [], files: 0, bytes: 0 };
  for (const lot of lotsOf(days)) {
    const onShare = (count: number): void => {
      onCopied(count);
      signal?.throwIfAborted();
    };
    const work = (): Promise<string[]> => {
      const copying = bulk.copyNew(from, lot, onShare);
      meanwhile();
      return copying;
    };
    const left = new Set(await store.exclusively(work, signal));
    for (const { folder, files } of lot) {
      if (left.has(folder)) continue;
      copied.days.push(dayOfFolder(folder));
      copied.files += files.length;
      copied.bytes += bytesOf(files);
    }
  }
  return copied;
}

function canBeCopied(entries: readonly Entry[]): boolean {
  return (
    entries.every(({ stored }) => stored === undefined) &&
    isRecordNewest(entries) &&
    bytesOf(entries) <= MOST_BYTES_A_DAY
  );
}

function* lotsOf(days: readonly DayToCopy[]): Generator<DayToCopy[]> {
  let lot: DayToCopy[] = [];
  let bytes = 0;
  for (const day of days) {
    lot.push(day);
    bytes += bytesOf(day.files);
    if (bytes < BYTES_AT_ONCE) continue;
    yield lot;
    lot = [];
    bytes = 0;
  }
  if (lot.length > 0) yield lot;
}
