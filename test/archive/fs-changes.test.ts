import assert from "node:assert/strict";
import { mkdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "vitest";
import { createFileChanges } from "../../src/archive/fs-changes.ts";
import { scratchFolder } from "../support/scratch.ts";

for (const { name, change, expected } of [
  { name: "a new day", change: (put: Put) => put("2019/05/06/etna_20190506.png"), expected: ["2019-05-06"] },
  { name: "a new file of a known day", change: (put: Put) => put("2020/01/02/x.json"), expected: ["2020-01-02"] },
  {
    name: "a file that is replaced",
    change: async (put: Put, base: string) => {
      await put("new.tmp");
      await rename(join(base, "new.tmp"), join(base, "2020/01/02/etna_20200102.png"));
    },
    expected: ["2020-01-02"],
  },
  {
    name: "a file that goes",
    change: (_: Put, base: string) => rm(join(base, "2020/01/03/etna_20200103.png")),
    expected: ["2020-01-03"],
  },
  {
    name: "all days of a month that goes",
    change: (_: Put, base: string) => rm(join(base, "2020/01"), { recursive: true }),
    expected: ["2020-01-02", "2020-01-03"],
  },
  {
    name: "no day when nothing of a day's name changed",
    change: async (put: Put) => {
      await put("notes/2020.txt");
      await put("2020/readme");
      await put("2020/13/40/etna_20201340.png");
    },
    expected: [],
  },
])
  test(`folder changes tell ${name}, once`, async () => {
    await using scratch = await scratchFolder();
    const base = scratch.path;
    const put = async (path: string): Promise<void> => {
      await mkdir(dirname(join(base, path)), { recursive: true });
      await writeFile(join(base, path), "");
    };
    await put("2020/01/02/etna_20200102.png");
    await put("2020/01/03/etna_20200103.png");
    // So that a change shows however coarse the file system's clock is.
    for (const folder of ["", "2020", "2020/01", "2020/01/02", "2020/01/03"])
      await utimes(join(base, folder), 1_600_000_000, 1_600_000_000);
    const changes = createFileChanges(base);
    assert.deepEqual(await changes.take(), [], "the first look");
    await change(put, base);
    assert.deepEqual(await changes.take(), expected);
    assert.deepEqual(await changes.take(), []);
  });

test("folder changes begin with a tree that isn't there yet", async () => {
  await using scratch = await scratchFolder();
  const base = join(scratch.path, "archives");
  const changes = createFileChanges(base);
  assert.deepEqual(await changes.take(), []);
  await mkdir(join(base, "2020/01/02"), { recursive: true });
  assert.deepEqual(await changes.take(), ["2020-01-02"]);
});

type Put = (path: string) => Promise<void>;
