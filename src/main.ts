#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/** The program: arguments and environment in, one command run, exit status out. */
import { readEnvFile } from "./commands/env-file.ts";
import { runCommand } from "./commands/run.ts";
import { openStandardOutput } from "./commands/standard-output.ts";

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

// A terminal that has closed takes no more of what we say, and the work is still brought to its end.
process.stderr.on("error", () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  // Read by the command that asks for it, which can say why that fails.
  get environment() {
    return { ...readEnvFile(), ...process.env };
  },
  out: openStandardOutput(say),
  say,
  isTerminal: process.stderr.isTTY ?? false,
  clock: Date.now,
});
