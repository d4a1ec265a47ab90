/**
 * Days in the catalog: which pictures there are, and what was read in each.
 * Owns their queries; `jobs/` decides what is put here.
 */
import type { DatabaseSync } from "node:sqlite";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import type { Calibration, Fidelity } from "../model/plot.ts";
import type { Sample, TimeRange } from "../model/series.ts";
import { packSamples, unpackSamples } from "./packed-samples.ts";

/** A day that has a picture, with what its record says. */
export interface CatalogDay {
  day: Day;
  /** Relative to the archive's base. */
  key: string;
  /** Bytes on disk. */
  size: number;
  compressed: boolean;
  modifiedMs: number;
  /** Of the PNG's own bytes, lower-case hex; `undefined` until it was read, and where it is damaged. */
  sha256: string | undefined;
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

export interface DayPageQuery {
  from?: Day | undefined;
  to?: Day | undefined;
  order: "NEWEST_FIRST" | "OLDEST_FIRST";
  /** Only days that come after this one in `order`. */
  after?: Day | undefined;
  /** Only days that come before this one in `order`. */
  before?: Day | undefined;
  limit?: number | undefined;
  /** Take the last `limit` in place of the first; they still come in `order`. */
  fromEnd?: boolean | undefined;
}

export interface Totals {
  archives: number;
  /** Bytes on disk. */
  bytes: number;
  oldest: Day | undefined;
  newest: Day | undefined;
}

export interface DayTable {
  findDay(day: Day): CatalogDay | undefined;
  listDays(query: DayPageQuery): CatalogDay[];
  countDays(range: { from?: Day | undefined; to?: Day | undefined }): number;
  totals(): Totals;
  findReading(day: Day): CatalogReading | undefined;
  /** What the files of each day looked like when they were put here, as the caller wrote it down. */
  listSeen(range: { from: Day; to: Day }): Map<Day, string>;
  /**
   * Sets all that is known of a day: its picture and its reading, `undefined` where it has none.
   * @param seen what its files look like, for `listSeen`; `undefined` when they are to be looked at again
   */
  putDay(day: Day, picture: CatalogDay | undefined, reading: CatalogReading | undefined, seen?: string): void;
}

const COLUMNS = `day, key, size, compressed, modified_ms, sha256, width_px, height_px, source_url, fetched_ms, etag,
  last_modified, station, window_start_ms, window_end_ms, stale`;

/** Text that sorts before and after every day. */
const BEFORE_ALL = "";
const AFTER_ALL = "~";

export function createDayTable(database: DatabaseSync, changed: () => void): DayTable {
  const one = database.prepare(`SELECT ${COLUMNS} FROM days WHERE day = ?`);
  const page = `SELECT ${COLUMNS} FROM days WHERE day >= ? AND day <= ? AND day > ? AND day < ? ORDER BY day`;
  const ascending = database.prepare(`${page} LIMIT ?`);
  const descending = database.prepare(`${page} DESC LIMIT ?`);
  for (const statement of [one, ascending, descending]) statement.setReturnArrays(true);
  const count = database.prepare("SELECT count(*) AS count FROM days WHERE day >= ? AND day <= ?");
  const totals = database.prepare(
    "SELECT count(*) AS archives, coalesce(sum(size), 0) AS bytes, min(day) AS oldest, max(day) AS newest FROM days",
  );
  const setDay = database.prepare(
    `INSERT OR REPLACE INTO days (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const unsetDay = database.prepare("DELETE FROM days WHERE day = ?");
  const reading = database.prepare("SELECT * FROM readings WHERE day = ?");
  const setReading = database.prepare("INSERT OR REPLACE INTO readings VALUES (?, ?, ?, ?, ?, ?)");
  const unsetReading = database.prepare("DELETE FROM readings WHERE day = ?");
  const allSeen = database.prepare("SELECT day, files FROM seen WHERE day >= ? AND day <= ?");
  const setSeen = database.prepare("INSERT OR REPLACE INTO seen VALUES (?, ?)");
  const unsetSeen = database.prepare("DELETE FROM seen WHERE day = ?");

  return {
    findDay(day) {
      const row = one.get(day);
      return row && toDay(row);
    },
    listDays({ from, to, order, after, before, limit, fromEnd }) {
      const newestFirst = order === "NEWEST_FIRST";
      const [above, below] = newestFirst ? [before, after] : [after, before];
      const downwards = newestFirst !== (fromEnd ?? false);
      const bounds = [from ?? FIRST_DAY, to ?? LAST_DAY, above ?? BEFORE_ALL, below ?? AFTER_ALL];
      const rows = (downwards ? descending : ascending).all(...bounds, limit ?? -1).map(toDay);
      return fromEnd ? rows.reverse() : rows;
    },
    countDays: ({ from, to }) => Number(count.get(from ?? FIRST_DAY, to ?? LAST_DAY)?.["count"]),
    totals() {
      const { archives, bytes, oldest, newest } = totals.get() as Record<string, unknown>;
      return {
        archives: Number(archives),
        bytes: Number(bytes),
        oldest: (oldest ?? undefined) as Day | undefined,
        newest: (newest ?? undefined) as Day | undefined,
      };
    },
    findReading(day) {
      const row = reading.get(day);
      return row && toReading(row);
    },
    listSeen: ({ from, to }) =>
      new Map(allSeen.all(from, to).map((row) => [row["day"] as Day, row["files"] as string])),
    putDay(day, picture, dayReading, seen) {
      if (picture === undefined) unsetDay.run(day);
      else setDay.run(...fromDay(picture));
      if (dayReading === undefined) unsetReading.run(day);
      else setReading.run(...fromReading(dayReading));
      if (seen === undefined) unsetSeen.run(day);
      else setSeen.run(day, seen);
      changed();
    },
  };
}

type Row = Record<string, unknown>;

/** @param row the columns in the order of `COLUMNS`; as an array, which costs half of what an object does */
function toDay(row: unknown): CatalogDay {
  const [day, key, size, compressed, modifiedMs, sha256, widthPx, heightPx, sourceUrl, ...rest] = row as SqlValue[];
  const [fetchedMs, etag, lastModified, station, startMs, endMs, stale] = rest;
  return {
    day: day as Day,
    key: key as string,
    size: size as number,
    compressed: compressed === 1,
    modifiedMs: modifiedMs as number,
    sha256: textOf(sha256),
    widthPx: numberOf(widthPx),
    heightPx: numberOf(heightPx),
    sourceUrl: textOf(sourceUrl),
    fetchedMs: numberOf(fetchedMs),
    etag: textOf(etag),
    lastModified: textOf(lastModified),
    station: textOf(station),
    window: typeof startMs === "number" && typeof endMs === "number" ? { startMs, endMs } : undefined,
    stale: stale === 1,
  };
}

type SqlValue = string | number | null | undefined;
const textOf = (value: SqlValue): string | undefined => (typeof value === "string" ? value : undefined);
const numberOf = (value: SqlValue): number | undefined => (typeof value === "number" ? value : undefined);

function fromDay(day: CatalogDay): (string | number | null)[] {
  return [
    day.day,
    day.key,
    day.size,
    day.compressed ? 1 : 0,
    day.modifiedMs,
    day.sha256 ?? null,
    day.widthPx ?? null,
    day.heightPx ?? null,
    day.sourceUrl ?? null,
    day.fetchedMs ?? null,
    day.etag ?? null,
    day.lastModified ?? null,
    day.station ?? null,
    day.window?.startMs ?? null,
    day.window?.endMs ?? null,
    day.stale ? 1 : 0,
  ];
}

function toReading(row: Row): CatalogReading {
  return {
    day: row["day"] as Day,
    digitizerVersion: row["digitizer_version"] as number,
    calibration: fromJson(row["calibration"]),
    fidelity: fromJson(row["fidelity"]),
    problem: (row["problem"] ?? undefined) as string | undefined,
    samples: unpackSamples(row["samples"] as Uint8Array),
  };
}

function fromReading(reading: CatalogReading): (string | number | Uint8Array | null)[] {
  return [
    reading.day,
    reading.digitizerVersion,
    toJson(reading.calibration),
    toJson(reading.fidelity),
    reading.problem ?? null,
    packSamples(reading.samples),
  ];
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
const fromJson = <T>(text: unknown): T | undefined => (typeof text === "string" ? (JSON.parse(text) as T) : undefined);
