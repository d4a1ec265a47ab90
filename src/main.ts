#!/usr/bin/env -S node --disable-warning=ExperimentalWarning
/**
 * The program: arguments and environment in, one command run, exit status out.
 * Exit status 0 done, 1 failed, 2 wrong usage. Data go to standard output, everything else to standard error.
 */
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Command, CommanderError } from "commander";
import packageJson from "../package.json" with { type: "json" };
import { addArchiveCommand } from "./commands/archive.ts";
import { addCleanupCommand } from "./commands/cleanup.ts";
import type { CommandContext } from "./commands/context.ts";
import { addDataCommand } from "./commands/data.ts";
import { addGetCommand } from "./commands/get.ts";
import { addImportCommand } from "./commands/import.ts";
import { addListCommand } from "./commands/list.ts";
import { addRebuildCommand } from "./commands/rebuild.ts";
import { InvalidConfig } from "./config.ts";
import { InvalidRequest, KnownError } from "./model/errors.ts";

const COMMANDS = [
  addArchiveCommand,
  addListCommand,
  addGetCommand,
  addDataCommand,
  addCleanupCommand,
  addRebuildCommand,
  addImportCommand,
];

/** Runs one command. @returns the exit status */
async function main(args: string[], context: CommandContext): Promise<number> {
  const program = new Command("etna-archive")
    .description(packageJson.description)
    .version(packageJson.version)
    .showHelpAfterError("(--help tells more)")
    .exitOverride();
  let status = 0;
  for (const add of COMMANDS)
    add(program, context, (ended) => {
      status = ended;
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof InvalidConfig || error instanceof KnownError) {
      context.say(`etna-archive: ${error.message}`);
      return error instanceof InvalidRequest ? 2 : 1;
    }
    context.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return 1;
  }
}

function readEnvironment(): Record<string, string | undefined> {
  const fromFile = existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};
  return { ...fromFile, ...process.env };
}

process.exitCode = await main(process.argv.slice(2), {
  environment: readEnvironment(),
  out: process.stdout,
  say: (line) => process.stderr.write(`${line}\n`),
  isTerminal: process.stderr.isTTY ?? false,
  clock: Date.now,
});
