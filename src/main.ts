#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-old-space-size=512 --max-semi-space-size=4
/** The program: arguments and environment in, one command run, exit status out. */
import { readFileSync, statSync } from "node:fs";
import { parseEnv } from "node:util";
import { runCommand } from "./commands/run.ts";

// A folder of that name is some other tool's.
const fromFile = statSync(".env", { throwIfNoEntry: false })?.isFile() ? parseEnv(readFileSync(".env", "utf8")) : {};

// Whoever reads our output may stop before its end, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

// A terminal that has closed takes no more of what we say, and the work is still brought to its end.
process.stderr.on("error", () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: { ...fromFile, ...process.env },
  out: process.stdout,
  say: (line) => process.stderr.write(`${line}\n`),
  isTerminal: process.stderr.isTTY ?? false,
  clock: Date.now,
});
