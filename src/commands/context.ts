/**
 * What every command is handed.
 */
import type { Command } from "commander";

export interface CommandContext {
  /** Asked for by commands at work alone: reading it may fail. */
  environment: Record<string, string | undefined>;
  /** Standard output, for data alone. */
  out: NodeJS.WritableStream & { isTTY?: boolean };
  /** A line for people, on standard error. */
  say: (line: string) => void;
  /** Is a person looking at standard error? */
  isTerminal: boolean;
  clock: () => number;
}

/** Adds a command to the program; `end` sets its exit status where that isn't 0. */
export type AddCommand = (program: Command, context: CommandContext, end: (status: number) => void) => void;
