/** What must be true of a tree whatever happened to its writers. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { isTemporaryName, parseFileName } from "../../src/archive/keys.ts";
import { Day } from "../../src/model/day.ts";
import { samplePlot } from "../support/sample-plot.ts";

export const torturedDay = Day.parse("2025-11-04");

const HOUR_MS = 3_600_000;

/** What a stop has left. All of it is whole; the next run tidies up. */
export interface Found {
  sha256: string | undefined;
  temporaries: number;
  recordBehind: boolean;
  bothKinds: boolean;
}

/**
 * Looks at the tree right after its writer was stopped.
 * @throws {AssertionError} when the picture isn't whole, or a file is there that no stop explains
 */
export async function inspectTree(basePath: string): Promise<Found> {
  // The kernel has freed the lock, or this waits no millisecond for it.
  const store = createFsStore({ basePath, lockWaitMs: 0 });
  assert.equal(await store.exclusively(async () => "mine"), "mine");
  const archive = createArchive(store);
  const names = await namesOfDay(basePath);
  for (const name of names) assert.ok(isTemporaryName(name) || parseFileName(torturedDay, name), `${name} is foreign`);
  const sha256 = (await archive.exists(torturedDay)) ? (await archive.get(torturedDay)).sha256 : undefined;
  const record = await archive.findRecord(torturedDay);
  return {
    sha256,
    temporaries: names.filter(isTemporaryName).length,
    recordBehind: sha256 !== undefined && record?.picture.sha256 !== sha256,
    bothKinds: names.filter((name) => /^etna.*png/.test(name)).length === 2,
  };
}

/** The next run: saves one more plot, and cleans up two hours later. Then nothing may be left to mend. */
export async function mendTree(basePath: string, seed: string): Promise<void> {
  const store = createFsStore({ basePath, lockWaitMs: 0 });
  const archive = createArchive(store, { clock: () => Date.now() + 2 * HOUR_MS });
  const plot = samplePlot(seed, new Date().toISOString());
  assert.equal((await archive.save(torturedDay, plot)).outcome, "ARCHIVED");
  await archive.cleanup({ today: torturedDay, retentionDays: 90, keepSeries: true });
  await assertWhole(archive, basePath);
  assert.deepEqual(Buffer.compare((await archive.get(torturedDay)).png, plot.png), 0);
}

/** One whole picture, a record that names it, and no other file. */
export async function assertWhole(archive: Archive, basePath: string): Promise<void> {
  const { sha256, key } = await archive.get(torturedDay);
  assert.equal((await archive.findRecord(torturedDay))?.picture.sha256, sha256);
  assert.deepEqual(await namesOfDay(basePath), ["etna_20251104.json", key.split("/").at(-1)]);
}

async function namesOfDay(basePath: string): Promise<string[]> {
  try {
    return (await readdir(`${basePath}/2025/11/04`)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
