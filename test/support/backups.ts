/** An archive and its backup, in folders of their own, with a count of what each of them was asked. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import type { BackupTarget } from "../../src/archive/backup-target.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import type { Store } from "../../src/archive/store.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { samplePlot } from "./sample-plot.ts";

export interface BackupScene extends AsyncDisposable {
  folder: string;
  /** Of the archive. */
  base: string;
  /** Of the backup. */
  copyBase: string;
  store: Store;
  archive: Archive;
  target: BackupTarget;
  /** Keys as they were read from the archive, and written to the backup. */
  read: string[];
  written: string[];
}

export const firstDay = Day.parse("2025-11-04");

/** @param count of days that the archive has, from `firstDay` on; every third is gzipped */
export async function openBackupScene(count = 0): Promise<BackupScene> {
  const folder = await mkdtemp(join(tmpdir(), "etna-backup-"));
  const base = join(folder, "archives");
  const copyBase = join(folder, "backup");
  const read: string[] = [];
  const written: string[] = [];
  const fsStore = createFsStore({ basePath: base });
  const store: Store = {
    ...fsStore,
    read(key, limitBytes) {
      read.push(key);
      return fsStore.read(key, limitBytes);
    },
  };
  const scene = {
    folder,
    base,
    copyBase,
    store,
    archive: createArchive(fsStore),
    target: countingWrites(createFolderTarget({ path: copyBase, lockWaitMs: 60_000 }), written),
    read,
    written,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  for (let at = 0; at < count; at++) await keepDay(scene.archive, addDays(firstDay, at), at % 3 === 2);
  return scene;
}

export async function keepDay(archive: Archive, day: Day, compress = false, seed: string = day): Promise<void> {
  await archive.save(day, samplePlot(seed, `${day}T12:00:00Z`), { compress, force: true });
}

/** A target that writes down what is sent of the archive's files, and not the manifests. */
function countingWrites(target: BackupTarget, written: string[]): BackupTarget {
  return {
    ...target,
    write(key, bytes, modifiedMs) {
      if (!key.startsWith("manifests/")) written.push(key);
      return target.write(key, bytes, modifiedMs);
    },
  };
}

/** Every file below a folder that isn't one of our own about the others: its name, bytes and time. */
export async function contentsOf(base: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(base, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const key = path.slice(base.length + 1);
    if (entry.isFile() && /^\d{4}\//.test(key)) found[key] = (await readFile(path)).toString("base64");
  }
  return Object.fromEntries(Object.entries(found).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
