/**
 * Opening the catalog's file, and judging whether it can be relied on.
 * A file that isn't a sound catalog is set aside under `.damaged`, and a new one is begun with what can be saved of its
 * history.
 */
import { hash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";
import { basename, dirname, join, parse } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreFailed } from "../model/errors.ts";
import { CatalogDamaged, isDamage, isOutOfRoom } from "./damage.ts";
import { salvage } from "./salvage.ts";
import { prepareTables } from "./tables.ts";

export interface OpenedDatabase {
  database: DatabaseSync;
  /** Is the file still where it was opened? Somebody may have removed it, or put another one there. */
  isInPlace: () => boolean;
}

const IN_MEMORY = ":memory:";

/** How long a change by another process is waited for, in ms. */
const BUSY_MS = 5000;

/**
 * Opens the catalog of a tree, making it where there is none, and looks through the whole file: some 40 ms for the
 * 70 MB of 20 years. Where the file is the catalog of another tree, a file of its own is used beside it.
 * @param distrusted sets the file aside even where it looks sound
 * @throws {StoreFailed} when it can be neither opened nor made
 */
export function openDatabase(path: string, tree: string, distrusted = false): OpenedDatabase {
  try {
    if (path !== IN_MEMORY) {
      mkdirSync(dirname(path), { recursive: true });
      refuseOthers(path);
    }
    const { database } = openOrReplace(path, tree, distrusted);
    return database === undefined
      ? openDatabase(pathFor(tree, path), tree, distrusted)
      : { database, isInPlace: placeOf(path) };
  } catch (error) {
    if (error instanceof StoreFailed) throw error;
    throw new StoreFailed(`Cannot open the catalog: ${whyNotOpened(error)}`, { path, cause: error });
  }
}

function whyNotOpened(error: unknown): string {
  if (isOutOfRoom(error)) return "its disk has no room for what SQLite keeps in it, or beside it";
  return error instanceof Error ? error.message : String(error);
}

/** SQLite would wait for a named pipe's other end, and tells of a disk that fails where anything else is no file. */
function refuseOthers(path: string): void {
  for (const name of ["", "-wal", "-shm", "-journal", ".lock"].map((suffix) => `${path}${suffix}`)) {
    if (statSync(name, { throwIfNoEntry: false })?.isFile() !== false) continue;
    const whatToDo = "remove it, or set CATALOG_PATH to another place";
    throw new StoreFailed(`Cannot open the catalog: ${basename(name)} isn't a regular file: ${whatToDo}`, { path });
  }
}

interface Found {
  /** `undefined` for the catalog of another tree. */
  database: DatabaseSync | undefined;
}

function openOrReplace(path: string, tree: string, distrusted: boolean): Found {
  const findSound = (): Found | undefined => {
    try {
      return { database: openSound(path, tree) };
    } catch (error) {
      if (!isDamage(error)) throw error;
      return undefined;
    }
  };
  const found = findSound();
  if (found !== undefined && (!distrusted || found.database === undefined)) return found;
  found?.database?.close();
  if (path === IN_MEMORY) return { database: openSound(path, tree) };
  // One process at a time sets aside, and the next one finds a sound file.
  using _turn = lockBeside(path);
  const again = distrusted ? undefined : findSound();
  if (again !== undefined) return again;
  const aside = setAside(path);
  let database: DatabaseSync | undefined;
  try {
    database = openSound(path, tree);
    if (database !== undefined) salvage(aside, database);
    return { database };
  } catch (error) {
    database?.close();
    // Whoever makes the next one saves from it what can be saved.
    moveFiles(aside, path);
    throw error;
  }
}

/** `undefined` for the catalog of another tree. @throws an error that `isDamage` knows where the file is damaged */
function openSound(path: string, tree: string): DatabaseSync | undefined {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  let isOurs = false;
  try {
    const found = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (found !== "ok") throw new CatalogDamaged(String(found));
    isOurs = prepareTables(database, tree);
    return isOurs ? database : undefined;
  } finally {
    if (!isOurs) database.close();
  }
}

/** `catalog.sqlite` becomes `catalog-1f2e3d4c.sqlite`, the same for the same tree. */
function pathFor(tree: string, path: string): string {
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}-${hash("sha256", tree).slice(0, 8)}${ext}`);
}

/** The kernel lets go of it when this process dies. */
function lockBeside(path: string): Disposable {
  const lockPath = `${path}.lock`;
  const lock = new DatabaseSync(lockPath, { timeout: BUSY_MS });
  try {
    lock.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!isDamage(error) || statSync(lockPath).size === 0) throw error;
    // Nothing of ours writes anything into it; what somebody else did is kept beside it.
    if (!existsSync(`${lockPath}.damaged`)) copyFileSync(lockPath, `${lockPath}.damaged`);
    truncateSync(lockPath);
    return lockBeside(path);
  }
  return { [Symbol.dispose]: () => lock.close() };
}

/**
 * Moves the file with what SQLite keeps beside it. The first one that was set aside stays, as it has the longest
 * history; of those after it only the last does, so that a bad disk doesn't fill up.
 * @returns its new path
 */
function setAside(path: string): string {
  const aside = existsSync(`${path}.damaged`) ? `${path}.damaged-2` : `${path}.damaged`;
  moveFiles(path, aside);
  return aside;
}

/** In the place of those that are there. The file itself goes last: who opens it meanwhile finds it damaged, and waits for the lock. */
function moveFiles(from: string, to: string): void {
  for (const suffix of ["-wal", "-shm", ""])
    try {
      renameSync(`${from}${suffix}`, `${to}${suffix}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      if (suffix !== "") rmSync(`${to}${suffix}`, { force: true });
    }
}

function placeOf(path: string): () => boolean {
  const inodeOf = () => (path === IN_MEMORY ? undefined : statSync(path, { throwIfNoEntry: false })?.ino);
  const opened = inodeOf();
  return () => inodeOf() === opened;
}
