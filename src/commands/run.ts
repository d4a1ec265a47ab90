/**
 * The command line: which commands there are, and what exit status an end means.
 * Exit status 0 done, 1 failed, 2 wrong usage. Data go to standard output, everything else to standard error.
 */
import { Command, CommanderError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { CannotListen } from "../api/cannot-listen.ts";
import { InvalidConfig } from "../config.ts";
import { InvalidRequest, KnownError } from "../model/errors.ts";
import { addArchiveCommand } from "./archive.ts";
import { addCleanupCommand } from "./cleanup.ts";
import type { CommandContext } from "./context.ts";
import { addDataCommand } from "./data.ts";
import { addDemoCommand } from "./demo.ts";
import { addGetCommand } from "./get.ts";
import { addImportCommand } from "./import.ts";
import { addListCommand } from "./list.ts";
import { addRebuildCommand } from "./rebuild.ts";
import { addServeCommand } from "./serve.ts";

const COMMANDS = [
  addServeCommand,
  addArchiveCommand,
  addListCommand,
  addGetCommand,
  addDataCommand,
  addCleanupCommand,
  addRebuildCommand,
  addImportCommand,
  addDemoCommand,
];

/** Runs the command that the arguments name. @returns the exit status */
export async function runCommand(args: readonly string[], context: CommandContext): Promise<number> {
  let status = 0;
  const program = new Command("etna-archive")
    .description(packageJson.description)
    .version(packageJson.version)
    .showHelpAfterError("(--help tells more)")
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.say(text.trimEnd()),
    })
    .exitOverride();
  for (const add of COMMANDS)
    add(program, context, (ended) => {
      status = ended;
    });
  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    return explain(error, context);
  }
}

/** One line for what a person can act on, all there is for the rest. */
function explain(error: unknown, { say }: CommandContext): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own errors already, but not those that a command's action throws.
    if (error.code === "commander.invalidArgument") say(`error: ${error.message}`);
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof KnownError || error instanceof InvalidConfig || error instanceof CannotListen) {
    say(`etna-archive: ${error.message}`);
    return error instanceof InvalidRequest ? 2 : 1;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}
