/**
 * Following the tree: notices which pictures came, changed or went, whoever did it, by names, sizes and times alone.
 * The archive is the truth; this keeps the catalog true to it while the server runs.
 */
import { Cron } from "croner";
import type { DayFiles } from "../archive/archive.ts";
import type { FolderChanges } from "../archive/fs-changes.ts";
import { addDays, dayOf, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { describeFiles, indexMany, toCatalogDay, type IndexParts } from "./index-day.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface Followed {
  /** Days with files that are new or others than before. */
  changed: number;
  /** Days that have no file any more. */
  gone: number;
}

export interface FollowOptions {
  /** Both included; default: the whole tree. */
  from?: Day;
  to?: Day;
  signal?: AbortSignal;
}

/**
 * Puts into the catalog what changed in the tree since it was last looked at: names first, so that every archive is
 * listed at once, then what the records say, then the tremor record. Reads no picture.
 */
export async function followTree(parts: IndexParts, options: FollowOptions = {}): Promise<Followed> {
  const { signal } = options;
  const { changed, gone } = await learnNames(parts, options);
  await indexMany(changed, parts, { signal });
  await stitchPending(parts.catalog, { signal });
  return { changed: changed.length, gone };
}

/** Puts the names of what changed into the catalog, in one go. @returns what is still to be read */
export async function learnNames(
  { archive, catalog }: IndexParts,
  { from = FIRST_DAY, to = LAST_DAY, signal }: FollowOptions = {},
): Promise<{ changed: DayFiles[]; gone: number }> {
  const seen = catalog.listSeen({ from, to });
  const changed: DayFiles[] = [];
  for await (const files of archive.survey({ from, to, order: "newest-first" })) {
    signal?.throwIfAborted();
    if (seen.get(files.day) !== describeFiles(files)) changed.push(files);
    seen.delete(files.day);
  }
  catalog.transaction(() => {
    for (const day of seen.keys()) catalog.putDay(day, undefined, undefined);
    for (const { day, picture } of changed) catalog.putPicture(day, picture && toCatalogDay(picture, undefined));
  });
  return { changed, gone: seen.size };
}

/** Days that are looked at every minute, beside those whose folders changed; the whole tree is looked at every hour. */
const RECENT_DAYS = 40;

export interface FollowParts extends IndexParts {
  clock: () => number;
  /** Tells which days of the tree may have changed, at little cost. Absent: they are seen within the hour. */
  folders?: FolderChanges;
  /** Called after each look at the tree. */
  onFollowed?: () => void;
}

const EACH_MINUTE = "* * * * *";

/**
 * Follows the tree until it is closed: at once the whole, then what changed each minute and all each hour.
 * @param pattern when to look, in place of each minute
 */
export function startFollowing(parts: FollowParts, pattern = EACH_MINUTE): AsyncDisposable {
  const stopping = new AbortController();
  async function follow(wholeTree: boolean): Promise<void> {
    try {
      const followed = await followSome(wholeTree);
      if (followed.changed + followed.gone > 0) parts.log.info(followed, "the tree was changed from outside");
      parts.onFollowed?.();
    } catch (error) {
      if (!stopping.signal.aborted) parts.log.error({ err: error }, "the tree could not be followed");
    }
  }
  async function followSome(wholeTree: boolean): Promise<Followed> {
    const { signal } = stopping;
    // Asked before anything is looked at: what changes meanwhile is answered the next time.
    const touched = (await parts.folders?.take()) ?? [];
    if (wholeTree) return followTree(parts, { signal });
    const from = addDays(dayOf(parts.clock()), -RECENT_DAYS);
    const sum = await followTree(parts, { from, signal });
    for (const range of toRanges(touched.filter((day) => day < from))) {
      const { changed, gone } = await followTree(parts, { ...range, signal });
      sum.changed += changed;
      sum.gone += gone;
    }
    return sum;
  }
  let underWay = follow(true);
  const cron = new Cron(pattern, { timezone: "UTC", protect: true, unref: true }, async () => {
    await underWay;
    underWay = follow(new Date(parts.clock()).getUTCMinutes() === 0);
    await underWay;
  });
  return {
    async [Symbol.asyncDispose]() {
      cron.stop();
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
