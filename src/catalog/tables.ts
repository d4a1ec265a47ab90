/**
 * The catalog's tables and their version.
 * A catalog of another version is emptied of what the archive can tell again; the rest, such as its history, stays.
 */
import { DatabaseSync } from "node:sqlite";
import { CatalogDamaged } from "./damage.ts";

/** Raise it with each change of a rebuildable table, and of what the tremor record is made by. */
const TABLES_VERSION = 5;

/** What the archive can't tell again. Never dropped, so what comes to one of them later must be added. */
const KEPT = `
  CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    trigger TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    -- 0 for a picture at hand, which tells nothing of the source.
    fetches INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT,
    day TEXT,
    error_code TEXT,
    error_message TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS maintenance_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    trigger TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    outcome TEXT,
    summary TEXT,
    -- JSON: numbers by name.
    counts TEXT NOT NULL DEFAULT '{}',
    error_code TEXT,
    error_message TEXT,
    -- Of a backup: where it is.
    place TEXT
  ) STRICT;
  -- Where backups are, so that a place which has lost its own is noticed.
  CREATE TABLE IF NOT EXISTS backup_places (place TEXT PRIMARY KEY, ended_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- Starts and ends that were told, as JSON; what happened before since_ms is no news.
  CREATE TABLE IF NOT EXISTS told_episodes (since_ms INTEGER NOT NULL, told TEXT NOT NULL) STRICT;
`;

/** Those that came to them later, each with what it is in a row that was there before. */
const ADDED_COLUMNS = [
  { of: "runs", name: "fetches", definition: "INTEGER NOT NULL DEFAULT 1" },
  { of: "maintenance_runs", name: "place", definition: "TEXT" },
];

