import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFileChanges } from "../../src/archive/fs-changes.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { createArchiveJob } from "../../src/jobs/archive-now.ts";
import type { Digitizer } from "../../src/jobs/digitizer.ts";
import { followTree, learnNames } from "../../src/jobs/follow-tree.ts";
import { startFollowing } from "../../src/jobs/keep-following.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { stitchPending } from "../../src/jobs/stitch-pending.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { execute } from "../support/spoil.ts";
import { weekUpTo } from "../support/tremor.ts";

const DAY_MS = 86_400_000;
const first = Day.parse("2025-03-01");
const everything = { startMs: dayStartMs(Day.parse("2020-01-01")), endMs: dayStartMs(Day.parse("2030-01-01")) };

let folder: string;
let base: string;
let archive: Archive;
let catalog: Catalog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "etna-record-"));
  base = join(folder, "archives");
  archive = createArchive(createFsStore({ basePath: base }));
  catalog = openCatalog(join(folder, "catalog.sqlite"));
});
afterEach(async () => {
  catalog[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

const parts = (into = catalog) => ({ archive, catalog: into, log: pino({ level: "silent" }) });
const endOf = (day: Day): number => dayStartMs(day) + DAY_MS;

async function keep(day: Day, endMs = endOf(day)): Promise<void> {
  const fetchedAt = new Date(endMs - 300_000).toISOString();
  await archive.save(day, samplePlot(`${day} ${endMs}`, fetchedAt), { reading: weekUpTo(endMs) });
}
const samplesOf = (from: Catalog): number => from.readTremor(everything).timesMs.length;

/** A digitizer that reads a plot from the time at which it was fetched, and counts. */
function createReader(): Digitizer & { readings: number } {
  const reader = {
    version: 99,
    readings: 0,
    async read(_png: Uint8Array, fetchedMs: number): Promise<Digitization> {
      reader.readings += 1;
      return { ...weekUpTo(Math.ceil(fetchedMs / DAY_MS) * DAY_MS), version: 99 };
    },
  };
  return reader;
}

describe("the record follows the tree", () => {
  test("from records alone, whatever the catalog was", async () => {
    for (let index = 0; index < 20; index++) await keep(addDays(first, index));
    await followTree(parts());
    assert.equal(samplesOf(catalog), (20 + 6) * 144);
    assert.deepEqual(catalog.listSetAside(), []);
    using another = openCatalog(":memory:");
    await rebuild({ ...parts(another), digitizer: createReader() });
    assert.deepEqual(another.readTremor(everything), catalog.readTremor(everything));
  });

  test("lists every archive before any record is read", async () => {
    for (let index = 0; index < 5; index++) await keep(addDays(first, index));
    const { changed } = await learnNames(parts());
    assert.deepEqual([changed.length, catalog.totals().archives, samplesOf(catalog)], [5, 5, 0]);
    assert.equal(catalog.findReading(first), undefined);
    await followTree(parts());
    assert.equal(samplesOf(catalog), (5 + 6) * 144);
  });

  test("goes on where it was stopped", async () => {
    for (let index = 0; index < 10; index++) await keep(addDays(first, index));
    const stopping = new AbortController();
    const { changed } = await learnNames(parts());
    stopping.abort();
    await assert.rejects(followTree(parts(), { signal: stopping.signal }));
    assert.equal(samplesOf(catalog), 0);
    await followTree(parts());
    assert.equal(samplesOf(catalog), (changed.length + 6) * 144);
  });

  test("loses what a removed day alone showed", async () => {
    await keep(first);
    await keep(addDays(first, 30));
    await followTree(parts());
    assert.equal(samplesOf(catalog), 14 * 144);
    await rm(join(base, first.replaceAll("-", "/")), { recursive: true });
    await followTree(parts());
    assert.equal(samplesOf(catalog), 7 * 144);
  });

  test("notices an old day that another process brings, at the next look", async () => {
    for (let index = 0; index < 3; index++) await keep(addDays(first, index));
    // Not at a full hour, when the whole tree is looked at.
    const clock = (): number => dayStartMs(addDays(first, 3)) + 30 * 60_000;
    const changes = createFileChanges(base);
    await using _following = startFollowing({ ...parts(), clock, changes }, "* * * * * *");
    await vi.waitUntil(() => samplesOf(catalog) === 9 * 144, { timeout: 50_000 });
    const old = addDays(first, -400);
    await keep(old);
    await vi.waitUntil(() => samplesOf(catalog) === 16 * 144, { timeout: 50_000 });
    assert.equal(catalog.findDay(old)?.day, old);
  });
});

describe("rebuild", () => {
  test("reads the pictures that have no record, and none that has one", async () => {
    for (let index = 0; index < 4; index++) await archive.save(addDays(first, index), samplePlot(index, atNoon(index)));
    const reader = createReader();
    const progress: [number, number][] = [];
    const options = { concurrency: 2, onProgress: (done: number, total: number) => void progress.push([done, total]) };
    const rebuilt = await rebuild({ ...parts(), digitizer: reader }, options);
    assert.deepEqual(rebuilt, { days: 4, problems: [] });
    assert.deepEqual(progress.at(-1), [4, 4]);
    assert.equal(samplesOf(catalog), 10 * 144);
    assert.equal(reader.readings, 4);
    await rebuild({ ...parts(), digitizer: reader }, options);
    assert.equal(reader.readings, 4);
  });

  for (const { name, sql } of [
    { name: "its record was overwritten", sql: "UPDATE tremor SET samples = zeroblob(length(samples))" },
    { name: "days of its record were lost", sql: "DELETE FROM tremor WHERE day % 2 = 0" },
    { name: "it holds a record of days that no plot shows", sql: "UPDATE tremor SET day = day + 1000" },
    { name: "its readings are others", sql: "UPDATE readings SET samples = x'', first_ms = NULL, last_ms = NULL" },
    { name: "it holds readings of days that aren't there", sql: "UPDATE readings SET day = '19' || substr(day, 3)" },
    { name: "its days are others", sql: "UPDATE days SET size = 1, sha256 = NULL" },
    {
      name: "it sets aside and calls misfiled what isn't",
      sql: `INSERT INTO misfiled SELECT day, 'so it says' FROM readings;
        INSERT INTO set_aside SELECT day, 'DISAGREES', 'so it says', 0, 1 FROM readings`,
    },
    { name: "it has forgotten what it saw", sql: "DELETE FROM seen" },
  ])
    test(`restores all from the tree, though ${name}`, async () => {
      for (let index = 0; index < 12; index++) await keep(addDays(first, index));
      await followTree(parts());
      const whole = () => ({
        record: catalog.readTremor(everything),
        days: catalog.listDays({ order: "OLDEST_FIRST" }),
        setAside: catalog.listSetAside(),
        readings: Array.from({ length: 12 }, (_, index) => catalog.findReading(addDays(first, index))),
        seen: catalog.listSeen({ from: Day.parse("1900-01-01"), to: Day.parse("2100-01-01") }),
        stray: catalog.findReading(Day.parse("1925-03-01")),
      });
      const before = whole();
      execute(join(folder, "catalog.sqlite"), sql);
      catalog[Symbol.dispose]();
      catalog = openCatalog(join(folder, "catalog.sqlite"));
      const asFound = () => {
        try {
          return whole();
        } catch (error) {
          return error;
        }
      };
      assert.notDeepEqual(asFound(), before);
      await rebuild({ ...parts(), digitizer: { ...createReader(), version: 1 } });
      assert.deepEqual(whole(), before);
    });

  test("is gone on with after a stop, without reading again what was read", async () => {
    for (let index = 0; index < 6; index++) await archive.save(addDays(first, index), samplePlot(index, atNoon(index)));
    const reader = createReader();
    const stopping = new AbortController();
    const stopped = rebuild(
      { ...parts(), digitizer: reader },
      { signal: stopping.signal, onProgress: (done) => done === 3 && stopping.abort() },
    );
    await assert.rejects(stopped);
    assert.equal(reader.readings, 3);
    await rebuild({ ...parts(), digitizer: reader });
    assert.equal(reader.readings, 6);
    assert.equal(samplesOf(catalog), 12 * 144);
  });
});

const atNoon = (index: number): string => `${addDays(first, index)}T12:00:00Z`;

describe("a plot that arrives", () => {
  for (const { name, save } of [
    { name: "", save: (...args: Parameters<Archive["save"]>) => archive.save(...args) },
    {
      name: ", also where a look at the tree came first",
      save: async (...args: Parameters<Archive["save"]>) => {
        const saved = await archive.save(...args);
        await followTree(parts());
        return saved;
      },
    },
  ])
    test(`brings its new samples into the record, and tells which${name}`, async () => {
      let nowMs = dayStartMs(first) + 12 * 3_600_000;
      const job = createArchiveJob({
        ...parts(),
        archive: { ...archive, save },
        clock: () => nowMs,
        digitizer: {
          version: 1,
          read: async (_png, fetchedMs) => weekUpTo(Math.floor(fetchedMs / CADENCE_MS) * CADENCE_MS),
        },
        source: {
          findNewer: async () => ({ ...samplePlot(nowMs), fetchedMs: nowMs }),
        },
        sourceUrl: "https://plots.example/2.png",
        policy: { retentionDays: -1, keepSeries: true },
      });
      const told: (readonly { timeMs: number }[])[] = [];
      job.onArchived((_day, newSamples) => void told.push(newSamples));
      await job.archiveNow("SCHEDULE");
      assert.equal(told[0]!.length, 1008);
      nowMs += 3_600_000;
      await job.archiveNow("SCHEDULE");
      assert.deepEqual(
        told[1]!.map(({ timeMs }) => (nowMs - timeMs) / CADENCE_MS),
        [6, 5, 4, 3, 2, 1],
      );
      // What only the replaced plot showed has gone with it.
      assert.equal(samplesOf(catalog), 1008);
      await job[Symbol.asyncDispose]();
    });
});

test("stitching tells how far it is, and gives others their turn", async () => {
  for (let index = 0; index < 40; index += 8) await keep(addDays(first, index));
  for await (const files of archive.survey()) {
    const reading = (await archive.findRecord(files.day))!.reading!;
    catalog.putDay(files.day, undefined, {
      ...reading,
      day: files.day,
      digitizerVersion: 1,
      fetchedMs: undefined,
      problem: undefined,
    });
  }
  const progress: number[] = [];
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await stitchPending(catalog, { daysAtOnce: 5, onProgress: (done) => progress.push(done) });
  clearInterval(timer);
  assert.ok(progress.length > 5 && turns > 1);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  assert.equal(catalog.countUnstitched(), 0);
});
