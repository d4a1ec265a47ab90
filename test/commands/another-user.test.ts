/** What commands do as a user who may not read, or write, all that there is. */
import assert from "node:assert/strict";
import { chmod, chown, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { Day } from "../../src/model/day.ts";
import { startScript, thisRuntime } from "../support/runtimes.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { scratchFolder } from "../support/scratch.ts";

const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const day = Day.parse("2025-11-04");

/** An archive of a day, whose owner may write into its folder and not around that. */
async function openOwned(): Promise<AsyncDisposable & { base: string; catalogPath: string }> {
  const scratch = await scratchFolder();
  const base = join(scratch.path, "archives");
  const own = join(scratch.path, "own");
  await createArchive(createFsStore({ basePath: base })).save(day, samplePlot(1), { reading: sampleReading() });
  await mkdir(own);
  if (isRoot) await chown(own, NOBODY, NOBODY);
  await chmod(scratch.path, 0o555);
  return {
    base,
    catalogPath: join(own, "catalog.sqlite"),
    async [Symbol.asyncDispose]() {
      await chmod(scratch.path, 0o755);
      await scratch[Symbol.asyncDispose]();
    },
  };
}

async function run({ base, catalogPath }: { base: string; catalogPath: string }, ...args: string[]) {
  const environment = { ARCHIVE_BASE_PATH: base, CATALOG_PATH: catalogPath, LOG_LEVEL: "silent" };
  await using child = startScript("../src/main.ts", args, thisRuntime, {
    ...(isRoot && { user: NOBODY }),
    environment,
    stderr: "pipe",
  });
  const said = text(child.process.stderr!);
  const lines: string[] = [];
  for await (const line of { [Symbol.asyncIterator]: () => child.lines }) lines.push(line);
  return { status: await child.ended, lines, said: await said };
}

test("data fails where the record can't be read, rather than say that the plot wasn't read yet", async () => {
  await using owned = await openOwned();
  await chmod(join(owned.base, "2025/11/04/etna_20251104.json"), 0o000);
  const { status, lines } = await run(owned, "data", day);
  assert.deepEqual([status, lines], [1, []]);
});

test("data says of a day whose picture was let go that its record can't be read, rather than that there is none", async () => {
  await using owned = await openOwned();
  const folder = join(owned.base, "2025/11/04");
  await rm(join(folder, "etna_20251104.png"));
  await chmod(join(folder, "etna_20251104.json"), 0o000);
  const { status, said } = await run(owned, "data", day);
  assert.equal(status, 1);
  assert.match(said, /Cannot read 2025\/11\/04\/etna_20251104\.json/);
});

test("data tells what the catalog knows while the record can't be read", async () => {
  await using owned = await openOwned();
  const { lines, status } = await run(owned, "data", day);
  assert.ok(status === 0 && lines.length > 10);
  await chmod(join(owned.base, "2025/11/04/etna_20251104.json"), 0o000);
  const again = await run(owned, "data", day);
  assert.deepEqual([again.status, again.lines], [0, lines]);
});

test("a catalog is made in a folder that is the user's, whosever the folder around it is", async () => {
  await using owned = await openOwned();
  assert.equal((await run(owned, "list")).status, 0);
  assert.ok((await readdir(join(owned.catalogPath, ".."))).includes("catalog.sqlite"));
});
