/**
 * Retention: which archive days are old enough to let go.
 * Owns the rule only; the archive's `cleanup` does the removing.
 */
import { addDays, FIRST_DAY, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";

/** Retention days that keep all. */
export const KEEP_ALL = -1;

/**
 * The last day that is let go, where `retentionDays` days are kept and `today` is one of them; `undefined` for none.
 * @throws {InvalidRequest} when it is neither a whole number above 0 nor -1
 */
export function lastExpiredDay(today: Day, retentionDays: number): Day | undefined {
  if (retentionDays === KEEP_ALL) return undefined;
  if (!Number.isSafeInteger(retentionDays) || retentionDays < 1)
    throw new InvalidRequest(`Cannot keep ${retentionDays} days: need a whole number above 0, or -1 to keep all`);
  const oldestKept = addDays(today, 1 - retentionDays);
  return oldestKept === FIRST_DAY ? undefined : addDays(oldestKept, -1);
}

/** @param expired the last day that is let go; `undefined`: none is */
export function isExpired(day: Day, expired: Day | undefined): boolean {
  return expired !== undefined && day <= expired;
}
