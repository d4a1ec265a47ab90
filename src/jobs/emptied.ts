/**
 * An archive that is gone from its place: its folder is missing or empty, though the catalog knows days, as where a disk
 * isn't mounted. Where all days were deleted, the archive's own lock file still lies there.
 * Owns that question and its words. A catalog that can't be read knows of no days: it says itself what is wrong with it, and
 * keeps nothing from being kept.
 */
import type { Archive } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";

export interface EmptiedParts {
  archive: Pick<Archive, "survey" | "isUntouched">;
  catalog: Pick<Catalog, "totals">;
}

/**
 * Why the archive can't be what it was, in words; `undefined` where it has a day, or the catalog knows of none either.
 * @throws {StoreFailed} when the place can't be looked at
 */
export async function whyEmptied({ archive, catalog }: EmptiedParts): Promise<string | undefined> {
  const archives = countKnown(catalog);
  if (archives === 0 || !(await archive.isUntouched()) || !(await hasNoDay(archive))) return undefined;
  const known = archives === 1 ? "the one day" : `any of the ${archives} days`;
  return `The archive is gone from its place: no file of ${known} that the catalog knows is there. Is its disk mounted?`;
}

/**
 * Why nothing may be written there: what lies below a disk that isn't mounted is out of sight once that is back, and the
 * catalog would follow what is there until then.
 */
export async function whyNotBelowDisk(parts: EmptiedParts): Promise<string | undefined> {
  const why = await whyEmptied(parts);
  const whatToDo =
    "`restore` brings it back from its backup; where it was deleted on purpose, `rebuild` begins it anew";
  return why && `${why} Else ${whatToDo}`;
}

/** Days whose pictures the catalog knows. */
export function countKnown(catalog: EmptiedParts["catalog"]): number {
  try {
    return catalog.totals().archives;
  } catch {
    return 0;
  }
}

async function hasNoDay(archive: EmptiedParts["archive"]): Promise<boolean> {
  for await (const _files of archive.survey()) return false;
  return true;
}
