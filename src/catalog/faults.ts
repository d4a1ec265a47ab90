/**
 * Faults of the catalog's own file: what SQLite finds wrong with it, and rows of the tremor record that aren't as they
 * were written; and what doubts all of it. What rows of days should say, only the archive can tell;
 * `jobs/verify-catalog.ts` compares them.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../model/day.ts";
import type { ReadingTable, Shown } from "./readings.ts";
import { faultOf, prepareSealedDays, type SealedDay } from "./tremor-seals.ts";

export interface CatalogFaults {
  /** All that is known to be wrong with the file, in words; empty when it is sound. Reads the whole file. */
  findFaults(): string[];
  /** All days of which anything is known, sorted. A day that a flipped bit has made is no `Day`. */
  listKnownDays(): string[];
  /**
   * Takes nothing for true any more, and serves all of it until it was made anew: marks the whole tremor record as to be
   * stitched, whatever it is. Each day of the tree is then to be put again.
   * @returns all days of which anything is known
   */
  doubtAll(): Day[];
}

/** Faults that are told of one by one; the first says enough. */
const MOST_TOLD = 5;

export function createCatalogFaults(
  database: DatabaseSync,
  transaction: <T>(work: () => T) => T,
  readings: Pick<ReadingTable, "filedPlots">,
  markShown: (shown: readonly Shown[]) => void,
): CatalogFaults {
  const integrity = database.prepare(`PRAGMA integrity_check(${MOST_TOLD})`);
  const sealed = prepareSealedDays(database);
  const known = database.prepare(
    "SELECT day FROM days UNION SELECT day FROM readings UNION SELECT day FROM seen ORDER BY day",
  );
  const listKnownDays = (): string[] => known.all().map((row) => String(row["day"]));

  return {
    listKnownDays,
    findFaults() {
      const faults = integrity.all().map((row) => String(row["integrity_check"]));
      if (faults[0] === "ok") faults.pop();
      for (const row of sealed.iterate(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) {
        const fault = faultOf(row as unknown as SealedDay);
        if (fault !== undefined) faults.push(fault);
      }
      return faults;
    },
    doubtAll: () =>
      transaction(() => {
        database.exec(`REINDEX;
          INSERT OR IGNORE INTO unstitched SELECT day FROM tremor UNION SELECT day FROM tremor_seals;
          DELETE FROM misfiled;
          DELETE FROM set_aside;`);
        markShown(readings.filedPlots());
        return listKnownDays() as Day[];
      }),
  };
}
