/**
 * The cleanup job: lets go of the pictures that retention no longer keeps, in the archive and in the catalog.
 * Pictures expire, numbers stay: where records are kept, a picture that was never read, or by an older digitizer, is read
 * before it goes. Owns that and the catalog's side; which days go is the archive's rule.
 */
import type { CleanedUp } from "../archive/archive.ts";
import { forEachAtOnce } from "../archive/at-once.ts";
import { addDays, dayOf, daysBetween, type Day } from "../model/day.ts";
import { KnownError, ShutDown, StoreFailed } from "../model/errors.ts";
import { inTime, readOrSay } from "./digitizer.ts";
import { indexDay } from "./index-day.ts";
import type { MendParts } from "./mend-day.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface CleanUpParts extends MendParts {
  clock: () => number;
  policy: { retentionDays: number; keepSeries: boolean };
}

export interface CleanUpOptions {
  /** Default: as configured. */
  retentionDays?: number | undefined;
  dryRun?: boolean | undefined;
  /** Nobody asked for it: then it lets no more than a week go at once after a leap in the days. */
  unasked?: boolean | undefined;
  /** Told while pictures are read: the days that were looked at, and all that expired. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends it between two days; what was read until then is in the records. */
  signal?: AbortSignal | undefined;
}

/** Days of the record that are stitched at once: whoever asks meanwhile waits no longer than for these. */
const STITCH_DAYS = 8;
const PROGRESS_EVERY_MS = 60_000;
const WEEK_DAYS = 7;
/** Who archives by the month leaves no longer time between two pictures. */
const LEAP_DAYS = 31;
/** Much longer than any system keeps what was written in memory alone. */
const UNSYNCED_MS = 600_000;

/**
 * A picture whose record can't be written, or that the digitizer fails at (not: finds nothing in), stays for the next
 * cleanup. @throws what the first of these failed at, or {StoreFailed}, once all others are gone
 */
export async function cleanUp(
  parts: CleanUpParts,
  { retentionDays, dryRun = false, unasked = false, onProgress, signal }: CleanUpOptions = {},
): Promise<CleanedUp> {
  const { archive, catalog, clock, log, policy } = parts;
  const failures: unknown[] = [];
  const reader = createLastReader(parts, failures, { onProgress, signal });
  const cleaned = await archive.cleanup({
    today: dayOf(clock()),
    retentionDays: retentionDays ?? policy.retentionDays,
    keepSeries: policy.keepSeries,
    dryRun,
    ...(unasked && { mayGo: (days: readonly Day[]) => isUnhurried(days, parts) }),
    ...(policy.keepSeries && { beforeRemoval: reader }),
    onRemoved: (days) =>
      leniently(parts, async () => {
        for (const day of days) await indexDay(day, parts);
      }),
    ...(signal && { signal }),
  });
  if (!cleaned.dryRun && cleaned.days.length > 0) {
    log.info({ deleted: cleaned.days.length, freedBytes: cleaned.freedBytes }, "old pictures deleted");
    await leniently(parts, () => stitchPending(catalog, { signal, daysAtOnce: STITCH_DAYS }), signal);
  }
  if (failures.length > 0) throw failures[0];
  return cleaned;
}

/** Cleanups that are asked for: whoever asked may have left, so that closing the connections waits for none of them. */
export interface Cleanups extends AsyncDisposable {
  cleanUp(options: CleanUpOptions): Promise<CleanedUp>;
}

/** Closing it waits for those that are under way. @param signal ends them between two days */
export function createCleanups(parts: CleanUpParts, signal: AbortSignal): Cleanups {
  const underWay = new Set<Promise<CleanedUp>>();
  return {
    async cleanUp(options) {
      const work = cleanUp(parts, { ...options, signal });
      underWay.add(work);
      return await work.finally(() => underWay.delete(work));
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(underWay);
    },
  };
}

/**
 * May so many days go though nobody asked for it? A clock that leaps ahead makes many pictures old at once, and so does a
 * first run after a long rest: so after a leap in the days, a week of pictures must be there first.
 */
async function isUnhurried(days: readonly Day[], { archive, clock, log, policy }: CleanUpParts): Promise<boolean> {
  if (days.length <= WEEK_DAYS) return true;
  const known = [days.at(-1)!];
  for await (const { day } of archive.list({ from: addDays(known[0]!, 1), to: dayOf(clock()) })) known.push(day);
  const leap = known.findLastIndex((day, at) => at > 0 && daysBetween(known[at - 1]!, day) > LEAP_DAYS);
  const since = known.length - leap;
  if (leap === -1 || since >= Math.min(WEEK_DAYS, policy.retentionDays)) return true;
  const told = { expired: days.length, oldest: days[0], newest: days.at(-1), next: known[leap], since };
  log.warn(
    told,
    "many pictures have expired at once: they stay until a week of new ones is there, or a cleanup is asked for",
  );
  return false;
}

/** Reads what has no reading as good as ours, and answers the days that could not be read, which must stay. */
function createLastReader(
  { archive, digitizer, clock, log }: CleanUpParts,
  failures: unknown[],
  { onProgress, signal }: Pick<CleanUpOptions, "onProgress" | "signal">,
): (days: readonly Day[], left: number) => Promise<Set<Day>> {
  let read = 0;
  let looked = 0;
  let toldMs = Number.NEGATIVE_INFINITY;

  async function readDay(day: Day): Promise<void> {
    await archive.mendRecord(day, {
      digitizerVersion: digitizer.version,
      lastsAloneSinceMs: clock() - UNSYNCED_MS,
      read: async (png, fetchedMs) => {
        const reading = await inTime(readOrSay(png, fetchedMs, digitizer), signal);
        read += 1;
        return reading;
      },
      ...(signal && { signal }),
    });
  }

  return async (days, left) => {
    const staying = new Set<Day>();
    await forEachAtOnce(days, digitizer.atOnce ?? 1, async (day) => {
      signal?.throwIfAborted();
      try {
        await readDay(day);
      } catch (error) {
        if (signal?.aborted || error instanceof ShutDown) throw error;
        // A picture that isn't whole, or that is gone: there is nothing more to be had from it.
        if (error instanceof KnownError && !(error instanceof StoreFailed)) {
          log.warn({ day, err: error }, "an old picture goes unread");
          return;
        }
        log.error({ day, err: error }, "an old picture could not be read, and stays until the next cleanup");
        staying.add(day);
        failures.push(error);
        if (!(error instanceof KnownError)) await digitizer.release?.();
      }
    });
    looked += days.length;
    if (read > 0) onProgress?.(looked, looked + left);
    if (read > 0 && (left === 0 || performance.now() - toldMs > PROGRESS_EVERY_MS)) {
      log.info({ read, left }, "reading old pictures before they go");
      toldMs = performance.now();
    }
    return staying;
  };
}

/** A catalog that can't be written learns at the next look at the tree what went. */
async function leniently({ log }: CleanUpParts, work: () => Promise<void>, signal?: AbortSignal): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal?.aborted) log.error({ err: error }, "the catalog could not be told which pictures went");
  }
}
