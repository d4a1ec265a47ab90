/**
 * The cleanup job: lets go of the pictures that retention no longer keeps, in the archive and in the catalog.
 * Owns the catalog's side; which days go is the archive's rule.
 */
import type { CleanedUp } from "../archive/archive.ts";
import { dayOf } from "../model/day.ts";
import { indexDay, type IndexParts } from "./index-day.ts";

export interface CleanUpParts extends IndexParts {
  clock: () => number;
  policy: { retentionDays: number; keepSeries: boolean };
}

/** @throws {StoreFailed} what was deleted until then is gone from the catalog too, at the next look at the tree */
export async function cleanUp(
  parts: CleanUpParts,
  options: { retentionDays?: number | undefined; dryRun?: boolean | undefined } = {},
): Promise<CleanedUp> {
  const { archive, clock, policy } = parts;
  const cleaned = await archive.cleanup({
    today: dayOf(clock()),
    retentionDays: options.retentionDays ?? policy.retentionDays,
    keepSeries: policy.keepSeries,
    dryRun: options.dryRun ?? false,
  });
  if (!cleaned.dryRun && cleaned.days.length > 0) {
    for (const day of cleaned.days) await indexDay(day, parts);
    parts.log.info({ deleted: cleaned.days.length, freedBytes: cleaned.freedBytes }, "old pictures deleted");
  }
  return cleaned;
}