const REBUILDABLE = `
  DROP TABLE IF EXISTS days;
  DROP TABLE IF EXISTS readings;
  DROP TABLE IF EXISTS seen;
  DROP TABLE IF EXISTS tree;
  DROP TABLE IF EXISTS tremor;
  DROP TABLE IF EXISTS tremor_seals;
  DROP TABLE IF EXISTS unstitched;
  DROP TABLE IF EXISTS misfiled;
  DROP TABLE IF EXISTS set_aside;
  DROP TABLE IF EXISTS told;
  -- What a day's files looked like when its rows were made from them, and a checksum of all that those rows say, where
  -- they were made from a whole record.
  CREATE TABLE seen (day TEXT PRIMARY KEY, files TEXT NOT NULL, seal INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE tree (name TEXT NOT NULL) STRICT;
  CREATE TABLE days (
    day TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    size INTEGER NOT NULL,
    compressed INTEGER NOT NULL,
    modified_ms REAL NOT NULL,
    sha256 TEXT,
    width_px INTEGER,
    height_px INTEGER,
    source_url TEXT,
    fetched_ms INTEGER,
    etag TEXT,
    last_modified TEXT,
    station TEXT,
    window_start_ms INTEGER,
    window_end_ms INTEGER,
    stale INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- The few columns that totals need, so that they are counted without reading the rows.
  CREATE INDEX days_size ON days (day, size);
  -- From first_ms to last_ms, both included, is what the plot shows; null where it shows nothing.
  CREATE TABLE readings (
    day TEXT PRIMARY KEY,
    digitizer_version INTEGER NOT NULL,
    trusted INTEGER NOT NULL,
    station TEXT,
    fetched_ms INTEGER,
    first_ms INTEGER,
    last_ms INTEGER,
    calibration TEXT,
    fidelity TEXT,
    problem TEXT,
    -- Of the picture that was read.
    picture_sha256 TEXT,
    samples BLOB NOT NULL
  ) STRICT;
  CREATE INDEX readings_picture ON readings (picture_sha256);
  CREATE INDEX readings_shown ON readings (trusted, first_ms, last_ms, fetched_ms, day);
  -- The tremor record, stitched from the readings, one row for each UTC day that has samples. Days since 1970.
  CREATE TABLE tremor (day INTEGER PRIMARY KEY, samples BLOB NOT NULL) STRICT;
  -- A checksum of each of its rows: two tables, so that a row that was lost shows too.
  CREATE TABLE tremor_seals (day INTEGER PRIMARY KEY, seal INTEGER NOT NULL) STRICT;
  -- Days of the record that aren't yet what their readings say.
  CREATE TABLE unstitched (day INTEGER PRIMARY KEY) STRICT;
  -- Plots that lie under the wrong day, as the stitching was told.
  CREATE TABLE misfiled (day TEXT PRIMARY KEY, message TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE set_aside (
    day TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** With that of SQLite's own that numbers their rows. */
const KEPT_NAMES = "('runs', 'maintenance_runs', 'backup_places', 'told_episodes', 'sqlite_sequence')";
const KEPT_COLUMN = `FROM sqlite_schema AS kept, pragma_table_info(kept.name) AS col WHERE kept.name IN ${KEPT_NAMES}`;
/** Of a table that is there twice, since its own words name it otherwise, they are twice as many. */
const KEPT_COLUMNS = `SELECT kept.name AS of, col.name, col.type, col."notnull", col.pk ${KEPT_COLUMN}`;
/** Those without which no row can be put. */
const REQUIRED = `SELECT kept.name AS of, col.name ${KEPT_COLUMN} AND col."notnull" AND col.dflt_value IS NULL`;
const SCHEMA = `SELECT name, sql FROM sqlite_schema WHERE name NOT IN ${KEPT_NAMES} AND tbl_name NOT IN ${KEPT_NAMES}`;

/**
 * Makes the tables as this version of the program needs them.
 * @param tree names the tree that the catalog is of
 * @returns false, with nothing changed, when it is the catalog of another tree
 * @throws {CatalogDamaged} when what only it can tell isn't in tables as any version made them
 */
export function prepareTables(database: DatabaseSync, tree: string): boolean {
  // Readers go on while another process writes.
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
  using fresh = new DatabaseSync(":memory:");
  fresh.exec(KEPT + REBUILDABLE);
  const ask = (of: DatabaseSync, query: string): string[] =>
    of
      .prepare(query)
      .all()
      .map((row) => JSON.stringify(row));
  const hasAll = (query: string): boolean => {
    const found = new Set(ask(database, query));
    return ask(fresh, query).every((row) => found.has(row));
  };
  const hasKept = (): boolean => {
    const [needed, required] = [KEPT_COLUMNS, REQUIRED].map((query) => new Set(ask(fresh, query)));
    const found = ask(database, KEPT_COLUMNS).filter((row) => needed!.has(row));
    return found.length === needed!.size && ask(database, REQUIRED).every((row) => required!.has(row));
  };
  // A table that is missing, or has other columns, is as good as one of another version. What others added may stay.
  const isCurrent = (): boolean => isOfThisVersion(database) && hasAll(SCHEMA) && hasKept();
  const isOfTree = (): boolean => database.prepare("SELECT name FROM tree").get()?.["name"] === tree;
  if (isCurrent()) return isOfTree();
  database.exec("BEGIN IMMEDIATE");
  try {
    // Another process may have made them while this one waited.
    if (isCurrent()) return isOfTree();
    database.exec(KEPT);
    for (const { of, name, definition } of ADDED_COLUMNS)
      if (database.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?").get(of, name) === undefined)
        database.exec(`ALTER TABLE ${of} ADD COLUMN ${name} ${definition}`);
    // Twice or not at all, or more than can be put.
    if (!hasKept()) throw new CatalogDamaged("a table of its history has other columns");
    database.exec(`${REBUILDABLE} PRAGMA user_version = ${TABLES_VERSION};`);
    database.prepare("INSERT INTO tree VALUES (?)").run(tree);
    database.exec("COMMIT");
    return true;
  } finally {
    if (database.isTransaction) database.exec("ROLLBACK");
  }
}

/** Were its tables last made by this version of the program? Another one may come while the file is open. */
export function isOfThisVersion(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA user_version").get()?.["user_version"] === TABLES_VERSION;
}
