/**
 * The command line: which commands there are, and what exit status an end means.
 * Exit status 0 done, 1 failed, 2 wrong usage. Data go to standard output, everything else to standard error.
 */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import packageJson from "../../package.json" with { type: "json" };
import { isRefusal } from "../catalog/damage.ts";
import { CannotStart, InvalidRequest, KnownError } from "../model/errors.ts";
import type { AddCommand, CommandContext } from "./context.ts";
import { messageOf } from "./output.ts";

/** In the order of `--help`. A command is loaded when it is named, so that light ones start fast. */
const COMMANDS: Record<string, () => Promise<{ add: AddCommand }>> = {
  serve: () => import("./serve.ts"),
  archive: () => import("./archive.ts"),
  list: () => import("./list.ts"),
  get: () => import("./get.ts"),
  data: () => import("./data.ts"),
  tremor: () => import("./tremor.ts"),
  digitize: () => import("./digitize.ts"),
  cleanup: () => import("./cleanup.ts"),
  verify: () => import("./verify.ts"),
  rebuild: () => import("./rebuild.ts"),
  import: () => import("./import.ts"),
  backup: () => import("./backup.ts"),
  restore: () => import("./restore.ts"),
  demo: () => import("./demo.ts"),
};

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
  const names = Object.keys(COMMANDS);
  const isNamed = args[0] === "--version" || names.includes(args[0] ?? "");
  for (const name of names.filter((name) => !isNamed || name === args[0])) {
    const { add } = await COMMANDS[name]!();
    add(program, context, (ended) => {
      status = ended;
    });
  }
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
    if (error instanceof InvalidArgumentError) say(`error: ${error.message}`);
    return error.exitCode === 0 ? 0 : 2;
  }
  if (error instanceof KnownError || error instanceof CannotStart) {
    say(`etna-archive: ${messageOf(error)}`);
    return error instanceof InvalidRequest ? 2 : 1;
  }
  if (isRefusal(error)) {
    say(`etna-archive: Cannot use the catalog: ${error.message}`);
    return 1;
  }
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}
