/**
 * Following the tree: notices which pictures came, changed or went, whoever did it, by names, sizes and times alone.
 * The archive is the truth; this keeps the catalog true to it while the server runs.
 */
import { Cron } from "croner";
import type { DayFiles } from "../archive/archive.ts";
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

/** Days that are looked at every minute; the whole tree is looked at every hour. */
const RECENT_DAYS = 40;

/** Follows the tree until it is closed: at once the whole, then the recent days each minute and all each hour. */
export function startFollowing(parts: IndexParts & { clock: () => number }): AsyncDisposable {
  const stopping = new AbortController();
  async function follow(options: FollowOptions): Promise<void> {
    try {
      const followed = await followTree(parts, { ...options, signal: stopping.signal });
      if (followed.changed + followed.gone > 0) parts.log.info(followed, "the tree was changed from outside");
    } catch (error) {
      if (!stopping.signal.aborted) parts.log.error({ err: error }, "the tree could not be followed");
    }
  }
  let underWay = follow({});
  const cron = new Cron("* * * * *", { timezone: "UTC", protect: true, unref: true }, async () => {
    await underWay;
    const nowMs = parts.clock();
    const wholeHour = new Date(nowMs).getUTCMinutes() === 0;
    underWay = follow(wholeHour ? {} : { from: addDays(dayOf(nowMs), -RECENT_DAYS) });
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
