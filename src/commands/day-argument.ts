/** Days on the command line. */
import { InvalidArgumentError } from "commander";
import { parseDay, type Day } from "../model/day.ts";

/** A commander argument parser: a strict day, or wrong usage. */
export function dayArgument(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new InvalidArgumentError("Use a UTC day that exists, as YYYY-MM-DD.");
  return day;
}
