/**
 * The tremor record in the catalog: one value for every ten minutes, stitched from what all plots show.
 * Owns which of its days are out of date, and makes them anew; how plots are joined is told in `series/`.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../model/day.ts";
import type { TimeRange } from "../model/series.ts";
import { firstAtOrAfter } from "../series/columns.ts";
import type { SetAside } from "../series/judge-plots.ts";
import { findMisfiled } from "../series/misfiled.ts";
import { stitch, STITCH_REACH_MS } from "../series/stitch.ts";
import { CatalogDamaged } from "./damage.ts";
import { DAY_MS, packDay, sliceRecord, unpackDays, type RecordColumns } from "./packed-day.ts";
import type { ReadingTable, Shown } from "./readings.ts";
import { createTremorSeals, faultOf, prepareSealedDays, type SealedDay } from "./tremor-seals.ts";

export interface TremorTable {
  /**
   * The samples within a range, by time: to be read only, as others may be handed the same memory.
   * @throws {CatalogDamaged} where a day isn't as it was written
   */
  readTremor(range: TimeRange): RecordColumns;
  /** First and last day of the record, and how many of its days have samples. @throws {CatalogDamaged} */
  tremorDays(): { first: Day; last: Day; count: number } | undefined;
  /** Plots that take no part in the record, by day. */
  listSetAside(): SetAside[];
  /** Days of the record that wait to be stitched. */
  countUnstitched(): number;
  /** Looks for plots that lie under a wrong day now, and marks what that changes. Call it before `stitchDays`. */
  judgeFiling(): void;
  /** Stitches the newest days that wait, a stretch of at most so many. @returns how many still wait */
  stitchDays(most: number): number;
}

/** Ranges longer than this are cut from the whole record: 20 years take 19 MB, and 40 ms to read. */
const LONG_DAYS = 500;
/** More days than any date has, either way from 1970. */
const ANY_DAY = 10_000_000;

