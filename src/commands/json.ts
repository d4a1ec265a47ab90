/**
 * What `--json` prints: the fields of the GraphQL types, as far as they mean something without a server.
 */
import { formatInstant } from "../api/instants.ts";
import type { ProcessedData } from "../api/reading.ts";
import type { CleanedUp } from "../archive/archive.ts";
import type { CheckedBackup } from "../archive/check-backup.ts";
import type { Restored } from "../archive/restore-days.ts";
import type { CatalogDay } from "../catalog/days.ts";
import type { Run } from "../catalog/runs.ts";
import type { BackedUp } from "../jobs/backup.ts";
import type { AxisFound, Calibration } from "../model/plot.ts";
import type { Sample } from "../model/series.ts";
import type { ImageUrlOf } from "./image-url.ts";

const instantOrNull = (timeMs: number | undefined): string | null =>
  timeMs === undefined ? null : formatInstant(timeMs);

/** As Relay's ids are made: whoever keeps one can ask a server for its `node`. */
const globalId = (type: string, id: string | number): string => Buffer.from(`${type}:${id}`).toString("base64");

/** `Archive`, but for its numbers, which the command `data` prints. */
export function archiveJson(day: CatalogDay, displayBase: string, imageUrlOf: ImageUrlOf) {
  return {
    id: globalId("Archive", day.day),
    date: day.day,
    path: `${displayBase}/${day.key}`,
    size: day.size,
    compressed: day.compressed,
    modified: formatInstant(day.modifiedMs),
    sha256: day.sha256 ?? null,
    imageUrl: imageUrlOf(day.day),
    width: day.widthPx ?? null,
    height: day.heightPx ?? null,
    sourceUrl: day.sourceUrl ?? null,
    fetchedAt: instantOrNull(day.fetchedMs),
    station: day.station ?? null,
    windowStart: instantOrNull(day.window?.startMs),
    windowEnd: instantOrNull(day.window?.endMs),
    stale: day.stale,
  };
}

/** `ArchivalRun` */
export function runJson(run: Run) {
  return {
    id: globalId("ArchivalRun", run.id),
    trigger: run.trigger,
    startedAt: formatInstant(run.startedMs),
    endedAt: instantOrNull(run.endedMs),
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

/** `BackupSuccess` */
export function backedUpJson({ run, ...backedUp }: BackedUp) {
  return { startedAt: formatInstant(run.startedMs), endedAt: instantOrNull(run.endedMs), ...backedUp };
}

/** What a check of the backup found. */
export function checkedBackupJson({ atMs, manifest, ...checked }: CheckedBackup) {
  return { manifest: manifest ?? null, backedUpAt: instantOrNull(atMs), ...checked };
}

/** What a restore did. */
export function restoredJson({ restoredDays, kept, ...restored }: Restored) {
  const keptDates = kept.map(({ day, reason }) => ({ date: day, reason }));
  return { ...restored, restoredCount: restoredDays.length, restoredDates: restoredDays, kept: keptDates };
}

/** `[DataPoint!]` */
export function pointsJson(samples: readonly Sample[]) {
  return samples.map(({ timeMs, rmsMv, clipped }) => ({ timestamp: formatInstant(timeMs), value: rmsMv, clipped }));
}

/** `ProcessedData` */
export function dataJson({ day, samples, calibration, problem }: ProcessedData) {
  return {
    date: day,
    count: samples.length,
    points: pointsJson(samples),
    calibration: calibration === undefined ? null : calibrationJson(calibration),
    problem: problem ?? null,
  };
}

const FOUND: Record<AxisFound, string> = { labels: "LABELS", assumed: "ASSUMED" };

/** `Calibration` */
export function calibrationJson({ plotArea, time, amplitude }: Calibration) {
  const { leftPx: left, topPx: top, rightPx: right, bottomPx: bottom } = plotArea;
  return {
    plotArea: { left, top, right, bottom },
    time: {
      found: FOUND[time.found],
      start: formatInstant(time.startMs),
      end: formatInstant(time.endMs),
      secondsPerPixel: time.msPerPx / 1000,
      residual: time.residualPx,
    },
    amplitude: {
      found: FOUND[amplitude.found],
      scale: amplitude.scale.toUpperCase(),
      min: amplitude.minMv,
      max: amplitude.maxMv,
      residual: amplitude.residualPx,
    },
  };
}
