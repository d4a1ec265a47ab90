/**
 * Days in the catalog: which pictures there are.
 * Owns their queries, and `putDay`, the one way in for all that is known of a day; `jobs/` decides what is put here.
 */
import type { DatabaseSync } from "node:sqlite";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import type { TimeRange } from "../model/series.ts";
import type { CatalogReading } from "./readings.ts";
import { createRowSeals } from "./row-seals.ts";

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
  /** What the files of each day looked like when they were put here, as the caller wrote it down. */
  listSeen(range: { from: Day; to: Day }): Map<Day, string>;
  /** Other days of which anything is known. */
  listUnseen(range: { from: Day; to: Day }): Day[];
  /** The newest days whose picture was never read, though all that is known of them was looked at. */
  listUnread(limit: number): Day[];
  countUnread(): number;
  /** Sets a day's picture by its name alone; its files are to be looked at again. What was read of it stays. */
  putPicture(day: Day, picture: CatalogDay | undefined): void;
  /**
   * Sets all that is known of a day: its picture and its reading, `undefined` where it has none. What another reading
   * changes in the tremor record waits until it is stitched.
   * @param seen what its files look like, for `listSeen`; `undefined` when they are to be looked at again
   */
  putDay(day: Day, picture: CatalogDay | undefined, reading: CatalogReading | undefined, seen?: string): void;
  /** Seals a day that was just put, in the same transaction, where its rows were made from a whole record. */
  sealDay(day: Day): void;
  /** What the files of the day looked like, and its picture, if all its rows are as they were sealed. */
  findSealed(day: Day): { files: string; picture: CatalogDay | undefined } | undefined;
}

const COLUMNS = `day, key, size, compressed, modified_ms, sha256, width_px, height_px, source_url, fetched_ms, etag,
  last_modified, station, window_start_ms, window_end_ms, stale`;

/** Text that sorts after a day, and before the next one. */
const justAfter = (day: Day): string => `${day}~`;

/** @param setReading puts what was read of a day, with all that follows from it */
export function createDayTable(
  database: DatabaseSync,
  transaction: (work: () => void) => void,
  setReading: (day: Day, reading: CatalogReading | undefined) => void,
  changed: () => void,
): DayTable {
  const one = database.prepare(`SELECT ${COLUMNS} FROM days WHERE day = ?`);
  // One bound on each side: SQLite begins its search at one, and would read all rows up to a second one. For a limit
  // that is but a parameter it would plan the query anew each time.
  const page = `SELECT ${COLUMNS} FROM days WHERE day >= ? AND day < ? ORDER BY day`;
  const ascending = database.prepare(`${page} LIMIT ? + 0`);
  const descending = database.prepare(`${page} DESC LIMIT ? + 0`);
  for (const statement of [one, ascending, descending]) statement.setReturnArrays(true);
  const count = database.prepare("SELECT count(*) AS count FROM days WHERE day >= ? AND day <= ?");
  const totals = database.prepare(
    "SELECT count(*) AS archives, coalesce(sum(size), 0) AS bytes, min(day) AS oldest, max(day) AS newest FROM days",
  );
  const unread = `FROM days WHERE day IN (SELECT day FROM seen) AND day NOT IN (SELECT day FROM readings)`;
  const newestUnread = database.prepare(`SELECT day ${unread} ORDER BY day DESC LIMIT ?`);
  const allUnread = database.prepare(`SELECT count(*) AS count ${unread}`);
  const setDay = database.prepare(
    `INSERT OR REPLACE INTO days (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const unsetDay = database.prepare("DELETE FROM days WHERE day = ?");
  const allSeen = database.prepare("SELECT day, files FROM seen WHERE day >= ? AND day <= ?");
  const unseen = ["days", "readings"].map(
    (table) => `SELECT day FROM ${table} WHERE day >= :from AND day <= :to AND day NOT IN (SELECT day FROM seen)`,
  );
  const allUnseen = database.prepare(unseen.join(" UNION "));
  const setSeen = database.prepare("INSERT OR REPLACE INTO seen (day, files) VALUES (?, ?)");
  const unsetSeen = database.prepare("DELETE FROM seen WHERE day = ?");
  const seals = createRowSeals(database);

  function setPicture(day: Day, picture: CatalogDay | undefined): void {
    if (picture === undefined) unsetDay.run(day);
    else setDay.run(...fromDay(picture));
  }

  return {
    findDay(day) {
      const row = one.get(day);
      return row && toDay(row);
    },
    listDays({ from = FIRST_DAY, to = LAST_DAY, order, after, before, limit, fromEnd }) {
      const newestFirst = order === "NEWEST_FIRST";
      const [above, below] = newestFirst ? [before, after] : [after, before];
      const downwards = newestFirst !== (fromEnd ?? false);
      const start = above !== undefined && above >= from ? justAfter(above) : from;
      const end = below !== undefined && below <= to ? below : justAfter(to);
      const rows = (downwards ? descending : ascending).all(start, end, limit ?? -1).map(toDay);
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
    listSeen: ({ from, to }) =>
      new Map(allSeen.all(from, to).map((row) => [row["day"] as Day, row["files"] as string])),
    listUnseen: (range) => allUnseen.all(range).map((row) => row["day"] as Day),
    listUnread: (limit) => newestUnread.all(limit).map((row) => row["day"] as Day),
    countUnread: () => Number(allUnread.get()?.["count"]),
    putPicture(day, picture) {
      transaction(() => {
        setPicture(day, picture);
        unsetSeen.run(day);
      });
      changed();
    },
    putDay(day, picture, reading, seen) {
      transaction(() => {
        setPicture(day, picture);
        setReading(day, reading);
        if (seen === undefined) unsetSeen.run(day);
        else setSeen.run(day, seen);
      });
      changed();
    },
    sealDay: (day) => seals.seal(day),
    findSealed(day) {
      const sealed = seals.findSealed(day);
      return sealed && { files: sealed.files, picture: sealed.picture && toDay(sealed.picture) };
    },
  };
}

/** @param row the columns in the order of `COLUMNS`; as an array, which costs half of what an object does */
function toDay(row: unknown): CatalogDay {
  const at = row as SqlValue[]; // taken apart by numbers: a pattern would cost as much as the query
  const [startMs, endMs] = [at[13], at[14]];
  return {
    day: at[0] as Day,
    key: at[1] as string,
    size: at[2] as number,
    compressed: at[3] === 1,
    modifiedMs: at[4] as number,
    sha256: textOf(at[5]),
    widthPx: numberOf(at[6]),
    heightPx: numberOf(at[7]),
    sourceUrl: textOf(at[8]),
    fetchedMs: numberOf(at[9]),
    etag: textOf(at[10]),
    lastModified: textOf(at[11]),
    station: textOf(at[12]),
    window: typeof startMs === "number" && typeof endMs === "number" ? { startMs, endMs } : undefined,
    stale: at[15] === 1,
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
