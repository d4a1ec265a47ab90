/**
 * Readings in the catalog: what the plot of each day shows, all of its samples packed into one blob.
 * Owns their rows; the tremor record is made from them in `tremor.ts`.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../model/day.ts";
import type { Calibration, Fidelity } from "../model/plot.ts";
import type { Sample, TimeRange } from "../model/series.ts";
import type { FiledPlot } from "../series/misfiled.ts";
import type { PlotSeries } from "../series/tracks.ts";
import { CatalogDamaged } from "./damage.ts";
import { packSamples, unpackSamples } from "./packed-samples.ts";

/** What the plot of a day shows. It outlives the picture. */
export interface CatalogReading {
  day: Day;
  digitizerVersion: number;
  /** Only trusted samples enter the tremor record. */
  trusted: boolean;
  station: string | undefined;
  /** When the source sent the picture, where that is known. */
  fetchedMs: number | undefined;
  calibration: Calibration | undefined;
  fidelity: Fidelity | undefined;
  /** In words; `undefined` when there is none. */
  problem: string | undefined;
  /** Of the picture that was read, where its record tells. */
  pictureSha256?: string | undefined;
  /** All that the plot shows, by time. */
  samples: Sample[];
}

/** From the first instant that a plot shows to the last, both included. */
export interface Shown {
  firstMs: number;
  lastMs: number;
}

export interface ReadingTable {
  findReading(day: Day): CatalogReading | undefined;
  /** Is this, or nothing, exactly what is kept of the day? */
  holdsReading(day: Day, reading: CatalogReading | undefined): boolean;
  /**
   * Sets or, with `undefined`, removes what was read of a day.
   * @returns what the record's plots showed of it, before and now, where that is another one than before
   */
  setReading(day: Day, reading: CatalogReading | undefined): Shown[];
  /** Trusted plots that show anything within the range. */
  plotsShowing(range: TimeRange): PlotSeries[];
  /** Archive days of these plots, oldest first. */
  daysShowing(range: TimeRange): Day[];
  /** Days of which this picture was read, oldest first; it may be gone from there. */
  listDaysOf(pictureSha256: string): Day[];
  /** What each trusted plot shows last, of all days. */
  filedPlots(): (FiledPlot & Shown)[];
}

const COLUMNS = `day, digitizer_version, trusted, station, fetched_ms, first_ms, last_ms, calibration, fidelity, problem,
  picture_sha256, samples`;

/** No plot shows more than a month, so that none that began earlier need be looked at. */
const LONGEST_PLOT_MS = 32 * 86_400_000;

export function createReadingTable(database: DatabaseSync): ReadingTable {
  const one = database.prepare("SELECT * FROM readings WHERE day = ?");
  const set = database.prepare(
    `INSERT OR REPLACE INTO readings (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const unset = database.prepare("DELETE FROM readings WHERE day = ?");
  const within = "WHERE trusted = 1 AND first_ms > ? AND first_ms < ? AND last_ms >= ?";
  const plots = database.prepare(`SELECT * FROM readings ${within}`);
  const days = database.prepare(`SELECT day FROM readings ${within} ORDER BY day`);
  const ofPicture = database.prepare("SELECT day FROM readings WHERE picture_sha256 = ? ORDER BY day");
  const filed = database.prepare(
    "SELECT day, first_ms, last_ms, fetched_ms FROM readings WHERE trusted = 1 AND first_ms IS NOT NULL",
  );
  /** Of the last call: stretch after stretch is stitched, and neighbours are made from many of the same plots. */
  let last: WeakRef<Map<unknown, { row: Row; plot: PlotSeries }>> | undefined;
  const bounds = ({ startMs, endMs }: TimeRange) => [startMs - LONGEST_PLOT_MS, endMs, startMs] as const;

  return {
    findReading(day) {
      const row = one.get(day);
      return row && toReading(row);
    },
    holdsReading(day, reading) {
      const row = one.get(day);
      return row === undefined || reading === undefined ? row === reading : isSameRow(row, toRow(reading));
    },
    setReading(day, reading) {
      const before = one.get(day);
      if (reading === undefined) {
        if (before !== undefined) unset.run(day);
        return before === undefined ? [] : shown(before);
      }
      const now = toRow(reading);
      if (before !== undefined && isSameRow(before, now)) return [];
      set.run(...Object.values(now));
      return [...(before === undefined ? [] : shown(before)), ...shown(now)];
    },
    plotsShowing(range) {
      const before = last?.deref();
      const now = plots.all(...bounds(range)).map((row) => {
        const known = before?.get(row["day"]);
        return known !== undefined && isSameRow(known.row, row) ? known : { row, plot: toReading(row) };
      });
      last = new WeakRef(new Map(now.map((known) => [known.row["day"], known])));
      return now.map(({ plot }) => plot);
    },
    daysShowing: (range) => days.all(...bounds(range)).map((row) => row["day"] as Day),
    listDaysOf: (pictureSha256) => ofPicture.all(pictureSha256).map((row) => row["day"] as Day),
    filedPlots: () =>
      filed.all().map((row) => ({
        day: row["day"] as Day,
        firstMs: row["first_ms"] as number,
        lastMs: row["last_ms"] as number,
        fetchedMs: (row["fetched_ms"] ?? undefined) as number | undefined,
      })),
  };
}

type Row = Record<string, unknown>;

/** What it brings into the record; nothing where it isn't trusted. */
function shown(row: Row): Shown[] {
  if (row["trusted"] !== 1 || row["first_ms"] === null) return [];
  return [{ firstMs: row["first_ms"] as number, lastMs: row["last_ms"] as number }];
}

function toRow(reading: CatalogReading): Record<string, ReturnType<typeof fromReading>[number]> {
  const values = fromReading(reading);
  return Object.fromEntries(COLUMNS.split(",").map((name, index) => [name.trim(), values[index]!]));
}

function isSameRow(row: Row, other: Row): boolean {
  return Object.keys(other).every((name) => isSame(row[name], other[name]));
}

function isSame(a: unknown, b: unknown): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b;
}

function toReading(row: Row): CatalogReading {
  return {
    day: row["day"] as Day,
    digitizerVersion: row["digitizer_version"] as number,
    trusted: row["trusted"] === 1,
    station: (row["station"] ?? undefined) as string | undefined,
    fetchedMs: (row["fetched_ms"] ?? undefined) as number | undefined,
    calibration: fromJson(row["calibration"]),
    fidelity: fromJson(row["fidelity"]),
    problem: (row["problem"] ?? undefined) as string | undefined,
    pictureSha256: (row["picture_sha256"] ?? undefined) as string | undefined,
    samples: unpackSamples(row["samples"] as Uint8Array),
  };
}

function fromReading(reading: CatalogReading): (string | number | Uint8Array | null)[] {
  return [
    reading.day,
    reading.digitizerVersion,
    reading.trusted ? 1 : 0,
    reading.station ?? null,
    reading.fetchedMs ?? null,
    reading.samples[0]?.timeMs ?? null,
    reading.samples.at(-1)?.timeMs ?? null,
    toJson(reading.calibration),
    toJson(reading.fidelity),
    reading.problem ?? null,
    reading.pictureSha256 ?? null,
    packSamples(reading.samples),
  ];
}

const toJson = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

function fromJson<T>(text: unknown): T | undefined {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new CatalogDamaged("what is known of a plot isn't JSON", { cause });
  }
}
