/**
 * Opening the store of the archive, which nearly all that is opened needs; and what none of it can make itself.
 */
import type { Logger } from "pino";
import { createStore } from "./archive/create-store.ts";
import type { Store } from "./archive/store.ts";
import type { Config } from "./config.ts";

export interface Outside {
  clock: () => number;
  log: Logger;
  /** Nobody is served by this process, so it reads the tree without leaving its thread, which is faster. */
  eager?: boolean;
}

/** @throws {CannotStart} when the store isn't there, or may not be read */
export async function openStore(
  { archive: { basePath }, s3, scheduler }: Config,
  { clock, log, eager }: Outside,
): Promise<Store> {
  const onSkipped = (skipped: object): void => log.warn(skipped, "passing over what isn't an archive");
  const store = await createStore(basePath, { s3: { ...s3, alone: scheduler === "always" }, clock, onSkipped, eager });
  await store.checkUsable();
  return store;
}
