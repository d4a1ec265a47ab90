/**
 * What the history tells of a backup: is it as it should be?
 * Owns which runs decide that; those to another place, such as by hand to a disk that is taken away, tell nothing of it.
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
 * The runs that tell whether the backup is as it should be, of those that have ended, the newest first: each that leaves
 * something wrong, else one that doesn't. Neither a check that finds no damage makes up for a backup that failed, nor a
 * backup, which looks at nothing that hasn't changed, for a check that found damage. A check that couldn't go on has found
 * nothing, so that whatever goes to its end after it makes up for it.
 * @param runs the newest first
 */
export function decisiveBackupRuns(runs: readonly MaintenanceRun[]): MaintenanceRun[] {
  const ended = runs.filter(({ outcome }) => outcome !== undefined);
  const backups = ended.filter((run) => !isBackupCheck(run));
  const backup = backups.find((run) => !isStopped(run)) ?? backups[0];
  const check = ended.find(
    (run) => run.outcome !== "FAILED" && (isBackupCheck(run) || run.counts["suspects"] !== undefined),
  );
  const last = ended.find((run) => run.outcome !== "FAILED" || (isBackupCheck(run) && !isStopped(run)));
  const brokenOff = last?.outcome === "FAILED" ? last : undefined;
  const bad = ended.filter((run) => [backup, check, brokenOff].includes(run) && isBackupBad(run));
  const good = backup ?? check;
  return bad.length === 0 && good !== undefined ? [good] : bad;
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
