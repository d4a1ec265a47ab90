/**
 * Days to come: no picture can be of one, so that a wrong year in a name is refused and not kept for ever as the newest.
 */
import { addDays, dayOf, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";

/** Tomorrow by UTC has begun somewhere, so whoever names a day by another clock may name that. */
export function lastDayBegun(today: Day): Day {
  return addDays(today, 1);
}

/** @throws {InvalidRequest} */
export function refuseFutureDay(day: Day, nowMs: number): void {
  const last = lastDayBegun(dayOf(nowMs));
  if (day > last) throw new InvalidRequest(`${day} hasn't come yet: the last day that can be kept is ${last}`);
}
