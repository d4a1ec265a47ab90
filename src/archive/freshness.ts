/**
 * Freshness: which of two plots of one day stays, and which plot is stale (DESIGN.md, Time).
 * Owns the rule only; the archive applies it under its lock.
 */
import type { Day } from "../model/day.ts";
import type { Digitization, PlotVersion } from "../model/plot.ts";
import { CADENCE_MS, endsAfter } from "../model/series.ts";
import type { DayRecord } from "./record.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const STALE_AFTER_MS = 6 * HOUR_MS;

/** What is known of how far a plot reaches, and whether it is one. */
export interface Freshness {
  /** Has its reading any samples? `undefined` where it wasn't read. */
  showsTremor: boolean | undefined;
  fetchedMs: number;
  /** The end of its time axis, where it was read from the labels. */
  axisEndMs: number | undefined;
  /** When its server says that it was made. */
  lastModifiedMs: number | undefined;
  /** Does it surely show tremor of after the day that it is kept for? Then it is none of that day's plots. */
  isAhead: boolean;
}

export function freshnessOf(plot: {
  day: Day;
  fetchedMs: number;
  version: PlotVersion;
  reading: Digitization | undefined;
}): Freshness {
  const axis = plot.reading?.calibration?.time;
  const endMs = sureEndMs(plot.reading);
  const lastModifiedMs = Date.parse(plot.version.lastModified ?? "");
  return {
    showsTremor: plot.reading && plot.reading.samples.length > 0,
    fetchedMs: plot.fetchedMs,
    axisEndMs: axis?.found === "labels" ? axis.endMs : undefined,
    lastModifiedMs: Number.isNaN(lastModifiedMs) ? undefined : lastModifiedMs,
    isAhead: endMs !== undefined && endsAfter(plot.day, endMs),
  };
}

/** Of a day's picture: as the record tells, if that is of this very one; else by the time of its file alone. */
export function freshnessOfPicture(
  { day, sha256, modifiedMs }: { day: Day; sha256: string; modifiedMs: number },
  record: DayRecord | undefined,
): Freshness {
  const named = record?.picture.sha256 === sha256 ? record : undefined;
  return freshnessOf({ ...(named?.source ?? { fetchedMs: modifiedMs, version: {} }), day, reading: named?.reading });
}

/**
 * Of the plot that a record is of, whatever became of its picture. Where the record doesn't say when that was fetched, it
 * was no earlier than its curve ends; one that ends after the day, on which it was fetched, has a wrong date.
 */
export function freshnessOfRecord({ day, source, reading }: DayRecord): Freshness {
  const endMs = reading?.samples.at(-1)?.timeMs ?? 0;
  const fetchedMs = endsAfter(day, endMs) ? 0 : endMs;
  return freshnessOf({ ...(source ?? { fetchedMs, version: {} }), day, reading });
}

/** When a curve ends, if its time is sure. */
export function sureEndMs(reading: Digitization | undefined): number | undefined {
  const isSure = reading?.trusted === true && reading.calibration?.time.found === "labels";
  return isSure ? reading.samples.at(-1)?.timeMs : undefined;
}

/** Did the plot end more than six hours before it was fetched? Where nothing tells, it isn't stale. */
export function isStale({ fetchedMs, axisEndMs, lastModifiedMs }: Omit<Freshness, "isAhead">): boolean {
  const endMs = axisEndMs ?? lastModifiedMs;
  return endMs !== undefined && fetchedMs - endMs > STALE_AFTER_MS;
}

/**
 * Why the kept plot stays when the candidate of the same day comes, in words; `undefined` when the candidate replaces it.
 * A plot in which tremor was read stays before a picture in which none was, such as a page that says «in maintenance».
 * Else the later end stays; where the ends are equal or can't be compared, the fresh one, then the later fetched.
 */
export function whyKept(kept: Freshness, candidate: Freshness): string | undefined {
  if (kept.showsTremor && candidate.showsTremor === false)
    return "no tremor could be read in the picture, and it could in the day's";
  if (candidate.isAhead !== kept.isAhead)
    return candidate.isAhead ? "the plot shows tremor of after that day, and the day's doesn't" : undefined;
  if (candidate.showsTremor && kept.showsTremor === false) return undefined;
  const laterMs = compareEnds(kept, candidate);
  if (laterMs < 0) return undefined;
  if (laterMs > 0) return `the day's plot ends ${roughly(laterMs)} later`;
  if (isStale(candidate) && !isStale(kept)) return "the plot is stale and the day's isn't";
  if (isStale(kept) && !isStale(candidate)) return undefined;
  return kept.fetchedMs > candidate.fetchedMs ? "the day's plot was fetched later" : undefined;
}

/** A length of time in its largest unit of which there are two: `20 s`, `30 min`, `7 h`, `20 days`. */
function roughly(durationMs: number): string {
  const count = (unitMs: number): number => Math.round(durationMs / unitMs);
  if (count(DAY_MS) >= 2) return `${count(DAY_MS)} days`;
  if (count(HOUR_MS) >= 2) return `${count(HOUR_MS)} h`;
  return count(60_000) >= 2 ? `${count(60_000)} min` : `${count(1000)} s`;
}

/** Does anything tell that it is the one to keep of the two? */
export function isFresher(plot: Freshness, than: Freshness): boolean {
  return whyKept(plot, than) !== undefined;
}

/**
 * By how many ms the kept plot ends later than the candidate: 0 when equal or unknown.
 * Only ends of one kind are compared: an axis reaches up to an hour beyond the moment at which its plot was made.
 */
function compareEnds(kept: Freshness, candidate: Freshness): number {
  if (kept.axisEndMs !== undefined && candidate.axisEndMs !== undefined) {
    const laterMs = kept.axisEndMs - candidate.axisEndMs;
    // A fitted axis isn't exact to the millisecond; samples are a cadence apart.
    return Math.abs(laterMs) < CADENCE_MS / 2 ? 0 : laterMs;
  }
  if (kept.lastModifiedMs !== undefined && candidate.lastModifiedMs !== undefined)
    return kept.lastModifiedMs - candidate.lastModifiedMs;
  return 0;
}
