/**
 * What `--json` prints: the fields of the GraphQL types, as far as they mean something without a server.
 */
import type { CleanedUp } from "../archive/archive.ts";
import type { CatalogDay } from "../catalog/days.ts";
import type { Run } from "../catalog/runs.ts";

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();
/** Whole seconds, as the samples have. */
export const isoSeconds = (timeMs: number): string => isoTime(timeMs).replace(/\.\d+Z$/, "Z");
const isoTimeOrNull = (timeMs: number | undefined): string | null => (timeMs === undefined ? null : isoTime(timeMs));

/** `Archive` */
export function archiveJson(day: CatalogDay, displayBase: string) {
  return {
    date: day.day,
    path: `${displayBase}/${day.key}`,
    size: day.size,
    compressed: day.compressed,
    modified: isoTime(day.modifiedMs),
    sha256: day.sha256 ?? null,
    width: day.widthPx ?? null,
    height: day.heightPx ?? null,
    sourceUrl: day.sourceUrl ?? null,
    fetchedAt: isoTimeOrNull(day.fetchedMs),
    station: day.station ?? null,
    windowStart: isoTimeOrNull(day.window?.startMs),
    windowEnd: isoTimeOrNull(day.window?.endMs),
    stale: day.stale,
  };
}

/** `ArchivalRun` */
export function runJson(run: Run) {
  return {
    id: String(run.id),
    trigger: run.trigger,
    startedAt: isoTime(run.startedMs),
    endedAt: isoTimeOrNull(run.endedMs),
    outcome: run.outcome ?? null,
    date: run.day ?? null,
    errorCode: run.errorCode ?? null,
    errorMessage: run.errorMessage ?? null,
  };
}

/** `CleanupSuccess` */
export function cleanupJson({ days, freedBytes, dryRun }: CleanedUp) {
  return { deletedCount: days.length, dates: days, freedBytes, dryRun };
}
