/**
 * An archive that is gone from its place: its folder is missing or empty, though the catalog knows days, as where a disk
 * isn't mounted. Where all days were deleted, the archive's own lock file still lies there.
 * Owns that question and its words.
 */
import type { Logger } from "pino";
import type { Archive } from "../archive/archive.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { StoreFailed } from "../model/errors.ts";

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

/**
 * Below a disk that isn't mounted a plot would be out of sight once that is back, and the catalog would follow what is there
 * until then. A catalog that can't tell keeps no plot from being kept.
 * @throws {StoreFailed} where the archive is gone from its place
 */
export async function refuseBelowDisk(parts: EmptiedParts & { log: Logger }): Promise<void> {
  let why: string | undefined;
  try {
    why = await whyEmptied(parts);
  } catch (error) {
    parts.log.error({ err: error }, "it could not be told whether the archive is in its place");
  }
  if (why === undefined) return;
  const whatToDo =
    "`restore` brings it back from its backup; where it was deleted on purpose, `rebuild` begins it anew";
  throw new StoreFailed(`${why} Else ${whatToDo}`);
}

async function hasNoDay(archive: EmptiedParts["archive"]): Promise<boolean> {
  for await (const _files of archive.survey()) return false;
  return true;
}
