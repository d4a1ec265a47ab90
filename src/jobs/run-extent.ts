/** How much a maintenance run left wrong, so that one can be told from a worse one. */
import type { MaintenanceRun } from "../catalog/maintenance-runs.ts";

/** One that could not go on is worse than whatever one found that did. */
export function extentOf({ outcome, counts }: MaintenanceRun): number {
  const { problems = 0, damaged = 0, repaired = 0 } = counts;
  return outcome === "FAILED" ? Number.MAX_SAFE_INTEGER : problems + damaged - repaired;
}
