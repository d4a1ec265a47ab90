/** Pictures expire, numbers stay: what was never read is read before it goes. */
import assert from "node:assert/strict";
import { mkdir, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pino } from "pino";
import { test } from "vitest";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { cleanUp } from "../../src/jobs/cleanup.ts";
import { followTree } from "../../src/jobs/follow-tree.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { PlotRejected, ShutDown, StoreFailed } from "../../src/model/errors.ts";
import { samplePng, samplePlot } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { weekUpTo } from "../support/tremor.ts";

const first = Day.parse("2025-08-01");
/** More than are removed under one lock. */
const DAYS = 40;
const days = Array.from({ length: DAYS }, (_, index) => addDays(first, index));
const KEPT = 5;
const old = days.slice(0, DAYS - KEPT);
const noPicture = days[7]!;

/** An old tree at the end of its last day: pictures alone, and one file that is none. */
async function oldTree({ onRead = async () => {} }: { onRead?: (day: Day) => Promise<void> } = {}) {
  const scratch = await scratchFolder();
  const basePath = join(scratch.path, "archives");
  for (const day of days) await putPicture(basePath, day, day === noPicture ? "no picture" : samplePng(day));
  const clock = (): number => dayStartMs(days.at(-1)!) + 86_000_000;
  const archive = createArchive(createFsStore({ basePath, clock }), { clock });
  const asked: Day[] = [];
  const digitizer = {
    version: 7,
    atOnce: 2,
    async read(_png: Uint8Array, fetchedMs: number) {
      const day = Day.parse(new Date(fetchedMs).toISOString().slice(0, 10));
      asked.push(day);
      await onRead(day);
      return { ...weekUpTo(dayStartMs(addDays(day, 1))), version: 7 };
    },
    release: async () => {},
  };
  const catalog = openCatalog(":memory:");
  const policy = { retentionDays: KEPT, keepSeries: true };
  const parts = { archive, catalog, digitizer, clock, policy, log: pino({ level: "silent" }) };
  await followTree(parts);
  const pictures = async (): Promise<Day[]> => (await Array.fromAsync(archive.list())).map(({ day }) => day);
  return { parts, basePath, asked, pictures, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

async function putPicture(basePath: string, day: Day, content: Uint8Array | string, at = "23:55"): Promise<void> {
  const path = join(basePath, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.png`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  const fetched = new Date(`${day}T${at}:00Z`);
  await utimes(path, fetched, fetched);
}

const versionsOf = async ({ findRecord }: Archive): Promise<(number | undefined)[]> =>
  Promise.all(old.map(async (day) => (await findRecord(day))?.reading?.version));

test("reads what was never read before it goes, so that its numbers stay", async () => {
  await using tree = await oldTree();
  const { parts, asked, pictures } = tree;
  const progress: [number, number][] = [];
  const cleaned = await cleanUp(parts, { onProgress: (...told) => progress.push(told) });
  assert.deepEqual(cleaned.days, old);
  assert.deepEqual(await pictures(), days.slice(-KEPT));
  assert.deepEqual(
    asked.toSorted(),
    old.filter((day) => day !== noPicture),
    "each expired picture once, and none of those that stay",
  );
  assert.deepEqual(
    await versionsOf(parts.archive),
    old.map((day) => (day === noPicture ? undefined : 7)),
  );
  // Seven days of the first plot, and one of each that follows; the day without a picture is in the plot after it.
  assert.equal(parts.catalog.tremorDays()!.count, 7 + old.length - 1);
  assert.equal(parts.catalog.countUnstitched(), 0);
  assert.equal(parts.catalog.totals().archives, KEPT);
  assert.deepEqual(progress.at(-1), [old.length, old.length]);
  assert.deepEqual((await cleanUp(parts)).days, []);
});

test("reads nothing that was read before, nor where it only tells what would go, nor where no record is kept", async () => {
  await using tree = await oldTree();
  const { parts, asked, pictures } = tree;
  assert.deepEqual((await cleanUp(parts, { dryRun: true })).days, old);
  assert.deepEqual([asked.length, (await pictures()).length], [0, DAYS]);

  const [known, outdated] = [days[0]!, days[1]!];
  for (const [day, version] of [
    [known, 7],
    [outdated, 6],
  ] as const) {
    const endMs = dayStartMs(addDays(day, 1));
    const plot = samplePlot(day, new Date(endMs - 300_000).toISOString());
    await parts.archive.save(day, plot, { reading: { ...weekUpTo(endMs), version } });
  }
  await cleanUp(parts, { retentionDays: DAYS - 2 });
  assert.deepEqual(asked, [outdated], "a better digitizer reads it for the last time");

  await cleanUp({ ...parts, policy: { ...parts.policy, keepSeries: false } });
  assert.deepEqual(asked, [outdated]);
  assert.deepEqual(await Array.fromAsync(parts.archive.survey({ to: old.at(-1)! })), []);
});

test("lets no picture go before its record has reached the disk, whoever wrote that", async () => {
  await using tree = await oldTree();
  const { parts, basePath } = tree;
  // Just before, the server has read a picture by itself, and such a record may be lost while the picture is there.
  const { read, version: digitizerVersion } = parts.digitizer;
  await parts.archive.mendRecord(days[0]!, { digitizerVersion, read });
  const store = createFsStore({ basePath, clock: parts.clock });
  const steps: string[] = [];
  const watched = createArchive(
    {
      ...store,
      async write(key, bytes, options = {}) {
        const file = await store.write(key, bytes, options);
        steps.push(`${options.isReplaceable ? "wrote" : "wrote to disk"} ${key}`);
        return file;
      },
      remove(key) {
        steps.push(`removed ${key}`);
        return store.remove(key);
      },
    },
    { clock: parts.clock },
  );
  await cleanUp({ ...parts, archive: watched });
  for (const day of old.filter((one) => one !== noPicture)) {
    const name = `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}`;
    const of = steps.filter((step) => step.includes(name));
    assert.deepEqual(of, [`wrote to disk ${name}.json`, `removed ${name}.png`]);
  }
  assert.equal(tree.asked.filter((day) => day === days[0]).length, 1, "and reads none twice");
});

for (const { name, fault, goes } of [
  {
    name: "a picture in which the digitizer finds nothing goes, and its record says why",
    fault: new PlotRejected("its pixels can't be unpacked"),
    goes: true,
  },
  {
    name: "a picture that the digitizer breaks down at stays",
    fault: new Error("Lost a digitizer thread"),
    goes: false,
  },
  {
    name: "a picture whose record can't be written stays",
    fault: new StoreFailed("Cannot write: the disk is full", { path: "x" }),
    goes: false,
  },
])
  test(name, async () => {
    const bad = days[11]!;
    let isFailing = true;
    await using tree = await oldTree({
      async onRead(day) {
        if (day === bad && isFailing) throw fault;
      },
    });
    const { parts, pictures } = tree;
    if (goes) {
      assert.deepEqual((await cleanUp(parts)).days, old);
      assert.match((await parts.archive.findRecord(bad))!.reading!.problems.join(), /unpacked/);
      return;
    }
    await assert.rejects(cleanUp(parts), fault);
    assert.deepEqual(await pictures(), [bad, ...days.slice(-KEPT)], "all others went");
    assert.equal(parts.catalog.totals().archives, KEPT + 1);
    isFailing = false;
    assert.deepEqual((await cleanUp(parts)).days, [bad]);
    assert.equal((await parts.archive.findRecord(bad))?.reading?.version, 7);
  });

test("a picture that was put there meanwhile stays until it was read itself", async () => {
  const changed = days[3]!;
  let isChanged = false;
  await using tree = await oldTree({
    async onRead(day) {
      // Another day is read, so that this one was listed and perhaps read before.
      if (day !== days[20] || isChanged) return;
      isChanged = true;
      await putPicture(tree.basePath, changed, samplePng("another"), "23:56");
    },
  });
  const { parts, pictures } = tree;
  await cleanUp(parts);
  assert.deepEqual(await pictures(), [changed, ...days.slice(-KEPT)]);
});

test("waits for no picture that is being read when the program stops", async () => {
  const stopping = new AbortController();
  await using tree = await oldTree({
    async onRead(day) {
      if (day !== days[3]) return;
      stopping.abort(new ShutDown("stopping"));
      await new Promise<never>(() => {});
    },
  });
  await assert.rejects(cleanUp(tree.parts, { signal: stopping.signal }), ShutDown);
  assert.ok((await tree.pictures()).includes(days[3]!));
});

test("ends between two days when the program stops, and loses no picture unread", async () => {
  const stopping = new AbortController();
  await using tree = await oldTree({
    async onRead(day) {
      if (day === days[34]) stopping.abort(new ShutDown("stopping"));
    },
  });
  const { parts, pictures, asked } = tree;
  await assert.rejects(cleanUp(parts, { signal: stopping.signal }), ShutDown);
  const left = await pictures();
  assert.deepEqual(left, days.slice(32), "what was read by then has gone");
  assert.equal(parts.catalog.totals().archives, left.length);
  await cleanUp(parts);
  assert.deepEqual(await pictures(), days.slice(-KEPT));
  assert.equal(new Set(asked).size, old.length - 1);
});
