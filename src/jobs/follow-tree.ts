/**
 * Following the tree: notices which pictures came, changed or went, whoever did it, by names, sizes and times alone.
 * The archive is the truth; this makes the catalog true to it. `keep-following.ts` says when.
 */
import type { DayFiles } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
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
  const found: DayFiles[] = [];
  for await (const files of archive.survey({ from, to, order: "newest-first" })) {
    signal?.throwIfAborted();
    found.push(files);
  }
  return putNames(found, { from, to }, catalog);
}

/** @param found all that there is in the range */
function putNames(
  found: readonly DayFiles[],
  range: { from: Day; to: Day },
  catalog: Catalog,
): { changed: DayFiles[]; gone: number } {
  const seen = catalog.listSeen(range);
  const changed = found.filter((files) => seen.get(files.day) !== describeFiles(files));
  for (const { day } of found) seen.delete(day);
  catalog.transaction(() => {
    for (const day of seen.keys()) catalog.putDay(day, undefined, undefined);
    for (const { day, picture } of changed) catalog.putPicture(day, picture && toCatalogDay(picture, undefined));
  });
  return { changed, gone: seen.size };
}

/**
 * Begins a new catalog in place of one that went bad. Until its names are known, whatever of the old one can still be
 * read goes on being served. @throws {StoreFailed} when none can be made: the problem stays
 */
export async function renewCatalog({ archive, catalog, log }: IndexParts, signal?: AbortSignal): Promise<void> {
  log.warn({ problem: catalog.problem() }, "making the catalog anew");
  const found = await Array.fromAsync(archive.survey({ order: "newest-first" }));
  signal?.throwIfAborted();
  catalog.renew(() => putNames(found, { from: FIRST_DAY, to: LAST_DAY }, catalog));
}