export function createTremorTable(
  database: DatabaseSync,
  readings: ReadingTable,
  transaction: <T>(work: () => T) => T,
  changed: () => void,
  revision: () => number,
): TremorTable & { markShown(shown: readonly Shown[]): void; dropSetAside(day: Day): void } {
  const { setSeal } = createTremorSeals(database);
  const days = database.prepare("SELECT day, samples FROM tremor WHERE day >= ? AND day < ?");
  const sealedDays = prepareSealedDays(database);
  const extent = database.prepare("SELECT min(day) AS first, max(day) AS last, count(*) AS count FROM tremor");
  const setDay = database.prepare("INSERT OR REPLACE INTO tremor VALUES (?, ?)");
  const unsetDay = database.prepare("DELETE FROM tremor WHERE day = ?");
  const mark = database.prepare("INSERT OR IGNORE INTO unstitched VALUES (?)");
  const unmark = database.prepare("DELETE FROM unstitched WHERE day >= ? AND day < ?");
  const newest = database.prepare("SELECT max(day) AS day FROM unstitched");
  const oldest = database.prepare("SELECT min(day) AS day FROM unstitched WHERE day > ?");
  const waiting = database.prepare("SELECT count(*) AS count FROM unstitched");
  const misfiled = database.prepare("SELECT day, message FROM misfiled");
  const setMisfiled = database.prepare("INSERT OR REPLACE INTO misfiled VALUES (?, ?)");
  const unsetMisfiled = database.prepare("DELETE FROM misfiled WHERE day = ?");
  const aside = database.prepare("SELECT * FROM set_aside ORDER BY day");
  const setAside = database.prepare("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?)");
  const unsetAsideWithin = database.prepare("DELETE FROM set_aside WHERE start_ms < ? AND end_ms > ?");
  const unsetAside = database.prepare("DELETE FROM set_aside WHERE day = ?");

  const count = (): number => Number(waiting.get()?.["count"]);
  const misfiledDays = () => new Map(misfiled.all().map((row) => [row["day"] as Day, row["message"] as string]));

  function markShown(shown: readonly Shown[]): void {
    for (const { firstMs, lastMs } of shown) {
      const last = Math.floor((lastMs + STITCH_REACH_MS) / DAY_MS);
      for (let day = Math.floor((firstMs - STITCH_REACH_MS) / DAY_MS); day <= last; day++) mark.run(day);
    }
  }

  let whole: { revision: number; columns: RecordColumns } | undefined;
  /** The whole record, kept in memory while nothing changes. */
  function readWhole(): RecordColumns {
    const current = revision();
    if (whole?.revision !== current) whole = { revision: current, columns: readDays(-Infinity, Infinity) };
    return whole.columns;
  }

  function readDays(first: number, end: number): RecordColumns {
    const bounds = [first, end].map((day) => Math.min(Math.max(day, -ANY_DAY), ANY_DAY));
    const rows = sealedDays.all(...bounds) as unknown as SealedDay[];
    for (const row of rows) {
      const fault = faultOf(row);
      if (fault !== undefined) throw new CatalogDamaged(fault);
    }
    return unpackDays(rows as [number, Uint8Array, number][]);
  }

  function readTremor({ startMs, endMs }: TimeRange): RecordColumns {
    const [first, end] = [Math.floor(startMs / DAY_MS), Math.ceil(endMs / DAY_MS)];
    const columns = end - first > LONG_DAYS ? readWhole() : readDays(first, end);
    const from = firstAtOrAfter(columns.timesMs, startMs);
    return sliceRecord(columns, from, Math.max(from, firstAtOrAfter(columns.timesMs, endMs)));
  }

  /** @param first and `end`: days since 1970; `end` isn't stitched any more */
  function stitchRange(first: number, end: number): void {
    const range = { startMs: first * DAY_MS, endMs: end * DAY_MS };
    const plots = readings.plotsShowing({
      startMs: range.startMs - STITCH_REACH_MS,
      endMs: range.endMs + STITCH_REACH_MS,
    });
    const stitched = stitch(plots, { range, misfiled: misfiledDays() });
    const before = new Map(days.all(first, end).map((row) => [row["day"], row["samples"] as Uint8Array]));
    let at = 0;
    for (let day = first; day < end; day++) {
      const from = at;
      while (at < stitched.samples.length && stitched.samples[at]!.timeMs < (day + 1) * DAY_MS) at++;
      const packed = packDay(stitched.samples.slice(from, at), day);
      const known = before.get(day);
      if (packed === undefined && known !== undefined) unsetDay.run(day);
      if (packed !== undefined && (known === undefined || Buffer.compare(packed, known) !== 0)) setDay.run(day, packed);
      setSeal(day, packed);
    }
    unsetAsideWithin.run(range.endMs, range.startMs);
    for (const { day, reason, message, window } of stitched.setAside)
      setAside.run(day, reason, message, window.startMs, window.endMs);
    unmark.run(first, end);
  }

  return {
    markShown,
    dropSetAside: (day) => void unsetAside.run(day),
    readTremor,
    tremorDays() {
      const { first, last, count } = extent.get() as { first: number | null; last: number | null; count: number };
      if (first === null || last === null) return undefined;
      return { first: nameDay(first), last: nameDay(last), count };
    },
    listSetAside: () =>
      aside.all().map((row) => ({
        day: row["day"] as Day,
        reason: row["reason"] as SetAside["reason"],
        message: row["message"] as string,
        window: { startMs: row["start_ms"] as number, endMs: row["end_ms"] as number },
      })),
    countUnstitched: count,
    judgeFiling() {
      transaction(() => {
        const filed = readings.filedPlots();
        const now = findMisfiled(filed);
        const before = misfiledDays();
        const shownOn = new Map(filed.map((plot) => [plot.day, plot]));
        for (const day of new Set([...before.keys(), ...now.keys()])) {
          const message = now.get(day);
          if (message === before.get(day)) continue;
          if (message === undefined) unsetMisfiled.run(day);
          else setMisfiled.run(day, message);
          const plot = shownOn.get(day);
          if (plot !== undefined) markShown([plot]);
        }
      });
    },
    stitchDays(most) {
      return transaction(() => {
        const last = newest.get()?.["day"] as number | null;
        if (last === null) return 0;
        const first = oldest.get(last - most)?.["day"] as number;
        stitchRange(first, last + 1);
        changed();
        return count();
      });
    },
  };
}

function nameDay(day: number): Day {
  const date = new Date(day * DAY_MS);
  if (Number.isNaN(date.getTime())) throw new CatalogDamaged(`the tremor record has day ${day}`);
  return date.toISOString().slice(0, 10) as Day;
}
