/**
 * Faults of the catalog's own file: what SQLite finds wrong with it, and rows of the tremor record that aren't as they
 * were written. What rows of days should say, only the archive can tell; `jobs/verify-catalog.ts` compares them.
 */
import { crc32 } from "node:zlib";
import type { DatabaseSync } from "node:sqlite";

export interface CatalogFaults {
  /** All that is known to be wrong with the file, in words; empty when it is sound. Reads the whole file. */
  findFaults(): string[];
  /** All days of which anything is known, sorted. A day that a flipped bit has made is no `Day`. */
  listKnownDays(): string[];
}

/** Faults that are told of one by one; the first says enough. */
const MOST_TOLD = 5;

const DAY_MS = 86_400_000;

/** Beside the record, since its rows' own form has no room; of no other use. */
const TABLE = "CREATE TABLE IF NOT EXISTS tremor_seals (day INTEGER PRIMARY KEY, seal INTEGER NOT NULL) STRICT";

/** The checksum of each day of the tremor record. Not against anybody's will: against bits that flip. */
export interface TremorSeals {
  setSeal(day: number, samples: Uint8Array | undefined): void;
}

export function createTremorSeals(database: DatabaseSync): TremorSeals {
  const isNew = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'tremor_seals'").get() === undefined;
  database.exec(TABLE);
  const set = database.prepare("INSERT OR REPLACE INTO tremor_seals VALUES (?, ?)");
  const unset = database.prepare("DELETE FROM tremor_seals WHERE day = ?");
  const setSeal = (day: number, samples: Uint8Array | undefined): void => {
    if (samples === undefined) unset.run(day);
    else set.run(day, sealOf(day, samples));
  };
  // A catalog that an older program made: what it has is taken as good. Of an emptied one nothing is known.
  if (isNew)
    for (const row of database.prepare("SELECT day, samples FROM tremor").all())
      setSeal(row["day"] as number, row["samples"] as Uint8Array);
  else if (database.prepare("SELECT 1 FROM tremor").get() === undefined && hasRow(database))
    database.exec("DELETE FROM tremor_seals");
  return { setSeal };
}

function hasRow(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM tremor_seals").get() !== undefined;
}

function sealOf(day: number, samples: Uint8Array): number {
  return crc32(samples, crc32(String(day)));
}

export function createCatalogFaults(database: DatabaseSync): CatalogFaults {
  const integrity = database.prepare(`PRAGMA integrity_check(${MOST_TOLD})`);
  const sealed = database.prepare("SELECT tremor.day, samples, seal FROM tremor LEFT JOIN tremor_seals USING (day)");
  const lost = database.prepare("SELECT day FROM tremor_seals WHERE day NOT IN (SELECT day FROM tremor)");
  const known = database.prepare(
    "SELECT day FROM days UNION SELECT day FROM readings UNION SELECT day FROM seen ORDER BY day",
  );

  return {
    findFaults() {
      const faults = integrity.all().map((row) => String(row["integrity_check"]));
      if (faults[0] === "ok") faults.pop();
      for (const { day, samples, seal } of sealed.iterate())
        if (seal !== sealOf(day as number, samples as Uint8Array))
          faults.push(`the tremor record of ${nameOf(day as number)} isn't as it was written`);
      for (const { day } of lost.iterate()) faults.push(`the tremor record has lost ${nameOf(day as number)}`);
      return faults;
    },
    listKnownDays: () => known.all().map((row) => String(row["day"])),
  };
}

function nameOf(day: number): string {
  const date = new Date(day * DAY_MS);
  return Number.isNaN(date.getTime()) ? `day ${day}` : date.toISOString().slice(0, 10);
}
