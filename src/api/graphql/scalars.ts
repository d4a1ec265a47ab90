/** Scalars: how days and instants are written in GraphQL. */
import { GraphQLError } from "graphql";
import { parseDay } from "../../model/day.ts";
import type { InvalidRequest } from "../../model/errors.ts";
import { formatDuration, parseDuration } from "../durations.ts";
import { formatInstant } from "../instants.ts";
import { parseDateTime } from "../parse-instant.ts";
import { builder } from "./builder.ts";

builder.scalarType("Date", {
  description: "A UTC calendar day, YYYY-MM-DD, from 0001-01-01 to 9999-12-31.",
  parseValue(value) {
    const day = typeof value === "string" ? parseDay(value) : undefined;
    if (day === undefined) throw invalid(`Invalid Date ${JSON.stringify(value)}. Use YYYY-MM-DD`);
    return day;
  },
  serialize: (day) => day,
});

builder.scalarType("DateTime", {
  description: "An instant as RFC 3339 writes it: 2025-11-04T12:00:00Z. Answers are in UTC.",
  parseValue(value) {
    const timeMs = parseDateTime(value);
    if (timeMs === undefined) throw invalid(`Invalid DateTime ${JSON.stringify(value)}. Use 2025-11-04T12:00:00Z`);
    return timeMs;
  },
  serialize: (timeMs) => formatInstant(timeMs),
});

builder.scalarType("Duration", {
  description: "A length of time as ISO 8601 writes it, in weeks, days, hours and minutes: PT10M, PT1H, P1D, P1W.",
  parseValue(value) {
    try {
      return parseDuration(String(value));
    } catch (error) {
      throw invalid((error as InvalidRequest).message);
    }
  },
  serialize: (durationMs) => formatDuration(durationMs),
});

function invalid(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "INVALID_REQUEST" } });
}
