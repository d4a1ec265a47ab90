/** A server that is pointed at an old tree reads its pictures by itself. */
import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { test, vi } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { startReadingWaiting } from "../../src/jobs/read-waiting.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { addDays, Day, dayOf } from "../../src/model/day.ts";
import { PlotRejected, StoreFailed } from "../../src/model/errors.ts";
import { samplePng } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { weekUpTo } from "../support/tremor.ts";

const DAYS = 70;
const first = Day.parse("2020-03-01");
const log = pino({ level: "silent" });

/** An old tree: pictures alone. The digitizer reads them in the order in which it is asked, and writes that down. */
async function oldTree(read: (fetchedMs: number) => void = () => {}) {
  const scratch = await scratchFolder();
  const basePath = join(scratch.path, "archives");
  const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));
  for (const [nth, day] of days.entries()) {
    const path = join(basePath, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.png`);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, nth === 5 ? "no picture" : samplePng(day));
    const fetched = new Date(`${day}T23:55:00Z`);
    await utimes(path, fetched, fetched);
  }
  const archive = createArchive(createFsStore({ basePath }));
  const asked: number[] = [];
  const digitizer = {
    version: 7,
    atOnce: 2,
    read: async (_png: Uint8Array, fetchedMs: number) => {
      asked.push(fetchedMs);
      read(fetchedMs);
      return { ...weekUpTo(fetchedMs - (fetchedMs % 600_000)), version: 7 };
    },
    release: async () => {},
  };
  const catalog = openCatalog(":memory:");
  const parts = { archive, catalog, digitizer, log };
  await followTree(parts);
  return { ...parts, days, asked, parts, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}
const patience = { timeout: 50_000 };

test("reads each picture once, tells how many wait, and gives up on what is none", async () => {
  await using tree = await oldTree();
  const { catalog, asked, days } = tree;
  assert.equal(catalog.countUnread(), DAYS);
  assert.deepEqual(catalog.listUnread(2), [days.at(-1), days.at(-2)], "the newest first");
  await using waiting = startReadingWaiting(tree.parts);
  waiting.wake();
  await vi.waitUntil(() => catalog.countUnread() === 0 && catalog.countUnstitched() === 0, patience);
  assert.equal(asked.length, DAYS - 1);
  assert.match(catalog.findReading(days[5]!)!.problem!, /damaged/);
  assert.equal(catalog.tremorDays()!.count, DAYS + 7);
  waiting.wake();
  await followTree(tree.parts);
  assert.equal(catalog.countUnread(), 0);
  assert.equal(asked.length, DAYS - 1);
  // What was read is in the records: another catalog needs no picture read again.
  const again = { ...tree.parts, catalog: openCatalog(":memory:") };
  await rebuild(again);
  assert.equal(asked.length, DAYS - 1);
  await rebuild({ ...again, digitizer: { ...tree.digitizer, version: 8 } });
  assert.equal(asked.length, 2 * (DAYS - 1), "a newer digitizer reads all of them again");
});

test("goes on where it was stopped", async () => {
  await using tree = await oldTree();
  const { catalog, asked } = tree;
  {
    await using waiting = startReadingWaiting(tree.parts);
    waiting.wake();
    await vi.waitUntil(() => asked.length >= 10, patience);
  }
  await followTree(tree.parts);
  const left = catalog.countUnread();
  assert.ok(left < DAYS);
  const before = asked.length;
  await using waiting = startReadingWaiting(tree.parts);
  waiting.wake();
  await vi.waitUntil(() => catalog.countUnread() === 0, patience);
  assert.ok(asked.length - before <= left);
});

test("reads no picture that it was about to read when it was stopped, as its threads have ended", async () => {
  await using tree = await oldTree();
  const { archive, asked } = tree;
  let stopped: Promise<void> | undefined;
  const mendRecord: typeof archive.mendRecord = (day, options) =>
    archive.mendRecord(day, {
      ...options,
      read(...picture) {
        stopped ??= Promise.resolve(waiting[Symbol.asyncDispose]());
        return options.read(...picture);
      },
    });
  const waiting = startReadingWaiting({ ...tree.parts, archive: { ...archive, mendRecord } });
  waiting.wake();
  await vi.waitUntil(() => stopped !== undefined, patience);
  await stopped;
  assert.deepEqual(asked, []);
});

for (const { name, error, inRecord } of [
  { name: "refuses", error: new PlotRejected("its pixels can't be unpacked"), inRecord: true },
  { name: "fails at", error: new Error("Lost a digitizer thread"), inRecord: false },
])
  test(`doesn't try again what the digitizer ${name}`, async () => {
    const newest = addDays(first, DAYS - 1);
    await using tree = await oldTree((fetchedMs) => {
      if (dayOf(fetchedMs) === newest) throw error;
    });
    const { catalog, asked, archive } = tree;
    await using waiting = startReadingWaiting(tree.parts);
    waiting.wake();
    await vi.waitUntil(() => catalog.countUnread() === 0, patience);
    assert.equal(asked.length, DAYS - 1);
    assert.ok(catalog.findReading(newest)!.problem);
    assert.equal((await archive.findRecord(newest))?.reading?.version, inRecord ? 7 : undefined);
  });

