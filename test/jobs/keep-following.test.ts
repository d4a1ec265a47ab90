/** The server follows its tree: what changes anywhere is seen at the next look, and nothing is forgotten. */
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { test, vi } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFileChanges } from "../../src/archive/fs-changes.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { startFollowing } from "../../src/jobs/keep-following.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { weekUpTo } from "../support/tremor.ts";

const first = Day.parse("2025-03-01");
const old = addDays(first, -400);
const everything = { startMs: dayStartMs(addDays(first, -500)), endMs: dayStartMs(addDays(first, 100)) };
const EACH_SECOND = "* * * * * *";
const patience = { timeout: 50_000 };

async function follow() {
  const scratch = await scratchFolder();
  const base = join(scratch.path, "archives");
  const path = join(scratch.path, "catalog.sqlite");
  const archive = createArchive(createFsStore({ basePath: base }));
  const catalog = openCatalog(path);
  async function keep(day: Day, seed = ""): Promise<void> {
    const endMs = dayStartMs(addDays(day, 1));
    const plot = samplePlot(`${day}${seed}`, new Date(endMs - 300_000).toISOString());
    await archive.save(day, plot, { reading: weekUpTo(endMs) });
  }
  for (const day of [old, first]) await keep(day);
  // Not at a full hour, when the whole tree is looked at.
  const time = { nowMs: dayStartMs(addDays(first, 1)) + 30 * 60_000 };
  let failing = false;
  let failures = 0;
  let looks = 0;
  const parts = {
    catalog,
    log: pino({ level: "silent" }),
    archive: {
      ...archive,
      survey: (range = {}) => {
        if (failing) {
          failures++;
          throw new Error("the disk is away");
        }
        return archive.survey(range);
      },
    },
    clock: () => time.nowMs,
    changes: createFileChanges(base),
    onFollowed: () => void looks++,
  };
  const following = startFollowing(parts, EACH_SECOND);
  await vi.waitUntil(() => looks > 0, patience);
  return {
    base,
    path,
    catalog,
    keep,
    time,
    setFailing(value: boolean) {
      failing = value;
    },
    failures: () => failures,
    /** Until a look that began after this was called has ended. */
    async nextLook(): Promise<void> {
      const before = looks;
      await vi.waitUntil(() => looks > before + 1, patience);
    },
    async [Symbol.asyncDispose]() {
      await following[Symbol.asyncDispose]();
      catalog[Symbol.dispose]();
      await scratch[Symbol.asyncDispose]();
    },
  };
}

/** As `rsync --inplace` does: the folder's own time stays. */
async function putInPlace(base: string, day: Day, bytes: Uint8Array, ending = "png"): Promise<void> {
  await writeFile(join(base, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.${ending}`), bytes, {
    flag: "r+",
  });
}

test("an old picture that is written over in place is seen at the next look", async () => {
  await using followed = await follow();
  const before = followed.catalog.findDay(old)!.modifiedMs;
  await putInPlace(followed.base, old, samplePlot("another").png);
  await vi.waitUntil(() => followed.catalog.findDay(old)!.modifiedMs !== before, patience);
});

test("an old day that changed is kept in mind while the tree can't be read", async () => {
  await using followed = await follow();
  followed.setFailing(true);
  const added = addDays(old, -10);
  await followed.keep(added);
  // The change is told while nothing can be looked at: in the first of these looks, or in the second.
  const before = followed.failures();
  await vi.waitUntil(() => followed.failures() >= before + 2, patience);
  followed.setFailing(false);
  await vi.waitUntil(() => followed.catalog.findDay(added) !== undefined, patience);
});

test("the whole look of an hour comes late rather than never", async () => {
  await using followed = await follow();
  const lost = followed.catalog.findDay(old)!;
  // Something that no file tells: only looking at all finds it.
  followed.catalog.putDay(old, undefined, undefined, "as if");
  await followed.nextLook();
  assert.equal(followed.catalog.findDay(old), undefined);
  followed.time.nowMs += 31 * 60_000; // minute 1 of the next hour: the full hour itself was missed
  await vi.waitUntil(() => followed.catalog.findDay(old)?.key === lost.key, patience);
});

test("a catalog that is taken away while the server runs is made anew, with all that it had", async () => {
  await using followed = await follow();
  const before = followed.catalog.readTremor(everything);
  assert.equal(before.timesMs.length, 14 * 144);
  await rm(followed.path);
  await vi.waitUntil(() => readFile(followed.path).then(Boolean, () => false), patience);
  await followed.nextLook();
  assert.deepEqual(followed.catalog.readTremor(everything), before);
  assert.equal(followed.catalog.problem(), undefined);
});
