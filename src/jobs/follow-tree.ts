/**
 * Following the tree: notices which pictures came, changed or went, whoever did it, by names, sizes and times alone.
 * The archive is the truth; this keeps the catalog true to it while the server runs.
 */
import { Cron } from "croner";
import type { DayFiles } from "../archive/archive.ts";
import type { StoreChanges } from "../archive/store.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogDay } from "../catalog/days.ts";
import { addDays, dayOf, dayStartMs, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { describeFiles, indexMany, toCatalogDay, type IndexParts } from "./index-day.ts";
import { watchSamples, type RecordSample } from "./new-samples.ts";
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
export async function followTree(
  parts: IndexParts & Pick<FollowParts, "onPicture">,
  options: FollowOptions = {},
): Promise<Followed> {
  const { signal } = options;
  const { catalog } = parts;
  const found = await findChanges(parts, options);
  const news =
    parts.onPicture && found.changed.length <= FEW ? found.changed.map(({ day }) => watchDay(day, catalog)) : [];
  putNames(found, catalog);
  await indexMany(found.changed, parts, { signal });
  await stitchPending(catalog, { signal });
  for (const tellNews of news) tellNews(parts.onPicture!);
  return { changed: found.changed.length, gone: found.gone.length };
}

/** Puts the names of what changed into the catalog, in one go. @returns what is still to be read */
export async function learnNames(parts: IndexParts): Promise<Changes> {
  const found = await findChanges(parts, {});
  putNames(found, parts.catalog);
  return found;
}

interface Changes {
  changed: DayFiles[];
  /** Days that have no file any more. */
  gone: Day[];
}

async function findChanges(
  { archive, catalog }: IndexParts,
  { from = FIRST_DAY, to = LAST_DAY, signal }: FollowOptions,
): Promise<Changes> {
  const seen = catalog.listSeen({ from, to });
  const changed: DayFiles[] = [];
  for await (const files of archive.survey({ from, to, order: "newest-first" })) {
    signal?.throwIfAborted();
    if (seen.get(files.day) !== describeFiles(files)) changed.push(files);
    seen.delete(files.day);
  }
  return { changed, gone: [...seen.keys()] };
}

function putNames({ changed, gone }: Changes, catalog: Catalog): void {
  catalog.transaction(() => {
    for (const day of gone) catalog.putDay(day, undefined, undefined);
    for (const { day, picture } of changed) catalog.putPicture(day, picture && toCatalogDay(picture, undefined));
  });
}

type PictureListener = (day: CatalogDay, newSamples: readonly RecordSample[]) => void;

/** A plot shows seven days, and may be fetched a day after its end. */
const SHOWN_DAYS = 9;

/** @returns tells a listener, once the day was followed, of its picture where it is another than before */
function watchDay(day: Day, catalog: Catalog): (listener: PictureListener) => void {
  const before = catalog.findDay(day);
  const range = { startMs: dayStartMs(addDays(day, -SHOWN_DAYS)), endMs: dayStartMs(addDays(day, 1)) };
  const findNewSamples = watchSamples(catalog, range);
  return (listener) => {
    const now = catalog.findDay(day);
    // Until its record is there too, a picture isn't all that it will be.
    if (now?.sha256 !== undefined && now.sha256 !== before?.sha256) listener(now, findNewSamples());
  };
}

/** Days that are looked at every minute, beside those whose folders changed; the whole tree is looked at every hour. */
const RECENT_DAYS = 40;

export interface FollowParts extends IndexParts {
  clock: () => number;
  /** Tells which days of the tree may have changed, at little cost. Absent: they are seen within the hour. */
  folders?: StoreChanges;
  /** Called for each picture that came or changed, where it is one of few: a whole tree is no news. */
  onPicture?: PictureListener;
  /** Called after each look at the tree. */
  onFollowed?: () => void;
  /** Called after each look that failed. */
  onFailed?: (error: unknown) => void;
}

/** When what may have changed is looked at. */
export const EACH_MINUTE = "* * * * *";
/** The same for a store that other servers write to. */
export const EACH_FIVE_SECONDS = "*/5 * * * * *";

/** Pictures that come at once and are told of one by one. */
const FEW = 5;

/**
 * Follows the tree until it is closed: at once the whole, then what changed by `pattern`, the last days each minute and
 * all each hour.
 */
export function startFollowing(parts: FollowParts, pattern = EACH_MINUTE): AsyncDisposable {
  const stopping = new AbortController();
  let failsSince: number | undefined;
  async function follow(what: "whole" | "recent" | "touched"): Promise<void> {
    try {
      const followed = await followSome(what);
      if (followed.changed + followed.gone > 0) parts.log.info(followed, "the tree was changed from outside");
      if (failsSince !== undefined)
        parts.log.info({ seconds: (parts.clock() - failsSince) / 1000 }, "the tree can be followed again");
      failsSince = undefined;
      parts.onFollowed?.();
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (failsSince === undefined) parts.log.error({ err: error }, "the tree could not be followed");
      failsSince ??= parts.clock();
      parts.onFailed?.(error);
    }
  }
  async function followSome(what: "whole" | "recent" | "touched"): Promise<Followed> {
    const { signal } = stopping;
    // Asked before anything is looked at: what changes meanwhile is answered the next time.
    const touched = parts.folders === undefined ? [] : await parts.folders.take();
    if (what === "whole" || touched === undefined) return followTree(parts, { signal });
    const from = addDays(dayOf(parts.clock()), -RECENT_DAYS);
    const ranges = what === "recent" ? [{ from }, ...toRanges(touched.filter((day) => day < from))] : toRanges(touched);
    const sum = { changed: 0, gone: 0 };
    for (const range of ranges) {
      const { changed, gone } = await followTree(parts, { ...range, signal });
      sum.changed += changed;
      sum.gone += gone;
    }
    return sum;
  }
  const minuteNow = (): number => Math.floor(parts.clock() / 60_000);
  let minute = minuteNow();
  let underWay = follow("whole");
  const cron = new Cron(pattern, { timezone: "UTC", protect: true, unref: true }, async () => {
    await underWay;
    const isSameMinute = pattern !== EACH_MINUTE && minuteNow() === minute;
    minute = minuteNow();
    underWay = follow(isSameMinute ? "touched" : minute % 60 === 0 ? "whole" : "recent");
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
