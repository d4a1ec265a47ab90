/**
 * The catalog: what readers ask, answered from SQLite. A cache of the archive: delete it, and `rebuild` restores it.
 * Only the history of runs is told here alone, and nothing but that history is lost with it.
 */
import type { Day } from "../model/day.ts";
import type { ErrorCode } from "../model/errors.ts";
import type { Calibration, Fidelity } from "../model/plot.ts";
import type { Sample, TimeRange } from "../model/series.ts";

/** A day that has a picture, with what its record says. */
export interface CatalogDay {
  day: Day;
  /** Relative to the archive's base. */
  key: string;
  /** Bytes on disk. */
  size: number;
  compressed: boolean;
  modifiedMs: number;
  /** Of the PNG's own bytes, lower-case hex. */
  sha256: string;
  widthPx: number | undefined;
  heightPx: number | undefined;
  sourceUrl: string | undefined;
  fetchedMs: number | undefined;
  /** ETag and Last-Modified as the source sent them. */
  etag: string | undefined;
  lastModified: string | undefined;
  station: string | undefined;
  window: TimeRange | undefined;
  stale: boolean;
}

/** What the plot of a day shows. It outlives the picture. */
export interface CatalogReading {
  day: Day;
  digitizerVersion: number;
  calibration: Calibration | undefined;
  fidelity: Fidelity | undefined;
  /** In words; `undefined` when there is none. */
  problem: string | undefined;
  /** All that the plot shows, by time. */
  samples: Sample[];
}

export type RunTrigger = "SCHEDULE" | "STARTUP" | "ADMIN" | "COMMAND";
export type RunOutcome = "ARCHIVED" | "UNCHANGED" | "FAILED";

/** One run of the archive job. */
export interface Run {
  id: number;
  trigger: RunTrigger;
  startedMs: number;
  /** `undefined` while it runs, and for ever when its process died. */
  endedMs: number | undefined;
  outcome: RunOutcome | undefined;
  day: Day | undefined;
  errorCode: ErrorCode | undefined;
  errorMessage: string | undefined;
}

export interface DayPageQuery {
  from?: Day;
  to?: Day;
  order: "NEWEST_FIRST" | "OLDEST_FIRST";
  /** Only days that come after this one in `order`. */
  after?: Day;
  /** Only days that come before this one in `order`. */
  before?: Day;
  limit?: number;
  /** Take the last `limit` in place of the first; they still come in `order`. */
  fromEnd?: boolean;
}

export interface Totals {
  archives: number;
  /** Bytes on disk. */
  bytes: number;
  oldest: Day | undefined;
  newest: Day | undefined;
}

export interface Catalog extends Disposable {
  /** Grows with each change that any process makes to this file, so that answers made before it can be dropped. */
  revision(): number;

  findDay(day: Day): CatalogDay | undefined;
  listDays(query: DayPageQuery): CatalogDay[];
  countDays(range: { from?: Day; to?: Day }): number;
  totals(): Totals;
  findReading(day: Day): CatalogReading | undefined;

  /** Sets what is known of a day: its picture (`undefined`: none or expired) and its reading. */
  putDay(day: Day, entry: CatalogDay | undefined, reading: CatalogReading | undefined): void;
  /** Many changes as one. */
  transaction<T>(work: () => T): T;

  startRun(run: { trigger: RunTrigger; startedMs: number }): Run;
  endRun(
    id: number,
    end: { endedMs: number; outcome: RunOutcome; day?: Day; error?: { code: ErrorCode | "INTERNAL"; message: string } },
  ): Run;
  findRun(id: number): Run | undefined;
  /** Newest first. `after`: only runs started before the run of this id. */
  listRuns(query: { limit: number; after?: number }): Run[];
  lastRun(): Run | undefined;
  lastSuccess(): Run | undefined;
}
