/**
 * Following the tree while the server runs: owns when it is looked at, which days then, and that none is forgotten.
 * What changes anywhere is in the catalog within a minute, and a catalog that went bad is made anew.
 */
import type { StoreChanges } from "../archive/store.ts";
import { addDays, dayOf, type Day } from "../model/day.ts";
import { followTree, renewCatalog, type Followed, type PictureListener } from "./follow-tree.ts";
import { EACH_MINUTE, startCron } from "./cron.ts";
import type { IndexParts } from "./index-day.ts";

/** Days that are looked at every minute, beside those whose files changed. */
const RECENT_DAYS = 40;
/** All of it is looked at once in each hour, for what no file's time tells. */
const WHOLE_EVERY_MS = 3_600_000;
/** A catalog that goes bad again so soon waits for the next minute. */
const RENEWAL_REST_MS = 30_000;

export interface FollowParts extends IndexParts {
  clock: () => number;
  /** Tells which days of the tree may have changed, at little cost. Absent: old ones are seen within the hour. */
  changes?: StoreChanges;
  onPicture?: PictureListener;
  /** Called after each look at the tree. */
  onFollowed?: () => void;
  /** Called after each look that failed. */
  onFailed?: (error: unknown) => void;
}

/**
 * Follows the tree until it is closed: at once the whole, then what changed by `pattern`, the last days each minute and
 * all each hour.
 */
export function startFollowing(parts: FollowParts, pattern = EACH_MINUTE): AsyncDisposable {
  const { catalog, clock, log } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  /** Days that changed and weren't followed yet. */
  const touched = new Set<Day>();
  let wholeDueMs = Number.NEGATIVE_INFINITY;
  let renewedMs = Number.NEGATIVE_INFINITY;
  let recentLooked: number | undefined;
  let failsSinceMs: number | undefined;

  async function look(): Promise<void> {
    if (signal.aborted) return;
    try {
      catalog.checkPlace();
      if (catalog.problem() !== undefined) {
        wholeDueMs = Number.NEGATIVE_INFINITY;
        renewedMs = performance.now();
        await renewCatalog(parts, signal);
      }
      const followed = await followChanges();
      if (followed.gone > 0) log.warn(followed, "days were taken from the tree from outside");
      else if (followed.changed > 0) log.info(followed, "the tree was changed from outside");
      if (failsSinceMs !== undefined)
        log.info({ seconds: (clock() - failsSinceMs) / 1000 }, "the tree can be followed again");
      failsSinceMs = undefined;
      parts.onFollowed?.();
    } catch (error) {
      if (signal.aborted) return;
      if (failsSinceMs === undefined) log.error({ err: error }, "the tree could not be followed");
      failsSinceMs ??= clock();
      parts.onFailed?.(error);
    }
  }

  async function followChanges(): Promise<Followed> {
    // Asked before anything is looked at: what changes meanwhile is answered the next time.
    const taken = parts.changes === undefined ? [] : await parts.changes.take();
    if (taken === undefined) wholeDueMs = Number.NEGATIVE_INFINITY;
    for (const day of taken ?? []) touched.add(day);
    const nowMs = clock();
    if (nowMs >= wholeDueMs) {
      const followed = await followTree(parts, { signal });
      touched.clear();
      wholeDueMs = (Math.floor(nowMs / WHOLE_EVERY_MS) + 1) * WHOLE_EVERY_MS;
      return followed;
    }
    const from = addDays(dayOf(nowMs), -RECENT_DAYS);
    const minute = Math.floor(nowMs / 60_000);
    const isRecentDue = pattern === EACH_MINUTE || minute !== recentLooked;
    const ranges = toRanges([...touched].filter((day) => !isRecentDue || day < from).sort());
    const sum: Followed = { changed: 0, gone: 0 };
    for (const range of isRecentDue ? [{ from }, ...ranges] : ranges) {
      const { changed, gone } = await followTree(parts, { ...range, signal });
      sum.changed += changed;
      sum.gone += gone;
    }
    if (isRecentDue) recentLooked = minute;
    touched.clear();
    return sum;
  }

  let underWay = look();
  const lookAgain = (): Promise<void> => (underWay = underWay.then(look));
  const cron = startCron(pattern, lookAgain, parts.log);
  const forget = catalog.onProblem(() => {
    if (performance.now() - renewedMs > RENEWAL_REST_MS) void lookAgain();
  });
  return {
    async [Symbol.asyncDispose]() {
      cron[Symbol.dispose]();
      forget();
      stopping.abort();
      await underWay;
    },
  };
}

/** Days that follow each other as one range. @param days sorted */
function toRanges(days: readonly Day[]): { from: Day; to: Day }[] {
  const ranges: { from: Day; to: Day }[] = [];
  for (const day of days) {
    const last = ranges.at(-1);
    if (last !== undefined && addDays(last.to, 1) >= day) last.to = day;
    else ranges.push({ from: day, to: day });
  }
  return ranges;
}
