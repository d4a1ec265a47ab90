/**
 * When the last backup to a place was made, as the history remembers: what tells that a backup is gone from there.
 */
import type { Logger } from "pino";
import type { BackupTarget } from "../archive/backup-target.ts";
import type { MaintenanceHistory } from "../catalog/maintenance-runs.ts";

export interface LastBackupParts {
  target: BackupTarget;
  catalog: Pick<MaintenanceHistory, "lastBackupTo">;
  log: Logger;
}

/** When it ended, ms since 1970. */
export function lastBackupTo({ target, catalog, log }: LastBackupParts): number | undefined {
  return asked(() => catalog.lastBackupTo(placeOf(target)), log);
}

export function rememberBackup(
  { target, catalog, log }: Omit<LastBackupParts, "catalog"> & { catalog: Pick<MaintenanceHistory, "rememberBackup"> },
  endedMs: number,
): void {
  asked(() => catalog.rememberBackup(placeOf(target), endedMs), log);
}

/** What tells it from other places. */
export function placeOf({ folder, name }: BackupTarget): string {
  return folder ?? name;
}

/** A history that can't be asked keeps nothing from being backed up. */
function asked<T>(ask: () => T, log: Logger): T | undefined {
  try {
    return ask();
  } catch (error) {
    log.error({ err: error }, "the history could not be asked about this backup");
    return undefined;
  }
}
