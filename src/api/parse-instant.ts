/** Instants that are asked for, as text: by URLs, by GraphQL and on the command line. */
import { z } from "zod";
import { dayStartMs, parseDay } from "../model/day.ts";

const Instant = z.iso.datetime({ offset: true });

/** An RFC 3339 instant, or a UTC day for its midnight; `undefined` where the text is neither. */
export function parseInstant(text: string): number | undefined {
  const day = parseDay(text);
  if (day !== undefined) return dayStartMs(day);
  // In a query an unescaped + arrives as a space.
  const parsed = Instant.safeParse(text.replace(" ", "+"));
  return parsed.success ? Date.parse(parsed.data) : undefined;
}
