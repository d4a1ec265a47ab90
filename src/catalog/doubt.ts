/**
 * Doubting the catalog: nothing in it is taken for true any more, and all of it is served until it was made anew.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Day } from "../model/day.ts";
import type { ReadingTable, Shown } from "./readings.ts";

export interface Doubt {
  /**
   * Marks the whole tremor record as to be stitched, whatever it is. Each day of the tree is then to be put again.
   * @returns all days that the catalog knows anything of
   */
  doubtAll(): Day[];
}

export function createDoubt(
  database: DatabaseSync,
  transaction: <T>(work: () => T) => T,
  readings: Pick<ReadingTable, "filedPlots">,
  markShown: (shown: readonly Shown[]) => void,
): Doubt {
  const known = database.prepare("SELECT day FROM days UNION SELECT day FROM readings UNION SELECT day FROM seen");
  return {
    doubtAll: () =>
      transaction(() => {
        database.exec(`REINDEX;
          INSERT OR IGNORE INTO unstitched SELECT day FROM tremor UNION SELECT day FROM tremor_seals;
          DELETE FROM misfiled;
          DELETE FROM set_aside;`);
        markShown(readings.filedPlots());
        return known.all().map((row) => row["day"] as Day);
      }),
  };
}
