/**
 * Buckets: days, ISO weeks, months and years of the UTC calendar.
 */
import { dayStartMs, type Day } from "../model/day.ts";
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
  const endMs = dayStartMs(end) + DAY_MS;
  for (let startMs = dayStartMs(start); startMs < endMs;) {
    if (buckets.length === MOST_BUCKETS)
      throw new InvalidRequest(
        `${start} to ${end} is more than ${MOST_BUCKETS} times a ${bucket}: ask for less, or for longer ones`,
      );
    const range = { startMs, endMs: Math.min(nextBucketStartMs(startMs, bucket), endMs) };
    buckets.push({ start: nameDay(startMs), end: nameDay(range.endMs - DAY_MS), range });
    startMs = range.endMs;
  }
  return buckets;
}

/** As `dayOf`, without its check, which for thousands of days takes long: these lie between two that have names. */
const nameDay = (timeMs: number): Day => new Date(timeMs).toISOString().slice(0, 10) as Day;

function nextBucketStartMs(dayMs: number, bucket: Bucket): number {
  const next = new Date(dayMs);
  if (bucket === "DAY") return dayMs + DAY_MS;
  // Sunday is 0 in JavaScript and the last day of an ISO week.
  if (bucket === "WEEK") return dayMs + (7 - ((next.getUTCDay() + 6) % 7)) * DAY_MS;
  if (bucket === "MONTH") return next.setUTCMonth(next.getUTCMonth() + 1, 1);
  return next.setUTCFullYear(next.getUTCFullYear() + 1, 0, 1);
}
