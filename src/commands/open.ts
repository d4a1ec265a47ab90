/**
 * Opening the app for a command that runs and ends.
 */
import { openApp, type App } from "../app.ts";
import { parseConfig, type Config } from "../config.ts";
import { createLog } from "../log.ts";
import type { CommandContext } from "./context.ts";

/** Its log keeps to what went wrong, unless `LOG_LEVEL` says more. */
export async function openForCommand({ environment, clock }: CommandContext): Promise<{ app: App; config: Config }> {
  const config = parseConfig(environment);
  const level = environment["LOG_LEVEL"] ? config.log.level : "error";
  const log = await createLog({ ...config.log, level });
  return { app: await openApp(config, { clock, log }), config };
}
