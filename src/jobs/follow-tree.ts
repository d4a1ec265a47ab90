/**
 * Following the tree: notices which pictures came, changed or went, whoever did it, by names, sizes and times alone.
 * The archive is the truth; this makes the catalog true to it. `keep-following.ts` says when.
 */
import type { DayFiles } from "../archive/archive.ts";
import { createHiddenTest } from "../archive/keys.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogDay } from "../catalog/days.ts";
import { addDays, dayStartMs, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { whyEmptied } from "./emptied.ts";
import { describeFiles, indexMany, nameOf, type IndexParts } from "./index-day.ts";
import { watchSamples, type RecordSample } from "./new-samples.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface Followed {
  /** Days with files that are new or others than before, and could be read. */
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
 * listed at once, then what the records say, then the tremor record. Reads no picture. Of days that the disk doesn't give
 * for now, as where a folder may not be opened, the catalog keeps what it knows.
 * @throws {StoreFailed} when the archive is gone from its place: the catalog keeps its days
 */
export async function followTree(
  parts: IndexParts & { onPicture?: PictureListener },
  { signal, ...range }: FollowOptions = {},
): Promise<Followed> {
  const { catalog, onPicture } = parts;
  const before = { seen: listSeen(range, catalog), unseen: listUnseen(range, catalog) };
  const { found, unreadable } = await survey(parts, range, signal);
  const changes = findChanges(found, unreadable, range, catalog, before);
  if (found.length === 0 && changes.gone.length > 0) await refuseWhereEmptied(parts);
  const isNews = onPicture !== undefined && changes.changed.length <= FEW;
  const news = isNews ? changes.changed.map(({ day }) => watchDay(day, catalog)) : [];
  putNames(changes, catalog);
  const read = await indexMany(changes.changed, parts, signal);
  await stitchPending(catalog, { signal });
  for (const tellNews of news) tellNews(onPicture!);
  const followed = { changed: read, gone: changes.gone.length };
  for (const day of [...changes.overtaken, ...listOvertaken(changes.changed, range, catalog)]) {
    const { changed, gone } = await followTree(parts, { from: day, to: day, ...(signal && { signal }) });
    followed.changed += changed;
    followed.gone += gone;
  }
  return followed;
}

/** Puts the names of what changed into the catalog, in one go. @returns what is still to be read */
export async function learnNames(parts: IndexParts): Promise<Changes> {
  const { found, unreadable } = await survey(parts, {});
  if (found.length === 0) return { changed: [], gone: [], overtaken: [] };
  const changes = findChanges(found, unreadable, {}, parts.catalog);
  putNames(changes, parts.catalog);
  return changes;
}

async function refuseWhereEmptied(parts: IndexParts): Promise<void> {
  const reason = await whyEmptied(parts);
  if (reason !== undefined) throw new StoreFailed(reason);
}

interface Changes {
  changed: DayFiles[];
  /** Days that have no file any more. */
  gone: Day[];
  /** Days of which somebody has put something else meanwhile, which may be newer than what was found, or older: to be looked at again. */
  overtaken: Day[];
}

type Range = Pick<FollowOptions, "from" | "to">;

/** All that there is in a range. */
interface Surveyed {
  found: DayFiles[];
  /** Folders and files that the disk doesn't give: what is in them is no less there. */
  unreadable: string[];
}

async function survey({ archive }: IndexParts, range: Range, signal?: AbortSignal): Promise<Surveyed> {
  const surveyed: Surveyed = { found: [], unreadable: [] };
  const days = archive.survey({ ...range, order: "newest-first" }, ({ key }) => surveyed.unreadable.push(key));
  for await (const files of days) {
    signal?.throwIfAborted();
    surveyed.found.push(files);
  }
  return surveyed;
}

interface KnownDays {
  seen: Map<Day, string>;
  /** Days that are known by name, or from before, and are to be looked at again. */
  unseen: Day[];
}

function listSeen({ from = FIRST_DAY, to = LAST_DAY }: Range, catalog: Catalog): Map<Day, string> {
  return catalog.listSeen({ from, to });
}

function listUnseen({ from = FIRST_DAY, to = LAST_DAY }: Range, catalog: Catalog): Day[] {
  return catalog.listUnseen({ from, to });
}

/**
 * @param before what the catalog knew when the tree began to be looked at: a day of which it has seen something else since
 *   is left as whoever put that has it, such as a run that has archived it
 */
function findChanges(
  found: readonly DayFiles[],
  unreadable: readonly string[],
  range: Range,
  catalog: Catalog,
  before?: KnownDays,
): Changes {
  const seen = listSeen(range, catalog);
  const unseen = before?.unseen ?? listUnseen(range, catalog);
  const isHidden = createHiddenTest(unreadable);
  const isOvertaken = (day: Day): boolean =>
    before !== undefined && seen.has(day) && seen.get(day) !== before.seen.get(day);
  const other = found.filter((files) => seen.get(files.day) !== describeFiles(files));
  const there = new Set(found.map(({ day }) => day));
  const known = new Set([...seen.keys(), ...unseen]);
  const missing = [...known].filter((day) => !there.has(day) && !isHidden(day));
  return {
    changed: other.filter(({ day }) => !seen.has(day) || !(isHidden(day) || isOvertaken(day))),
    gone: missing.filter((day) => !isOvertaken(day)),
    overtaken: [...other.map(({ day }) => day).filter((day) => !isHidden(day)), ...missing].filter(isOvertaken),
  };
}

/** Days that somebody else has put while they were put into the catalog. */
function listOvertaken(changed: readonly DayFiles[], range: Range, catalog: Catalog): Day[] {
  if (changed.length === 0) return [];
  const seen = listSeen(range, catalog);
  return changed
    .filter((files) => seen.has(files.day) && seen.get(files.day) !== describeFiles(files))
    .map(({ day }) => day);
}

function putNames({ changed, gone }: Changes, catalog: Catalog): void {
  catalog.transaction(() => {
    for (const day of gone) catalog.putDay(day, undefined, undefined);
    for (const { day, picture } of changed) catalog.putPicture(day, picture && nameOf(picture, catalog));
  });
}

/** Hears of a picture that came or changed, with what it brought into the tremor record. */
export type PictureListener = (day: CatalogDay, newSamples: readonly RecordSample[]) => void;

/** Pictures that come at once and are told of one by one: a whole tree is no news. */
const FEW = 5;

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

/** Does what reads the catalog; where that turns out to be bad, once more with a new one. For who can't wait for a look. */
export async function withSoundCatalog<T>(parts: IndexParts, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (parts.catalog.problem() === undefined) throw error;
    await renewCatalog(parts);
    return await read();
  }
}

/**
 * Begins a new catalog in place of one that went bad. Until its names are known, whatever of the old one can still be
 * read goes on being served. Where the archive is gone from its place as well, as with a disk that holds both, the old one
 * alone knows of that: so it stays.
 * @throws {StoreFailed} then, and when none can be made: the problem stays
 */
export async function renewCatalog(parts: IndexParts, signal?: AbortSignal): Promise<void> {
  const { catalog, log } = parts;
  const { found, unreadable } = await survey(parts, {}, signal);
  if (found.length === 0) await refuseWhereEmptied(parts);
  log.warn({ problem: catalog.problem() }, "making the catalog anew");
  catalog.renew(() => {
    // What is opened may be the old one, which is sound where its disk has come back.
    if (found.length > 0) putNames(findChanges(found, unreadable, {}, catalog), catalog);
  });
}