test("waits where the tree can't be written to, and reads nothing in vain", async () => {
  await using tree = await oldTree();
  const refused = { ...tree.archive, checkWritable: () => Promise.reject(new Error("read-only")) };
  await using waiting = startReadingWaiting({ ...tree.parts, archive: refused });
  waiting.wake();
  await followTree(tree.parts);
  assert.deepEqual([tree.asked.length, tree.catalog.countUnread()], [0, DAYS]);
});

test("lets no file that can't be read keep the older ones from being read", async () => {
  await using tree = await oldTree();
  const { archive, catalog, asked, days } = tree;
  const closed = days.slice(-3);
  const mendRecord: typeof archive.mendRecord = (day, options) =>
    closed.includes(day)
      ? Promise.reject(new StoreFailed("Cannot read it: permission denied (EACCES)"))
      : archive.mendRecord(day, options);
  await using waiting = startReadingWaiting({ ...tree.parts, archive: { ...archive, mendRecord } });
  waiting.wake();
  await vi.waitUntil(() => catalog.countUnread() === closed.length && catalog.countUnstitched() === 0, patience);
  assert.equal(asked.length, DAYS - 1 - closed.length);
  assert.deepEqual(catalog.listUnread(DAYS), closed.toReversed(), "they wait for another time");
});

test("ends where all of the store fails meanwhile, and blames no picture", async () => {
  await using tree = await oldTree();
  const { archive, catalog, asked } = tree;
  const gone = new StoreFailed("Cannot read it: input/output error (EIO)");
  const checks = vi.fn(archive.checkWritable).mockResolvedValueOnce(undefined).mockRejectedValue(gone);
  const broken = { ...archive, mendRecord: () => Promise.reject(gone), checkWritable: checks };
  {
    await using waiting = startReadingWaiting({ ...tree.parts, archive: broken });
    waiting.wake();
    await vi.waitUntil(() => checks.mock.calls.length > 1, patience);
  }
  assert.deepEqual([asked.length, catalog.countUnread()], [0, DAYS]);
});

test("never brings back into the catalog what a cleanup beside it has let go", async () => {
  await using tree = await oldTree();
  const { archive, catalog, days } = tree;
  const lines: string[] = [];
  const letGo = async (): Promise<void> => {
    await archive.cleanup({ today: addDays(days.at(-1)!, 100), retentionDays: 1, keepSeries: false });
    await followTree(tree.parts);
  };
  let cleaning: Promise<void> | undefined;
  const digitizer = {
    ...tree.digitizer,
    atOnce: 1,
    read: async (png: Uint8Array, fetchedMs: number) => {
      if (dayOf(fetchedMs) === days.at(-2)) await (cleaning ??= letGo());
      return tree.digitizer.read(png, fetchedMs);
    },
  };
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(line) });
  await using waiting = startReadingWaiting({ ...tree.parts, digitizer, log });
  waiting.wake();
  await vi.waitUntil(() => cleaning !== undefined && catalog.countUnread() === 0, patience);
  await waiting[Symbol.asyncDispose]();
  assert.equal(catalog.totals().archives, 0);
  assert.deepEqual(lines, []);
});
