#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/** The program: arguments and environment in, one command run, exit status out. */
import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { runCommand } from "./commands/run.ts";
import { openStandardOutput } from "./commands/standard-output.ts";

// A folder of that name is some other tool's.
const fromFile = statSync(".env", { throwIfNoEntry: false })?.isFile() ? parseEnv(readFileSync(".env", "utf8")) : {};

const say = (line: string): boolean => process.stderr.write(`${line}\n`);

// A terminal that has closed takes no more of what we say, and the work is still brought to its end.
process.stderr.on("error", () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: { ...fromFile, ...process.env },
  out: openStandardOutput(say),
  say,
  isTerminal: process.stderr.isTTY ?? false,
  clock: Date.now,
});
