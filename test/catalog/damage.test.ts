/** A catalog whose file goes bad: it is noticed, at the start as at any time, and a new one takes its place. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { hash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, test } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { scratchFolder } from "../support/scratch.ts";
import { mayMount, mountDisk } from "../support/small-disk.ts";
import { execute, flipIn, overwrite, touch } from "../support/spoil.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

const DAYS = 60;
const first = Day.parse("2025-03-01");
const all = { startMs: dayStartMs(addDays(first, -30)), endMs: dayStartMs(addDays(first, 100)) };
const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));

/** Ends with a run, so that there is history to lose. */
function fill(catalog: Catalog): void {
  const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: 1000 });
  catalog.endRun(id, { endedMs: 2000, outcome: "ARCHIVED", day: first });
  const backup = { kind: "BACKUP", trigger: "COMMAND", place: "/mnt/copy" } as const;
  const { id: backupId } = catalog.startMaintenance({ ...backup, startedMs: 3000 });
  catalog.rememberBackup("/mnt/copy", 5);
  catalog.endMaintenance(backupId, { endedMs: 4000, outcome: "DONE", summary: "all well", counts: { pictures: 1 } });
  putPlots(catalog, ...days.map((day) => plotOf(day, (timeMs) => 1 + (timeMs % 7e6) / 7e6)));
}
const countSamples = (catalog: Catalog): number => catalog.readTremor(all).timesMs.length;
const SAMPLES = (DAYS + 6) * 144;

async function filled(): Promise<AsyncDisposable & { path: string }> {
  const scratch = await scratchFolder();
  const path = join(scratch.path, "catalog.sqlite");
  using catalog = openCatalog(path, "tree");
  fill(catalog);
  return { path, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

describe.skipIf(!(await mayMount()))("a catalog on a disk that is full", () => {
  async function onFullDisk() {
    const disk = await mountDisk("12m");
    const path = join(disk.path, "catalog.sqlite");
    using catalog = openCatalog(path, "tree");
    fill(catalog);
    const filler = join(disk.path, "filler");
    const fillUp = () => assert.throws(() => writeFileSync(filler, Buffer.alloc(12 << 20)), { code: "ENOSPC" });
    return { path, filler, fillUp, [Symbol.asyncDispose]: () => disk[Symbol.asyncDispose]() };
  }

  test("isn't opened, and is none the worse for that", async () => {
    await using disk = await onFullDisk();
    disk.fillUp();
    assert.throws(() => openCatalog(disk.path, "tree"), {
      code: "STORE_FAILED",
      message: /^Cannot open the catalog: .*no room/,
    });
    assert.ok(!existsSync(`${disk.path}.damaged`));
    rmSync(disk.filler);
    using catalog = openCatalog(disk.path, "tree");
    assert.equal(countSamples(catalog), SAMPLES);
  });

  test("stays in its place, where it is damaged, until another can be made, which asks it for its history", async () => {
    await using disk = await onFullDisk();
    writeFileSync(disk.path, "no database at all ".repeat(100));
    disk.fillUp();
    assert.throws(() => openCatalog(disk.path, "tree"), { code: "STORE_FAILED" });
    assert.match(readFileSync(disk.path, "utf8"), /^no database/);
    assert.ok(!existsSync(`${disk.path}.damaged`));
    rmSync(disk.filler);
    using catalog = openCatalog(disk.path, "tree");
    assert.equal(countSamples(catalog), 0);
    assert.match(readFileSync(`${disk.path}.damaged`, "utf8"), /^no database/);
  });
});

describe.skipIf(!(await mayMount()))("a damaged catalog on a disk that has no room for its history twice", () => {
  for (const freeBytes of [150_000, 1_000_000])
    test(`stays in its place, and loses none of that once there is room: ${freeBytes} bytes are free`, async () => {
      await using disk = await mountDisk("12m");
      const path = join(disk.path, "catalog.sqlite");
      {
        using catalog = openCatalog(path, "tree");
        fill(catalog);
        catalog.transaction(() => {
          for (let startedMs = 5000; startedMs < 7000; startedMs++) {
            const { id } = catalog.startMaintenance({ kind: "BACKUP", trigger: "COMMAND", startedMs });
            catalog.endMaintenance(id, { endedMs: 9000, outcome: "DONE", summary: "well ".repeat(200), counts: {} });
          }
        });
      }
      flipIn(path, "CREATE TABLE set_aside");
      const filler = join(disk.path, "filler");
      const { bavail, bsize } = statfsSync(disk.path);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - freeBytes));
      assert.throws(() => openCatalog(path, "tree"), { code: "STORE_FAILED", message: /no room/ });
      assert.ok(!existsSync(`${path}.damaged`));
      rmSync(filler);
      using catalog = openCatalog(path, "tree");
      assert.ok(existsSync(`${path}.damaged`));
      assert.deepEqual(
        [catalog.lastRun()?.day, catalog.listMaintenance({ limit: 5000 }).length, catalog.lastBackupTo("/mnt/copy")],
        [first, 2001, 5],
      );
    });
});

