/**
 * What the history tells of a backup: is it as it should be?
 * Owns which run decides that; those to another place, such as by hand to a disk that is taken away, tell nothing of it.
 */
import type { MaintenanceHistory, MaintenanceRun } from "../catalog/maintenance-runs.ts";

/** Runs that are looked through for the last that sent all that it should, or the last check. */
const MOST_RUNS = 500;

/** What tells a check that failed, or lost its process, from a backup. */
export const CHECK_BEGUN = { checkedFiles: 0 };

/** Backups to a place and checks of them, the newest first. @param place `undefined`: to any */
export function listBackups(
  catalog: Pick<MaintenanceHistory, "listMaintenance">,
  place: string | undefined,
): MaintenanceRun[] {
  const runs = catalog.listMaintenance({ kind: "BACKUP", limit: MOST_RUNS });
  return runs.filter((run) => place === undefined || run.place === undefined || run.place === place);
}

/**
 * The run that tells whether the backup is as it should be, of those that have ended: neither a check that finds no damage
 * makes up for a backup that failed, nor a backup, which looks at nothing that hasn't changed, for a check that found
 * damage. A check that couldn't go on has found nothing, so that whatever is whole after it makes up for it.
 * @param runs the newest first
 */
export function decisiveBackupRun(runs: readonly MaintenanceRun[]): MaintenanceRun | undefined {
  const ended = runs.filter(({ outcome }) => outcome !== undefined);
  const backups = ended.filter((run) => !isBackupCheck(run));
  const backup = backups.find((run) => !isStopped(run)) ?? backups[0];
  const check = ended.find(
    (run) => run.outcome !== "FAILED" && (isBackupCheck(run) || run.counts["suspects"] !== undefined),
  );
  const lastWhole = ended.findIndex(({ outcome }) => outcome === "DONE");
  const brokenOff = ended.find(
    (run, at) =>
      (lastWhole === -1 || at < lastWhole) && run.outcome === "FAILED" && isBackupCheck(run) && !isStopped(run),
  );
  return [backup, check, brokenOff].find((run) => run !== undefined && isBackupBad(run)) ?? backup ?? check;
}

/** Did it look at what is there, and send nothing? */
export function isBackupCheck({ counts }: MaintenanceRun): boolean {
  return counts["checkedFiles"] !== undefined;
}

/** Did it leave something wrong? One that was stopped says nothing of that. */
export function isBackupBad(run: MaintenanceRun): boolean {
  return run.outcome !== "DONE" && !isStopped(run);
}

export function isStopped({ errorCode }: MaintenanceRun): boolean {
  return errorCode === "SHUTDOWN";
}
