/**
 * Opening the app for a command that runs and ends.
 */
import { openApp, openArchive, type App, type Outside } from "../app.ts";
import type { Archive } from "../archive/archive.ts";
import { parseConfig, type Config } from "../config.ts";
import { createLog } from "../log.ts";
import type { CommandContext } from "./context.ts";

export async function openForCommand(context: CommandContext): Promise<{ app: App; config: Config }> {
  const { config, outside } = await setUp(context);
  return { app: await openApp(config, outside), config };
}

/** For commands that need no catalog, and so nothing that can be written. */
export async function openArchiveForCommand(context: CommandContext): Promise<Archive> {
  const { config, outside } = await setUp(context);
  return await openArchive(config, outside);
}

/** The log keeps to what went wrong, unless `LOG_LEVEL` says more. */
async function setUp({ environment, clock }: CommandContext): Promise<{ config: Config; outside: Outside }> {
  const config = parseConfig(environment);
  const level = environment["LOG_LEVEL"] ? config.log.level : "error";
  return { config, outside: { clock, log: await createLog({ ...config.log, level }) } };
}