describe("opening a catalog", () => {
  for (const suffix of ["", "-wal", "-shm", "-journal", ".lock"])
    test(`is refused where a named pipe has the name of catalog.sqlite${suffix}`, async () => {
      await using scratch = await filled();
      rmSync(`${scratch.path}${suffix}`, { force: true });
      await promisify(execFile)("mkfifo", [`${scratch.path}${suffix}`]);
      assert.throws(() => openCatalog(scratch.path, "tree"), {
        code: "STORE_FAILED",
        message: `Cannot open the catalog: catalog.sqlite${suffix} isn't a regular file: remove it, or set CATALOG_PATH to another place`,
      });
    });

  test("sets a damaged one aside though there are bytes in the file that is locked for that", async () => {
    await using scratch = await filled();
    for (const path of [scratch.path, `${scratch.path}.lock`]) writeFileSync(path, "no database at all ".repeat(100));
    using catalog = openCatalog(scratch.path, "tree");
    assert.equal(countSamples(catalog), 0);
    assert.ok(existsSync(`${scratch.path}.damaged`));
    assert.match(readFileSync(`${scratch.path}.lock.damaged`, "utf8"), /^no database/, "somebody may miss them");
  });

  for (const { name, spoil, isSetAside } of [
    { name: "overwritten far behind its first pages", spoil: overwrite, isSetAside: true },
    { name: "overwritten in a few pages", spoil: (path: string) => overwrite(path, 0.8, 0.82), isSetAside: true },
    {
      name: "cut off",
      spoil: (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 40_000)),
      isSetAside: true,
    },
    { name: "without a table", spoil: (path: string) => execute(path, "DROP TABLE tremor"), isSetAside: false },
    {
      name: "without a column",
      spoil: (path: string) => execute(path, "ALTER TABLE days DROP COLUMN etag"),
      isSetAside: false,
    },
    {
      name: "whose runs are something else",
      spoil: (path: string) => execute(path, "DROP TABLE runs; CREATE TABLE runs (moon TEXT)"),
      isSetAside: true,
    },
    {
      name: "whose maintenance has a column of another name",
      spoil: (path: string) =>
        execute(path, "ALTER TABLE maintenance_runs RENAME COLUMN error_message TO error_messagd"),
      isSetAside: true,
    },
    {
      name: "whose runs have a name that a bit has changed",
      spoil: (path: string) => flipIn(path, "fetches INTEGER"),
      isSetAside: true,
    },
    {
      name: "whose maintenance goes by a name that a bit has changed",
      spoil: (path: string) => flipIn(path, "maintenance_runs ("),
      isSetAside: true,
    },
  ])
    test(`${name} begins a new one`, async () => {
      await using scratch = await filled();
      spoil(scratch.path);
      using catalog = openCatalog(scratch.path, "tree");
      assert.equal(catalog.problem(), undefined);
      assert.deepEqual([countSamples(catalog), catalog.listSeen({ from: first, to: days.at(-1)! }).size], [0, 0]);
      assert.equal(existsSync(`${scratch.path}.damaged`), isSetAside);
      if (!isSetAside) assert.equal(catalog.lastRun()?.startedMs, 1000);
      fill(catalog);
      assert.equal(countSamples(catalog), SAMPLES);
    });

  test("that others added something to leaves it as it is", async () => {
    await using scratch = await filled();
    execute(scratch.path, "CREATE VIEW mine AS SELECT day FROM days; ALTER TABLE runs ADD COLUMN note TEXT");
    using catalog = openCatalog(scratch.path, "tree");
    assert.equal(countSamples(catalog), SAMPLES);
  });

  for (const { version, place } of [
    { version: "this version", place: "/mnt/copy" },
    { version: "one that didn't say where a backup is", place: undefined },
  ])
    test(`keeps the history of runs and of maintenance of ${version} where it can still be read`, async () => {
      await using scratch = await filled();
      if (place === undefined) execute(scratch.path, "ALTER TABLE maintenance_runs DROP COLUMN place");
      overwrite(scratch.path, 0.6, 0.9);
      using catalog = openCatalog(scratch.path, "tree");
      assert.equal(countSamples(catalog), 0);
      assert.deepEqual([catalog.lastRun()?.outcome, catalog.lastRun()?.day], ["ARCHIVED", first]);
      assert.deepEqual(
        catalog.listMaintenance({ limit: 5 }).map((run) => [run.summary, run.counts, run.place]),
        [["all well", { pictures: 1 }, place]],
      );
      assert.deepEqual([catalog.lastBackupTo("/mnt/copy"), catalog.lastBackupTo("/mnt/other")], [5, undefined]);
    });

  test("keeps that history though a bit has changed the words that make another table", async () => {
    await using scratch = await filled();
    flipIn(scratch.path, "CREATE TABLE set_aside");
    using catalog = openCatalog(scratch.path, "tree");
    assert.ok(existsSync(`${scratch.path}.damaged`));
    assert.deepEqual([catalog.lastRun()?.day, catalog.lastBackupTo("/mnt/copy")], [first, 5]);
    assert.equal(catalog.listMaintenance({ limit: 5 }).length, 1);
  });

  test("keeps which episodes were told, so that none is told twice", async () => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, "catalog.sqlite");
    const nowMs = dayStartMs(addDays(first, DAYS));
    const quiet = days.map((day) => plotOf(day, () => 0.5));
    const erupting = plotOf(addDays(first, DAYS), (timeMs) => (timeMs >= nowMs ? 5 : 0.5));
    {
      using catalog = openCatalog(path, "tree");
      putPlots(catalog, ...quiet);
      assert.deepEqual(catalog.takeEpisodeChanges(nowMs), []);
      putPlots(catalog, erupting);
      assert.equal(catalog.takeEpisodeChanges(nowMs + 7_200_000).length, 1);
    }
    overwrite(path, 0.6, 0.9);
    using catalog = openCatalog(path, "tree");
    assert.ok(existsSync(`${path}.damaged`));
    assert.equal(catalog.takeEpisodeChanges(nowMs + 7_800_000).length, 0, "nothing is known yet");
    putPlots(catalog, ...quiet, erupting);
    assert.deepEqual(catalog.takeEpisodeChanges(nowMs + 8_400_000), [], "it was told before");
    const ended = plotOf(addDays(first, DAYS + 1), (timeMs) =>
      timeMs >= nowMs && timeMs < nowMs + 86_400_000 ? 5 : 0.5,
    );
    putPlots(catalog, ended);
    assert.deepEqual(
      catalog.takeEpisodeChanges(nowMs + 172_000_000).map(({ kind }) => kind),
      ["ENDED"],
      "and its end is news",
    );
  });

  test("keeps the first one that was set aside, and the last", async () => {
    await using scratch = await filled();
    const { path } = scratch;
    for (const content of ["first", "second", "third"]) {
      writeFileSync(path, `${content}, which is no database at all `.repeat(100));
      openCatalog(path, "tree")[Symbol.dispose]();
    }
    assert.match(readFileSync(`${path}.damaged`, "utf8"), /^first/);
    assert.match(readFileSync(`${path}.damaged-2`, "utf8"), /^third/);
  });

  test("sets aside its own alone, where the file of its name is another tree's", async () => {
    await using scratch = await filled();
    const { path } = scratch;
    openCatalog(path, "another")[Symbol.dispose]();
    const own = path.replace(".sqlite", `-${hash("sha256", "another").slice(0, 8)}.sqlite`);
    assert.ok(existsSync(own));
    writeFileSync(own, "no database at all ".repeat(100));
    using another = openCatalog(path, "another");
    assert.equal(another.problem(), undefined);
    assert.ok(existsSync(`${own}.damaged`) && !existsSync(`${path}.damaged`));
    using one = openCatalog(path, "tree");
    assert.equal(countSamples(one), SAMPLES);
  });
});

