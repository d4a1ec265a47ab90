/**
 * The catalog: what readers ask, answered from SQLite. A cache of the archive: delete it, and `rebuild` restores it.
 * Only the history of runs is told here alone, and nothing but that history is lost with it.
 */
import { hash } from "node:crypto";
import { mkdirSync, renameSync } from "node:fs";
import { dirname, join, parse } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreFailed } from "../model/errors.ts";
import type { Day } from "../model/day.ts";
import { createDayTable, type DayTable } from "./days.ts";
import { createEpisodeTable, type EpisodeTable } from "./episodes.ts";
import { createMaintenanceHistory, type MaintenanceHistory } from "./maintenance-runs.ts";
import { createReadingTable, type CatalogReading, type ReadingTable } from "./readings.ts";
import { createRunHistory, type RunHistory } from "./runs.ts";
import { prepareTables } from "./tables.ts";
import { createTremorTable, type TremorTable } from "./tremor.ts";

export interface Catalog
  extends
    DayTable,
    Pick<ReadingTable, "findReading" | "daysShowing">,
    TremorTable,
    EpisodeTable,
    RunHistory,
    MaintenanceHistory,
    Disposable {
  /** Grows with each change that any process makes to this file, so that answers made before it can be dropped. */
  revision(): number;
  /** Many changes as one. */
  transaction<T>(work: () => T): T;
}

/** How long a change by another process may stay unseen, in ms; asking SQLite each time would cost each answer. */
const REVISION_AGE_MS = 50;

/**
 * Opens the catalog, making it where there is none. A file that isn't a sound catalog is set aside under
 * `.damaged` (it may hold the history of runs) and a new one is begun.
 * @param path of the file, or `:memory:`
 * @param tree names the archive that it is a catalog of. Where the file is another archive's, which a server may be
 *   reading right now, a file of its own is used beside it
 * @throws {StoreFailed} when it can be neither opened nor made
 */
export function openCatalog(path: string, tree = ""): Catalog {
  const database = openDatabase(path, tree);
  let ownChanges = 0;
  const changed = (): void => {
    ownChanges += 1;
  };

  const dataVersion = database.prepare("PRAGMA data_version");
  let foreignChanges = 0;
  let askedMs = Number.NEGATIVE_INFINITY;
  function revision(): number {
    const nowMs = performance.now();
    if (nowMs - askedMs > REVISION_AGE_MS) {
      foreignChanges = Number(dataVersion.get()?.["data_version"]);
      askedMs = nowMs;
    }
    return ownChanges + foreignChanges;
  }

  /** Within a transaction it is part of that one. */
  function transaction<T>(work: () => T): T {
    if (database.isTransaction) return work();
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (error) {
      database.exec("ROLLBACK");
      throw error;
    }
  }

  const readings = createReadingTable(database);
  const { markShown, dropSetAside, ...tremor } = createTremorTable(database, readings, transaction, changed, revision);
  function setReading(day: Day, reading: CatalogReading | undefined): void {
    const shown = readings.setReading(day, reading);
    if (shown.length > 0) dropSetAside(day);
    markShown(shown);
  }
  return {
    ...createDayTable(database, transaction, setReading, changed),
    findReading: readings.findReading,
    daysShowing: readings.daysShowing,
    ...tremor,
    ...createEpisodeTable(database, tremor, transaction, revision),
    ...createRunHistory(database, changed),
    ...createMaintenanceHistory(database, changed),
    revision,
    transaction,
    [Symbol.dispose]() {
      database.close();
    },
  };
}

function openDatabase(path: string, tree: string): DatabaseSync {
  try {
    if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
    try {
      return openSound(path, tree);
    } catch (error) {
      if (!isDamage(error)) throw error;
      for (const suffix of ["", "-wal", "-shm"]) moveAside(`${path}${suffix}`, `${path}.damaged${suffix}`);
      return openSound(path, tree);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreFailed(`Cannot open the catalog: ${reason}`, { path, cause: error });
  }
}

function openSound(path: string, tree: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    if (prepareTables(database, tree)) return database;
    database.close();
    return openSound(pathFor(tree, path), tree);
  } catch (error) {
    if (database.isOpen) database.close();
    throw error;
  }
}

/** `catalog.sqlite` becomes `catalog-1f2e3d4c.sqlite`, the same for the same tree. */
function pathFor(tree: string, path: string): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${hash("sha256", tree).slice(0, 8)}${ext}`);
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26), as https://sqlite.org/rescode.html numbers them. */
function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: number }).errcode;
  const text = error instanceof Error ? error.message : "";
  return code === 11 || code === 26 || /malformed|not a database/.test(text);
}

function moveAside(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
