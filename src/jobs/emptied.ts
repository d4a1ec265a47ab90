/**
 * An archive that is gone from its place: its folder is missing or empty, though the catalog knows days, as where a disk
 * isn't mounted. Where all days were deleted, the archive's own lock file still lies there.
 * Owns that question and its words.
 */
import type { Archive } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";

export interface EmptiedParts {
  archive: Pick<Archive, "survey" | "isUntouched">;
  catalog: Pick<Catalog, "totals">;
}

/** Why the archive can't be what it was, in words; `undefined` where it has a day, or the catalog knows of none either. */
export async function whyEmptied({ archive, catalog }: EmptiedParts): Promise<string | undefined> {
  const { archives } = catalog.totals();
  if (archives === 0 || !(await archive.isUntouched()) || !(await hasNoDay(archive))) return undefined;
  const known = archives === 1 ? "the one day" : `any of the ${archives} days`;
  return `The archive is gone from its place: no file of ${known} that the catalog knows is there. Is its disk mounted?`;
}

async function hasNoDay(archive: EmptiedParts["archive"]): Promise<boolean> {
  for await (const _files of archive.survey()) return false;
  return true;
}
