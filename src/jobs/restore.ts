/** The restore job: a restore with its row in the history. */
import type { Restored } from "../archive/restore-days.ts";
import { restore, type RestoreOptions } from "../archive/restore.ts";
import type { BackupTarget } from "../archive/backup-target.ts";
import type { Store } from "../archive/store.ts";
import { asMaintenance, type MaintenanceParts } from "./maintenance.ts";

/** @throws {StoreFailed} what was restored until then stays */
export async function restoreAsRun(
  { store, target, ...parts }: MaintenanceParts & { store: Store; target: BackupTarget },
  options: RestoreOptions,
): Promise<Restored> {
  const work = () => restore(store, target, options);
  if (options.dryRun) return await work(); // nothing is changed, so nothing is history
  const { result } = await asMaintenance("RESTORE", "COMMAND", parts, work, (restored) => {
    const { days, restoredDays, restoredFiles, restoredBytes, unchangedDays, kept, problems } = restored;
    const missed = problems.length === 0 ? "" : `, ${problems.length} files can't be restored`;
    return {
      problems: problems.length > 0,
      summary: `${restoredDays.length} of ${days} days restored, ${kept.length} newer ones kept${missed}`,
      counts: {
        days,
        restoredDays: restoredDays.length,
        restoredFiles,
        restoredBytes,
        unchangedDays,
        keptDays: kept.length,
        problems: problems.length,
      },
    };
  });
  return result;
}
