/**
 * What every command is handed, and the few steps that most of them begin and end with.
 */
import { InvalidArgumentError, type Command } from "commander";
import { openApp, type App } from "../app.ts";
import { parseConfig, type Config } from "../config.ts";
import { createLog } from "../log.ts";
import { parseDay, type Day } from "../model/day.ts";

export interface CommandContext {
  environment: Record<string, string | undefined>;
  /** Standard output, for data alone. */
  out: NodeJS.WritableStream;
  /** A line for people, on standard error. */
  say: (line: string) => void;
  /** Is a person looking at standard error? */
  isTerminal: boolean;
  clock: () => number;
}

/** Adds a command to the program; `end` sets its exit status where that isn't 0. */
export type AddCommand = (program: Command, context: CommandContext, end: (status: number) => void) => void;

/** Opens the app for a command that runs and ends. Its log keeps to what went wrong, unless `LOG_LEVEL` says more. */
export async function openForCommand({ environment, clock }: CommandContext): Promise<{ app: App; config: Config }> {
  const config = parseConfig(environment);
  const level = environment["LOG_LEVEL"] ? config.log.level : "error";
  const log = await createLog({ ...config.log, level });
  return { app: await openApp(config, { clock, log }), config };
}

/** A commander argument parser: a strict day, or wrong usage. */
export function dayArgument(text: string): Day {
  const day = parseDay(text);
  if (day === undefined) throw new InvalidArgumentError("Use a UTC day that exists, as YYYY-MM-DD.");
  return day;
}

/** `1 day`, `2 days`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Data for a program: one JSON value and a line end. */
export function printJson(out: NodeJS.WritableStream, value: unknown): void {
  out.write(`${JSON.stringify(value, null, 2)}\n`);
}
