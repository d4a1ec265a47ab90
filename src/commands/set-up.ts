/**
 * What every command begins with: its configuration and its log.
 */
import { parseConfig, type Config } from "../config.ts";
import { createLog } from "../log.ts";
import type { Outside } from "../open-store.ts";
import type { CommandContext } from "./context.ts";

/** The log keeps to what went wrong, unless `LOG_LEVEL` says more. */
export async function setUp({ environment, clock }: CommandContext): Promise<{ config: Config; outside: Outside }> {
  const config = parseConfig(environment);
  const level = environment["LOG_LEVEL"] ? config.log.level : "error";
  return { config, outside: { clock, log: await createLog({ ...config.log, level }) } };
}
