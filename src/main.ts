#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=4
/** The program: arguments and environment in, one command run, exit status out. */
import { existsSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { parseEnv } from "node:util";

// Deno has a cache of its own, and no such function.
if ("enableCompileCache" in nodeModule) nodeModule.enableCompileCache();
const { runCommand } = await import("./commands/run.ts");

const fromFile = existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {};

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: { ...fromFile, ...process.env },
  out: process.stdout,
  say: (line) => process.stderr.write(`${line}\n`),
  isTerminal: process.stderr.isTTY ?? false,
  clock: Date.now,
});
