/**
 * The catalog: what readers ask, answered from SQLite. A cache of the archive: delete it, and `rebuild` restores it.
 * Only the history of runs is told here alone, and nothing but that history is lost with it.
 * Owns what is asked, and that a file which goes bad meanwhile is noticed and can be made anew.
 */
import { StoreFailed } from "../model/errors.ts";
import type { Day } from "../model/day.ts";
import { CatalogDamaged, isDamage } from "./damage.ts";
import { createDayTable, type DayTable } from "./days.ts";
import { createEpisodeTable, type EpisodeTable } from "./episodes.ts";
import { createCatalogFaults, type CatalogFaults } from "./faults.ts";
import { createMaintenanceHistory, type MaintenanceHistory } from "./maintenance-runs.ts";
import { openDatabase, type OpenedDatabase } from "./open-database.ts";
import { createReadingTable, type CatalogReading, type ReadingTable } from "./readings.ts";
import { createRunHistory, type RunHistory } from "./runs.ts";
import { isOfThisVersion } from "./tables.ts";
import { createTremorTable, type TremorTable } from "./tremor.ts";

/** What is asked of the catalog's tables. */
interface Tables
  extends
    DayTable,
    Pick<ReadingTable, "findReading" | "holdsReading" | "daysShowing" | "listDaysOf">,
    TremorTable,
    EpisodeTable,
    RunHistory,
    MaintenanceHistory,
    CatalogFaults {
  /** Grows with each change that any process makes to this file, so that answers made before it can be dropped. */
  revision(): number;
  /** Many changes as one. */
  transaction<T>(work: () => T): T;
}

/** @throws {StoreFailed} any of it, when the file turns out to be damaged; then `problem` says so until `renew` */
export interface Catalog extends Tables, Disposable {
  /** Why the catalog can't be relied on, in words; `undefined` while it can. */
  problem(): string | undefined;
  /** Calls `listener` each time a problem is met; answers how to stop that. */
  onProblem(listener: () => void): () => void;
  /**
   * Looks whether the file is still the one that was opened, and its tables are those of this version of the program; one
   * that isn't is a problem.
   */
  checkPlace(): void;
  /**
   * Opens the file anew, or sets it aside and begins another. Nobody asks that one before `fill` has put in it what
   * can't wait. @throws {StoreFailed} when it can't be made; then the problem stays
   */
  renew(fill: () => void): void;
}

interface OpenTables extends Tables {
  lastRevision(): number;
  isOfThisVersion(): boolean;
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
  let opened = openDatabase(path, tree);
  let tables = createTables(opened, 0);
  let problem: { words: string; distrusted: boolean } | undefined;
  const listeners = new Set<() => void>();

  function meet(words: string, distrusted: boolean): void {
    const isNews = problem === undefined;
    problem = { words, distrusted: distrusted || (problem?.distrusted ?? false) };
    if (isNews) for (const listener of listeners) listener();
  }

  /** Asks the tables that are open now. */
  function ask<Name extends keyof OpenTables>(name: Name): OpenTables[Name] {
    const asked = (...args: unknown[]): unknown => {
      try {
        return (tables[name] as (...args: unknown[]) => unknown)(...args);
      } catch (error) {
        if (!opened.database.isOpen)
          throw new StoreFailed(problem?.words ?? "The catalog is closed", { path, cause: error });
        if (!isDamage(error)) throw error;
        // SQLite itself will tell again whether its file is sound; of what is in it, it knows nothing.
        meet("The catalog is damaged, and is made anew", error instanceof CatalogDamaged);
        throw new StoreFailed(`The catalog is damaged: ${(error as Error).message}`, { path, cause: error });
      }
    };
    return asked as unknown as OpenTables[Name];
  }

  const names = Object.keys(tables) as (keyof Tables)[];
  return {
    ...(Object.fromEntries(names.map((name) => [name, ask(name)])) as unknown as Tables),
    problem: () => problem?.words,
    onProblem(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    checkPlace() {
      if (!opened.isInPlace()) meet("The catalog's file was taken away, and is made anew", false);
      else if (problem === undefined && !ask("isOfThisVersion")())
        meet("Another version of the program made the catalog's tables, which are made anew", false);
    },
    renew(fill) {
      const distrusted = problem?.distrusted === true && opened.isInPlace();
      const seen = tables.lastRevision();
      if (opened.database.isOpen) opened.database.close();
      opened = openDatabase(path, tree, distrusted);
      tables = createTables(opened, seen + 1);
      problem = undefined;
      fill();
    },
    [Symbol.dispose]() {
      if (opened.database.isOpen) opened.database.close();
    },
  };
}

/** @param changesBefore from which `revision` counts on */
function createTables({ database }: OpenedDatabase, changesBefore: number): OpenTables {
  let ownChanges = changesBefore;
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
      // SQLite takes some transactions back by itself.
      if (database.isTransaction) database.exec("ROLLBACK");
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
  const tables = {
    ...createDayTable(database, transaction, setReading, changed),
    findReading: readings.findReading,
    listDaysOf: readings.listDaysOf,
    holdsReading: readings.holdsReading,
    daysShowing: readings.daysShowing,
    ...tremor,
    ...createEpisodeTable(database, tremor, transaction, revision),
    ...createRunHistory(database, changed),
    ...createMaintenanceHistory(database, changed),
    ...createCatalogFaults(database, transaction, readings, markShown),
    revision,
    transaction,
    lastRevision: () => ownChanges + foreignChanges,
    isOfThisVersion: () => isOfThisVersion(database),
  };
  return tables;
}
