/** Instants that are asked for, as text: by URLs, by GraphQL and on the command line. */
import { z } from "zod";
import { dayStartMs, FIRST_DAY, LAST_DAY, parseDay } from "../model/day.ts";

const Instant = z.iso.datetime({ offset: true });

const FIRST_MS = dayStartMs(FIRST_DAY);
const END_MS = dayStartMs(LAST_DAY) + 86_400_000;

/** An RFC 3339 instant, or a UTC day for its midnight; `undefined` where the text is neither. */
export function parseInstant(text: string): number | undefined {
  const day = parseDay(text);
  if (day !== undefined) return dayStartMs(day);
  // In a query an unescaped + arrives as a space.
  return parseDateTime(text.replace(" ", "+"));
}

/** An RFC 3339 instant of the years 0001 to 9999, UTC; `undefined` where the text is none. */
export function parseDateTime(text: unknown): number | undefined {
  const parsed = Instant.safeParse(text);
  if (!parsed.success) return undefined;
  const timeMs = Date.parse(parsed.data);
  return timeMs >= FIRST_MS && timeMs < END_MS ? timeMs : undefined;
}