describe("a catalog that goes bad while it is open", () => {
  for (const { name, spoil, isSetAside } of [
    { name: "is overwritten", spoil: (path: string) => (overwrite(path, 0.15), touch(path)), isSetAside: true },
    {
      name: "holds a day of the record that is no day",
      spoil: (path: string) => execute(path, "UPDATE tremor SET samples = x'0102'"),
      isSetAside: true,
    },
    {
      name: "holds other bytes than were written",
      spoil: (path: string) => execute(path, "UPDATE tremor SET samples = zeroblob(length(samples)) WHERE day % 7 = 0"),
      isSetAside: true,
    },
    {
      name: "has lost a day of the record",
      spoil: (path: string) => execute(path, "DELETE FROM tremor WHERE day % 7 = 0"),
      isSetAside: true,
    },
    {
      name: "has lost the seal of a day",
      spoil: (path: string) => execute(path, "DELETE FROM tremor_seals WHERE day % 7 = 0"),
      isSetAside: true,
    },
    { name: "loses a table", spoil: (path: string) => execute(path, "DROP TABLE tremor"), isSetAside: false },
  ])
    test(`says so when it ${name}, and can be renewed`, async () => {
      await using scratch = await filled();
      using catalog = openCatalog(scratch.path, "tree");
      let told = 0;
      catalog.onProblem(() => told++);
      assert.equal(countSamples(catalog), SAMPLES);
      const before = catalog.revision();
      spoil(scratch.path);
      for (let asked = 0; asked < 2; asked++)
        assert.throws(() => countSamples(catalog), { name: "Error", code: "STORE_FAILED" });
      assert.ok(catalog.problem());
      assert.equal(told, 1);
      catalog.renew(() => fill(catalog));
      assert.deepEqual([catalog.problem(), countSamples(catalog)], [undefined, SAMPLES]);
      assert.equal(existsSync(`${scratch.path}.damaged`), isSetAside);
      assert.ok(catalog.revision() > before, "answers made from the old one are dropped");
      using again = openCatalog(scratch.path, "tree");
      assert.equal(countSamples(again), SAMPLES);
    });

  for (const { name, spoil, ask } of [
    {
      name: "no day in the record's place of one",
      spoil: "UPDATE tremor SET day = 1000000000000 WHERE day = (SELECT max(day) FROM tremor)",
      ask: (catalog: Catalog) => catalog.tremorDays(),
    },
    {
      name: "episodes told that can't be read",
      spoil: "INSERT INTO told_episodes VALUES (0, '[{')",
      ask: (catalog: Catalog) => catalog.takeEpisodeChanges(0),
    },
  ])
    test(`says so when it has ${name}`, async () => {
      await using scratch = await filled();
      using catalog = openCatalog(scratch.path, "tree");
      execute(scratch.path, spoil);
      assert.throws(() => ask(catalog), { code: "STORE_FAILED" });
      assert.ok(catalog.problem());
      catalog.renew(() => fill(catalog));
      ask(catalog);
      assert.equal(catalog.problem(), undefined);
    });

  test("says so when another version of the program has made its tables, and makes its own again", async () => {
    await using scratch = await filled();
    using catalog = openCatalog(scratch.path, "tree");
    execute(scratch.path, "DELETE FROM tremor; DELETE FROM tremor_seals; PRAGMA user_version = 1000");
    catalog.checkPlace();
    assert.ok(catalog.problem());
    catalog.checkPlace();
    catalog.renew(() => fill(catalog));
    catalog.checkPlace();
    assert.deepEqual([catalog.problem(), countSamples(catalog)], [undefined, SAMPLES]);
    assert.equal(catalog.lastRun()?.startedMs, 1000);
  });

  test("says so when its file is taken away, and begins another in its place", async () => {
    await using scratch = await filled();
    using catalog = openCatalog(scratch.path, "tree");
    catalog.checkPlace();
    assert.equal(catalog.problem(), undefined);
    rmSync(scratch.path);
    catalog.checkPlace();
    assert.ok(catalog.problem());
    assert.equal(countSamples(catalog), SAMPLES, "it serves on until it is renewed");
    catalog.renew(() => fill(catalog));
    assert.ok(existsSync(scratch.path));
    assert.equal(countSamples(catalog), SAMPLES);
  });

  test("takes over the sound one that another process began meanwhile", async () => {
    await using scratch = await filled();
    using catalog = openCatalog(scratch.path, "tree");
    rmSync(scratch.path);
    {
      using another = openCatalog(scratch.path, "tree");
      fill(another);
    }
    catalog.checkPlace();
    catalog.renew(() => {});
    assert.equal(countSamples(catalog), SAMPLES);
    assert.ok(!existsSync(`${scratch.path}.damaged`));
  });
});
