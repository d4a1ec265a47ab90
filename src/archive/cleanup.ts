/**
 * Cleaning up: removes what retention lets go, and what stopped writers left.
 * Owns the removing; `retention.ts` owns the rule.
 */
import { FIRST_DAY, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import type { Archive, CleanedUp, CleanupPolicy } from "./archive.ts";
import { LEFTOVER_AFTER_MS, parseKey } from "./keys.ts";
import { lastExpiredDay } from "./retention.ts";
import type { Store, StoredFile } from "./store.ts";

/** Days removed under one lock: other writers wait no longer than for these. */
const DAYS_AT_ONCE = 32;

export function createCleanup(store: Store, clock: () => number): Archive["cleanup"] {
  return async ({ today, retentionDays, keepSeries, dryRun = false, mayGo, beforeRemoval, onRemoved, signal }) => {
    const expired = await listExpired({ today, retentionDays, keepSeries });
    if (dryRun) return answer([...expired], dryRun);
    const stay = mayGo !== undefined && expired.size > 0 && !(await mayGo([...expired.keys()]));
    const days = stay ? [] : [...expired];

    const removed: [Day, StoredFile[]][] = [];
    const failures: StoreFailed[] = [];
    for (let at = 0; at < days.length; at += DAYS_AT_ONCE) {
      signal?.throwIfAborted();
      const batch = days.slice(at, at + DAYS_AT_ONCE);
      const staying = await beforeRemoval?.(dayNames(batch), days.length - at - batch.length);
      const gone: typeof removed = [];
      await store.exclusively(async () => {
        for (const [day, files] of batch) {
          if (staying?.has(day)) continue;
          const same = staying === undefined ? files : await findUnchanged(files);
          gone.push([day, await removeFiles(same, failures)]);
        }
      }, signal);
      removed.push(...gone);
      await onRemoved?.(dayNames(gone));
    }
    await store.exclusively(() => store.sweep(clock() - LEFTOVER_AFTER_MS), signal);
    if (failures[0] !== undefined) throw failures[0];
    return answer(removed, dryRun);
  };

  /** The files to let go, by day, the oldest day first. */
  async function listExpired({ today, retentionDays, keepSeries }: CleanupPolicy): Promise<Map<Day, StoredFile[]>> {
    const expired = new Map<Day, StoredFile[]>();
    const last = lastExpiredDay(today, retentionDays);
    if (last === undefined) return expired;
    for await (const file of store.list(FIRST_DAY, last, "oldest-first")) {
      const { day, kind } = parseKey(file.key)!;
      if (kind !== "json" || !keepSeries) expired.set(day, [...(expired.get(day) ?? []), file]);
    }
    return expired;
  }

  async function findUnchanged(files: readonly StoredFile[]): Promise<StoredFile[]> {
    const now = await Promise.all(files.map(({ key }) => store.find(key)));
    return files.filter(({ size, modifiedMs }, at) => now[at]?.size === size && now[at].modifiedMs === modifiedMs);
  }

  /** Answers the files that were still there: another cleanup may have been faster. */
  async function removeFiles(files: readonly StoredFile[], failures: StoreFailed[]): Promise<StoredFile[]> {
    const removed: StoredFile[] = [];
    for (const file of files)
      try {
        if (await store.remove(file.key)) removed.push(file);
      } catch (error) {
        if (!(error instanceof StoreFailed)) throw error;
        failures.push(error);
      }
    return removed;
  }
}

const dayNames = (days: readonly [Day, unknown][]): Day[] => days.map(([day]) => day);

function answer(removed: readonly [Day, StoredFile[]][], dryRun: boolean): CleanedUp {
  const gone = removed.filter(([, files]) => files.length > 0);
  const freedBytes = gone.flatMap(([, files]) => files).reduce((sum, { size }) => sum + size, 0);
  return { days: dayNames(gone), freedBytes, dryRun };
}
