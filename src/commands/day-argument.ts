/** Days on the command line. */
import { InvalidArgumentError } from "commander";
import { parseDay, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";

/** A commander argument parser: a strict day, or wrong usage. */
export function dayArgument(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new InvalidArgumentError("Use a UTC day that exists, as YYYY-MM-DD.");
  return day;
}

/** A range of days, both included, or wrong usage: nothing lies in one that ends before it starts. */
export function dayRange(from: Day | undefined, to: Day | undefined): { from?: Day; to?: Day } {
  if (from !== undefined && to !== undefined && from > to)
    throw new InvalidRequest(`The range is wrong: it ends before it starts (${from} to ${to})`);
  return { ...(from && { from }), ...(to && { to }) };
}
