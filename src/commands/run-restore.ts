/**
 * What the command `restore` does once it has begun. All of the app isn't needed for that, and would take longer to load
 * than a thousand days to restore.
 */
import type { BulkThreads } from "../archive/fs-bulk-thread.ts";
import type { Restored } from "../archive/restore-days.ts";
import { openCatalog } from "../catalog/catalog.ts";
import { restoreAsRun } from "../jobs/restore.ts";
import { counted } from "../model/counted.ts";
import type { Day } from "../model/day.ts";
import { openStore } from "../open-store.ts";
import { openTarget } from "../open-target.ts";
import { nameOfTree } from "../places.ts";
import type { CommandContext } from "./context.ts";
import { sayWhatExpires } from "./expiring.ts";
import { restoredJson } from "./json.ts";
import { printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { setUp } from "./set-up.ts";
import { stopSignal } from "./until-stopped.ts";

export interface RestoreCommand {
  /** Both included; default: all days. */
  start?: Day;
  end?: Day;
  from?: string;
  dryRun?: boolean;
  overwrite?: boolean;
  identityFile?: string;
  json?: boolean;
}

/** @param threads to write with, where something is to be written */
export async function runRestore(
  { start, end, from, dryRun = false, overwrite = false, identityFile, json }: RestoreCommand,
  context: CommandContext,
  threads: BulkThreads | undefined,
): Promise<Restored> {
  const { config, outside } = await setUp(context);
  const store = await openStore(config, { ...outside, eager: true });
  using catalog = openCatalog(config.catalogPath, nameOfTree(config));
  const { target, decipher } = await openTarget(config, { alone: true, identityFile, place: from });
  const bulk = store.kind === "file" ? threads?.writerFor(config.archive.basePath) : undefined;
  using progress = await startProgress(dryRun ? "Reading" : "Restoring", context);
  const restored = await restoreAsRun(
    { ...outside, catalog, store, target },
    { from: start, to: end, dryRun, overwrite, decipher, bulk, signal: stopSignal(), onProgress: progress.update },
  );
  if (json) printJson(context.out, restoredJson(restored));
  for (const { key, message } of restored.problems) context.say(`${key}: ${message}`);
  for (const { day, reason } of restored.kept) context.say(`${day} stays as it is: ${reason}`);
  const done = dryRun ? "would be restored" : "restored";
  const { restoredDays, restoredFiles, restoredBytes, unchangedDays, kept, problems } = restored;
  const missed = problems.length === 0 ? "" : `, ${counted(problems.length, "file")} can't be restored`;
  context.say(
    `${counted(restoredDays.length, "day")} ${done} (${counted(restoredFiles, "file")}, ${restoredBytes} bytes), ` +
      `${unchangedDays} unchanged, ${kept.length} kept${missed}`,
  );
  sayWhatExpires(restoredDays, config.archive.retentionDays, context);
  return restored;
}
