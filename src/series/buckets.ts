/**
 * Buckets: days, ISO weeks, months and years of the UTC calendar.
 */
import { addDays, dayOf, dayStartMs, LAST_DAY, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";
import type { TimeRange } from "../model/series.ts";

/** WEEK: from Monday on (ISO 8601). */
export type Bucket = "DAY" | "WEEK" | "MONTH" | "YEAR";

/** A calendar bucket, cut to the days that were asked for; both days included. */
export interface BucketDays {
  start: Day;
  end: Day;
  range: TimeRange;
}

/** Twenty-seven years by the day. */
const MOST_BUCKETS = 10_000;
const DAY_MS = 86_400_000;

/**
 * The buckets that hold the days from `start` to `end`, both included, oldest first.
 * @throws {InvalidRequest} when `end` is before `start`, or there would be more than 10,000
 */
export function bucketsBetween(start: Day, end: Day, bucket: Bucket): BucketDays[] {
  if (end < start) throw new InvalidRequest(`The range ends (${end}) before it starts (${start})`);
  const buckets: BucketDays[] = [];
  let first: Day | undefined = start;
  while (first !== undefined) {
    if (buckets.length === MOST_BUCKETS)
      throw new InvalidRequest(
        `${start} to ${end} is more than ${MOST_BUCKETS} times a ${bucket}: ask for less, or for longer ones`,
      );
    const next = nextBucketStart(first, bucket);
    const last: Day = next === undefined || next > end ? end : addDays(next, -1);
    buckets.push({ start: first, end: last, range: { startMs: dayStartMs(first), endMs: dayStartMs(last) + DAY_MS } });
    first = last === end ? undefined : next;
  }
  return buckets;
}

/** `undefined` after the last day that can be named. */
function nextBucketStart(day: Day, bucket: Bucket): Day | undefined {
  const next = new Date(dayStartMs(day));
  if (bucket === "DAY") next.setUTCDate(next.getUTCDate() + 1);
  // Sunday is 0 in JavaScript and the last day of an ISO week.
  else if (bucket === "WEEK") next.setUTCDate(next.getUTCDate() + 7 - ((next.getUTCDay() + 6) % 7));
  else if (bucket === "MONTH") next.setUTCMonth(next.getUTCMonth() + 1, 1);
  else next.setUTCFullYear(next.getUTCFullYear() + 1, 0, 1);
  return next.getTime() > dayStartMs(LAST_DAY) ? undefined : dayOf(next.getTime());
}
