/**
 * Archive days: UTC calendar days as YYYY-MM-DD text.
 * Owns parsing and calendar arithmetic; says nothing about what is kept for a day.
 */
import { z } from "zod";

const DAY_MS = 86_400_000;

const isNamed = (text: string): boolean => !text.startsWith("0000");

/** A UTC calendar day as YYYY-MM-DD (years 0001 to 9999), so that days compare and sort as text. */
export const Day = z.iso
  .date("Invalid date. Use YYYY-MM-DD")
  .refine(isNamed, "Years go from 0001 to 9999")
  .brand<"Day">();
export type Day = z.infer<typeof Day>;

/** The first and the last day that can be named. */
export const FIRST_DAY = Day.parse("0001-01-01");
export const LAST_DAY = Day.parse("9999-12-31");

/** The day, or `undefined` when the text isn't a strict YYYY-MM-DD of a date that exists. */
export function parseDay(text: string): Day | undefined {
  // The very rule of the schema, without its report: names are parsed by the ten thousand.
  return z.regexes.date.test(text) && isNamed(text) ? (text as Day) : undefined;
}

/** Midnight UTC at the start of the day, in ms since 1970. */
export function dayStartMs(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/**
 * The UTC day in which an instant lies.
 * @throws {RangeError} when the instant is outside of the years 0001 to 9999
 */
export function dayOf(timeMs: number): Day {
  const day = parseDay(new Date(timeMs).toISOString().slice(0, 10));
  if (day === undefined) throw new RangeError(`Cannot name the day of ${timeMs} ms: years go from 0001 to 9999`);
  return day;
}

/** The day `count` days later (earlier when negative), held within the years 0001 to 9999. */
export function addDays(day: Day, count: number): Day {
  const timeMs = dayStartMs(day) + count * DAY_MS;
  if (!(timeMs > dayStartMs(FIRST_DAY))) return FIRST_DAY;
  if (timeMs >= dayStartMs(LAST_DAY)) return LAST_DAY;
  return dayOf(timeMs);
}

/** Days from `from` to `to`: 0 for the same day, negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((dayStartMs(to) - dayStartMs(from)) / DAY_MS);
}
