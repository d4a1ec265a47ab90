import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, test } from "vitest";
import type { Archive, ArchivedDay } from "../../src/archive/archive.ts";
import { createArchive, type ArchiveOptions } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { MAX_PICTURE_BYTES } from "../../src/archive/reader.ts";
import { formatRecord } from "../../src/archive/record-file.ts";
import type { DayRecord } from "../../src/archive/record.ts";
import type { Store } from "../../src/archive/store.ts";
import { Day } from "../../src/model/day.ts";
import { ArchiveDamaged, DayNotFound, PlotRejected } from "../../src/model/errors.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { scratchFolder } from "../support/scratch.ts";

const day = Day.parse("2025-11-04");
const plain = pictureKey(day, false);
const gzipped = pictureKey(day, true);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const days = (...texts: string[]) => texts.map((text) => Day.parse(text));

/** What no plot of tremor shows, and no record could hold. */
const ABSURD: { name: string; absurd: (reading: Digitization) => Partial<Digitization> }[] = [
  { name: "no number", absurd: ({ samples }) => ({ samples: [{ ...samples[0]!, rmsMv: Number.NaN }] }) },
  { name: "an endless amplitude", absurd: ({ samples }) => ({ samples: [{ ...samples[0]!, rmsMv: Infinity }] }) },
  { name: "an amplitude of nothing", absurd: ({ samples }) => ({ samples: [{ ...samples[0]!, rmsMv: 0 }] }) },
  { name: "an instant beyond all dates", absurd: ({ samples }) => ({ samples: [{ ...samples[0]!, timeMs: 9e15 }] }) },
  { name: "a period beyond all dates", absurd: () => ({ samples: [], window: { startMs: -9e15, endMs: 9e15 } }) },
  { name: "a join that ends in no number", absurd: ({ joins }) => ({ joins: [{ ...joins[0]!, endMv: Number.NaN }] }) },
  {
    name: "a fidelity that is no number, and nothing else,",
    absurd: () => ({ samples: [], calibration: undefined, fidelity: { explained: Number.NaN, present: 0 } }),
  },
  {
    name: "the same week twice",
    absurd: ({ samples }) => ({ samples: [...samples, ...samples] }),
  },
];

/** Runs on both stores: the archive's rules don't know where it is kept. */
const stores: { name: string; open: () => Promise<AsyncDisposable & { store: Store }> }[] = [
  { name: "in memory", open: async () => ({ store: createMemoryStore(), async [Symbol.asyncDispose]() {} }) },
  {
    name: "on disk",
    async open() {
      const scratch = await scratchFolder();
      const store = createFsStore({ basePath: scratch.path });
      return { store, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
    },
  },
];

for (const { name: where, open } of stores) {
  async function openArchive(options?: ArchiveOptions) {
    const opened = await open();
    const { store } = opened;
    /** The day's files, so that a test sees what a call has left. */
    const keys = async () =>
      (await Array.fromAsync(store.list(day, day, "oldest-first"))).map((file) => file.key).sort();
    const written: string[] = [];
    const aside: string[] = [];
    const watched: Store = {
      ...store,
      write(key, bytes) {
        written.push(key);
        return store.write(key, bytes);
      },
      quarantine(key, isReplaced) {
        aside.push(key);
        return store.quarantine(key, isReplaced);
      },
    };
    const archive = createArchive(watched, options);
    return { store, archive, written, aside, keys, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
  }

  describe(`an archive ${where} saves`, () => {
    test("a plot, and what is known of it", async () => {
      await using opened = await openArchive();
      const version = { etag: '"5f"', lastModified: "Tue, 04 Nov 2025 11:52:11 GMT" };
      const plot = samplePlot("first", "2025-11-04T12:00:00Z", { version });
      const { outcome, reason, archived, record } = await opened.archive.save(day, plot);
      assert.deepEqual({ outcome, reason }, { outcome: "ARCHIVED", reason: undefined });
      assert.deepEqual(archived, await opened.archive.find(day));
      const { modifiedMs, ...rest } = archived;
      assert.deepEqual(rest, { day, key: plain, size: plot.png.length, compressed: false });
      assert.ok(modifiedMs > 0);
      assert.deepEqual(record, {
        day,
        picture: { sha256: sha256(plot.png), sizeBytes: plot.png.length, widthPx: 96, heightPx: 96 },
        source: { url: plot.sourceUrl, fetchedMs: plot.fetchedMs, version },
        reading: undefined,
        stale: false,
      } satisfies DayRecord);
      assert.deepEqual(record, await opened.archive.findRecord(day));
      assert.deepEqual(await opened.archive.get(day), { ...archived, png: plot.png, sha256: sha256(plot.png) });
      assert.deepEqual(opened.written, [plain, recordKey(day)], "picture first, record second");
    });

    test("gzipped, and gives back the PNG's own bytes", async () => {
      await using opened = await openArchive({ compress: true });
      const plot = samplePlot("first");
      const { archived } = await opened.archive.save(day, plot);
      assert.deepEqual([archived.key, archived.compressed], [gzipped, true]);
      assert.notEqual(archived.size, plot.png.length);
      const got = await opened.archive.get(day);
      assert.deepEqual([got.png, got.sha256], [plot.png, sha256(plot.png)]);
      const file = await opened.store.read(gzipped, 1e6);
      assert.equal((await opened.archive.findRecord(day))?.picture.gzipSha256, sha256(file!.bytes));
    });

    test("the checksum of the very gzip that it has, in a record made for it", async () => {
      await using opened = await openArchive({ compress: true });
      const plot = samplePlot("first");
      // Another gzip than ours, as the old system's: its header tells a time.
      const other = gzipSync(plot.png);
      other.writeUInt32LE(1_762_000_000, 4);
      await opened.store.write(gzipped, other);
      const { outcome, record } = await opened.archive.save(day, plot);
      assert.deepEqual([outcome, record.picture.gzipSha256], ["UNCHANGED", sha256(other)]);
    });

    test("the record as it will be read again, so that rebuilding changes nothing", async () => {
      await using opened = await openArchive();
      const { record } = await opened.archive.save(day, samplePlot(1), { reading: sampleReading() });
      assert.equal(record.reading?.samples.length, 996);
      assert.deepEqual(record, await opened.archive.findRecord(day));
    });

    for (const { name, absurd } of ABSURD)
      test(`a plot in which ${name} was read, and says why without the numbers`, async () => {
        await using opened = await openArchive();
        const reading = { ...sampleReading(), ...absurd(sampleReading()) };
        const { outcome, record } = await opened.archive.save(day, samplePlot(1), { reading });
        assert.equal(outcome, "ARCHIVED");
        assert.deepEqual((await opened.archive.get(day)).png, samplePng(1));
        assert.deepEqual(await opened.archive.findRecord(day), record);
        const { version, trusted, samples, problems } = record.reading!;
        assert.deepEqual([version, trusted, samples.length], [reading.version, false, 0]);
        assert.match(problems.join(), /no series of tremor/);
      });

    for (const { name, absurd } of ABSURD)
      test(`no plot in which ${name} was read, over one whose tremor was`, async () => {
        await using opened = await openArchive();
        const first = await opened.archive.save(day, samplePlot(1), { reading: sampleReading() });
        const reading = { ...sampleReading(), ...absurd(sampleReading()) };
        const { reason, ...rest } = await opened.archive.save(day, samplePlot(2, "2025-11-04T12:30:00Z"), { reading });
        assert.match(reason!, /no tremor could be read/);
        assert.deepEqual({ ...rest, reason: undefined }, { ...first, outcome: "UNCHANGED" });
      });

    test("bytes after the PNG's end, too", async () => {
      await using opened = await openArchive();
      const png = new Uint8Array(Buffer.concat([samplePng(1), Buffer.from("\n")]));
      await opened.archive.save(day, samplePlot(1, undefined, { png }));
      assert.deepEqual((await opened.archive.get(day)).png, png);
    });

    test("one picture a day: .png.gz takes the place of .png, and the other way round", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      await opened.archive.save(day, samplePlot(2), { compress: true });
      assert.deepEqual(await opened.keys(), [recordKey(day), gzipped].sort());
      await opened.archive.save(day, samplePlot(3), { compress: false });
      assert.deepEqual(await opened.keys(), [recordKey(day), plain].sort());
    });

    test("nothing that isn't a whole PNG, and leaves the day as it was", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      const before = await opened.archive.get(day);
      for (const png of [
        new Uint8Array(),
        samplePng(2).subarray(0, 9000),
        new Uint8Array(Buffer.from("<html></html>")),
        new Uint8Array(Buffer.concat([samplePng(2), Buffer.alloc(MAX_PICTURE_BYTES)])),
      ])
        await assert.rejects(opened.archive.save(day, samplePlot(2, undefined, { png })), PlotRejected);
      assert.deepEqual(await opened.archive.get(day), before);
    });

    test("nothing twice: the same bytes are UNCHANGED, however they are kept", async () => {
      await using opened = await openArchive();
      const first = await opened.archive.save(day, samplePlot(1));
      opened.written.length = 0;
      for (const compress of [false, true]) {
        const again = await opened.archive.save(day, samplePlot(1, "2025-11-04T12:30:00Z"), { compress, force: true });
        assert.deepEqual(again, { ...first, outcome: "UNCHANGED", reason: "the day has this very plot" });
      }
      assert.deepEqual(opened.written, []);
    });

    test("the fresher plot of the day, unless it is forced", async () => {
      await using opened = await openArchive();
      const first = await opened.archive.save(day, samplePlot(1, "2025-11-04T12:00:00Z"));
      const older = samplePlot(2, "2025-11-04T11:00:00Z");
      assert.deepEqual(await opened.archive.save(day, older), {
        ...first,
        outcome: "UNCHANGED",
        reason: "the day's plot was fetched later",
      });
      assert.equal((await opened.archive.save(day, older, { force: true })).outcome, "ARCHIVED");
      assert.deepEqual((await opened.archive.get(day)).png, older.png);
    });

    test("a stale plot where the day has none, marked, and not over a fresh one", async () => {
      await using opened = await openArchive();
      const stale = { reading: sampleReading({ axisEnd: "2025-11-04T13:00:00Z" }) };
      const saved = await opened.archive.save(day, samplePlot(1, "2025-11-04T19:30:00Z"), stale);
      assert.deepEqual([saved.outcome, saved.record.stale], ["ARCHIVED", true]);
      const fresh = { reading: sampleReading({ axisEnd: "2025-11-04T20:00:00Z" }) };
      const next = await opened.archive.save(day, samplePlot(2, "2025-11-04T20:00:00Z"), fresh);
      assert.deepEqual([next.outcome, next.record.stale], ["ARCHIVED", false]);
      assert.equal((await opened.archive.save(day, samplePlot(3, "2025-11-04T20:30:00Z"), stale)).outcome, "UNCHANGED");
    });

    test("in the place of a damaged picture, whatever its time, which lies in quarantine then", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1, "2025-11-04T23:55:00Z"));
      await opened.store.write(plain, samplePng(1).subarray(0, 900));
      assert.equal((await opened.archive.save(day, samplePlot(2, "2025-11-04T01:00:00Z"))).outcome, "ARCHIVED");
      assert.deepEqual((await opened.archive.get(day)).png, samplePng(2));
      assert.deepEqual(opened.aside, [plain]);
      await opened.archive.save(day, samplePlot(3, "2025-11-04T02:00:00Z"));
      assert.equal(opened.aside.length, 1, "and no good one does");
    });

    for (const { what, lose } of [
      { what: "gone", lose: (store: Store) => store.remove(plain) },
      { what: "damaged", lose: (store: Store) => store.write(plain, Buffer.from("no picture")) },
    ])
      test(`not in the place of a fresher one that is ${what}, the numbers of which would go with its record`, async () => {
        await using opened = await openArchive();
        const at = (hour: number) => ({ reading: sampleReading({ axisEnd: `2025-11-04T${hour}:00:00Z` }) });
        const { record } = await opened.archive.save(day, samplePlot(1, "2025-11-04T20:00:00Z"), at(20));
        await lose(opened.store);
        const older = samplePlot(2, "2025-11-04T19:00:00Z");
        await assert.rejects(opened.archive.save(day, older, at(19)), (error) => {
          assert.ok(error instanceof PlotRejected);
          assert.match(error.message, /ends 60 min later; of that its numbers alone are left, and they stay/);
          return true;
        });
        await assert.rejects(opened.archive.save(day, older, { yieldsOnTie: true }), PlotRejected);
        assert.deepEqual(await opened.archive.findRecord(day), record);
        for (const [seed, options] of [
          [2, { ...at(19), force: true }],
          [3, at(21)],
        ] as const)
          assert.equal(
            (await opened.archive.save(day, samplePlot(seed, "2025-11-04T21:00:00Z"), options)).outcome,
            "ARCHIVED",
          );
      });

    for (const { what, lose } of [
      { what: "gone", lose: (store: Store) => store.remove(gzipped) },
      { what: "damaged", lose: (store: Store) => store.write(gzipped, Buffer.from("no gzip")) },
    ])
      test(`the very picture that was ${what}, beside its own record, which goes on saying where it came from`, async () => {
        await using opened = await openArchive();
        const { record } = await opened.archive.save(day, samplePlot(1), { compress: true, reading: sampleReading() });
        await lose(opened.store);
        const atHand = { ...samplePlot(1), sourceUrl: "file:etna_20251104.png" };
        const saved = await opened.archive.save(day, atHand);
        assert.equal(saved.outcome, "ARCHIVED");
        const { gzipSha256: _, ...picture } = record.picture;
        assert.deepEqual(saved.record, { ...record, picture });
        assert.deepEqual(await opened.archive.findRecord(day), saved.record);
      });

    test("beside a damaged record, which lies in quarantine then", async () => {
      await using opened = await openArchive();
      for (const seed of [1, 1, 2]) {
        await opened.archive.save(day, samplePlot(seed, `2025-11-04T0${seed}:00:00Z`));
        await opened.store.write(recordKey(day), Buffer.from("{"));
      }
      assert.deepEqual(opened.aside, [recordKey(day), recordKey(day)]);
    });

    test("eight plots at once, one after the other", async () => {
      await using opened = await openArchive();
      const plots = Array.from({ length: 8 }, (_, at) => samplePlot(at, `2025-11-04T12:0${at}:00Z`));
      await Promise.all(plots.map((plot, at) => opened.archive.save(day, plot, { compress: at % 2 === 1 })));
      const { png, sha256: sum } = await opened.archive.get(day);
      assert.deepEqual(png, plots[7]!.png);
      assert.equal((await opened.archive.findRecord(day))?.picture.sha256, sum);
      assert.equal((await opened.keys()).length, 2);
    });
  });

  describe(`an archive ${where} mends, when the same plot comes again,`, () => {
    for (const { name, leave } of [
      { name: "a record that is missing", leave: (store: Store) => store.remove(recordKey(day)) },
      { name: "a record that can't be parsed", leave: (store: Store) => store.write(recordKey(day), Buffer.from("{")) },
      {
        name: "a record that names the picture before",
        leave: (store: Store) =>
          store.write(
            recordKey(day),
            formatRecord({
              day,
              picture: { sha256: "ab".repeat(32), sizeBytes: 1, widthPx: 16, heightPx: 16 },
              source: undefined,
              reading: undefined,
              stale: false,
            }),
          ),
        // A picture newer than its record is what a stop between the two writes leaves.
      },
    ])
      test(name, async () => {
        await using opened = await openArchive();
        const { record } = await opened.archive.save(day, samplePlot(1));
        await leave(opened.store);
        await opened.store.write(plain, samplePng(1));
        opened.written.length = 0;
        const again = await opened.archive.save(day, samplePlot(1));
        assert.deepEqual([again.outcome, again.record], ["UNCHANGED", record]);
        assert.deepEqual(await opened.archive.findRecord(day), record);
        assert.deepEqual(opened.written, [recordKey(day)], "and leaves the picture alone");
      });

    test("a picture of the other kind that a stop left beside it", async () => {
      await using opened = await openArchive();
      await opened.store.write(gzipped, gzipSync(samplePng(1)));
      await opened.store.write(plain, samplePng(2));
      await opened.archive.save(day, samplePlot(2));
      assert.deepEqual(await opened.keys(), [recordKey(day), plain].sort());
    });

    test("a record without a reading, by the reading that comes now", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      const { outcome, record } = await opened.archive.save(day, samplePlot(1), { reading: sampleReading() });
      assert.deepEqual([outcome, record.reading?.station], ["UNCHANGED", "ECBD"]);
      assert.deepEqual(await opened.archive.findRecord(day), record);
    });

    test("nothing of a newer program's record", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      const newer = new Uint8Array(Buffer.from(JSON.stringify({ version: 2, day, secret: "of 2030" })));
      await opened.store.write(recordKey(day), newer);
      assert.equal((await opened.archive.save(day, samplePlot(1))).outcome, "UNCHANGED");
      assert.deepEqual((await opened.store.read(recordKey(day), 1000))?.bytes, newer);
    });
  });

  describe(`an archive ${where} gives`, () => {
    test("DayNotFound for a day without a picture, though it has a record", async () => {
      await using opened = await openArchive();
      await assert.rejects(opened.archive.get(day), DayNotFound);
      await opened.archive.save(day, samplePlot(1));
      await opened.store.remove(plain);
      await assert.rejects(opened.archive.get(day), DayNotFound);
      assert.equal(await opened.archive.exists(day), false);
      assert.equal(await opened.archive.find(day), undefined);
      assert.ok(await opened.archive.findRecord(day));
    });

    test("an old tree's pictures, which have no records", async () => {
      await using opened = await openArchive();
      await opened.store.write(gzipped, gzipSync(samplePng(1)));
      assert.deepEqual((await opened.archive.get(day)).png, samplePng(1));
      assert.equal(await opened.archive.findRecord(day), undefined);
    });

    test("the newer one of two pictures of a day", async () => {
      await using opened = await openArchive();
      await opened.store.write(plain, samplePng("old"));
      await opened.store.write(gzipped, gzipSync(samplePng("new")));
      assert.deepEqual((await opened.archive.get(day)).png, samplePng("new"));
      const [listed] = await Array.fromAsync(opened.archive.list());
      assert.equal(listed?.key, gzipped);
      const [survey] = await Array.fromAsync(opened.archive.survey());
      assert.equal(survey?.spare?.key, plain);
    });

    test("a picture newer than its record by its own checksum", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      await opened.store.write(plain, samplePng(2));
      const { png, sha256: sum } = await opened.archive.get(day);
      assert.deepEqual([png, sum], [samplePng(2), sha256(samplePng(2))]);
    });

    test("a picture whose record can't be parsed by its own checksum", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1));
      await opened.store.write(recordKey(day), Buffer.from("not JSON"));
      assert.deepEqual((await opened.archive.get(day)).png, samplePng(1));
      await assert.rejects(opened.archive.findRecord(day), ArchiveDamaged);
    });

    for (const { name, files, says } of [
      { name: "half a PNG", files: [[plain, samplePng(1).subarray(0, 20_000)]], says: /cut off/ },
      { name: "no PNG at all", files: [[plain, Buffer.from("<html>")]], says: /HTML/ },
      { name: "nothing", files: [[plain, Buffer.alloc(0)]], says: /0 bytes/ },
      {
        name: "a gzip that is cut off",
        files: [[gzipped, gzipSync(samplePng(1)).subarray(0, 20_000)]],
        says: /inflated/,
      },
      { name: "a gzip that is none", files: [[gzipped, samplePng(1)]], says: /inflated/ },
      {
        name: "a gzip bomb",
        files: [[gzipped, gzipSync(Buffer.alloc(MAX_PICTURE_BYTES + 1))]],
        says: /more than 33554432 bytes/,
      },
      {
        name: "a whole PNG that isn't the one its newer record names",
        files: [
          [plain, samplePng(1)],
          [
            recordKey(day),
            formatRecord({
              day,
              picture: { sha256: sha256(samplePng(2)), sizeBytes: 1, widthPx: 96, heightPx: 96 },
              source: undefined,
              reading: undefined,
              stale: false,
            }),
          ],
        ],
        says: /isn't the one that its record names/,
      },
    ] satisfies { name: string; files: [string, Uint8Array][]; says: RegExp }[])
      test(`ArchiveDamaged for ${name}, and still lists it`, async () => {
        await using opened = await openArchive();
        for (const [key, bytes] of files) await opened.store.write(key, bytes);
        await assert.rejects(
          opened.archive.get(day),
          (error) => error instanceof ArchiveDamaged && says.test(error.message),
        );
        assert.equal((await Array.fromAsync(opened.archive.list())).length, 1);
        assert.equal(await opened.archive.exists(day), true);
      });

    test("whole pictures while others are saved", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(0));
      const known = new Set(Array.from({ length: 13 }, (_, at) => sha256(samplePng(at))));
      let saving = true;
      const saves = (async () => {
        for (let at = 1; at <= 12; at++) await opened.archive.save(day, samplePlot(at), { compress: at % 2 === 1 });
        saving = false;
      })();
      let reads = 0;
      do {
        const { png, sha256: sum } = await opened.archive.get(day);
        assert.equal(sha256(png), sum);
        assert.ok(known.has(sum));
        await new Promise(setImmediate);
      } while (++reads < 5 || saving);
      await saves;
    });
  });

  describe(`an archive ${where} lists`, () => {
    test("the days with a picture, in either order", async () => {
      await using opened = await openArchive();
      const all = days("2024-12-31", "2025-01-01", "2025-11-04");
      for (const some of all) await opened.archive.save(some, samplePlot(some));
      await opened.store.remove(pictureKey(all[0]!, false));
      const dayOf = ({ day: some }: ArchivedDay) => some;
      assert.deepEqual((await Array.fromAsync(opened.archive.list())).map(dayOf), all.slice(1));
      assert.deepEqual(
        (await Array.fromAsync(opened.archive.list({ order: "newest-first" }))).map(dayOf),
        all.slice(1).toReversed(),
      );
      assert.deepEqual((await Array.fromAsync(opened.archive.list({ to: all[1]! }))).map(dayOf), all.slice(1, 2));
      assert.deepEqual(await recordDays(opened.archive), all);
    });
  });

  describe(`an archive ${where} mends a day's record`, () => {
    const options = (version = 1) => {
      const calls: number[] = [];
      const read = async (png: Uint8Array, fetchedMs: number): Promise<Digitization> => {
        assert.ok(png.length > 0);
        calls.push(fetchedMs);
        return sampleReading({ version });
      };
      return { calls, digitizerVersion: version, read };
    };

    test("that is missing, from the picture alone", async () => {
      await using opened = await openArchive();
      const { modifiedMs } = await opened.store.write(plain, samplePng(1));
      const mend = options();
      const record = await opened.archive.mendRecord(day, mend);
      assert.deepEqual(record.picture, {
        sha256: sha256(samplePng(1)),
        sizeBytes: samplePng(1).length,
        widthPx: 96,
        heightPx: 96,
      });
      assert.deepEqual([record.source, record.reading?.station], [undefined, "ECBD"]);
      assert.deepEqual(mend.calls, [modifiedMs], "the picture's own time stands in for that of its fetch");
      assert.deepEqual(record, await opened.archive.findRecord(day));
    });

    test("once: a good one is left alone", async () => {
      await using opened = await openArchive();
      const { record } = await opened.archive.save(day, samplePlot(1), { reading: sampleReading({ version: 2 }) });
      opened.written.length = 0;
      const mend = options(2);
      assert.deepEqual(await opened.archive.mendRecord(day, mend), record);
      assert.deepEqual([mend.calls, opened.written], [[], []]);
    });

    test("where a better digitizer has come, and keeps where the plot came from", async () => {
      await using opened = await openArchive();
      const { record } = await opened.archive.save(day, samplePlot(1), { reading: sampleReading({ version: 1 }) });
      const mended = await opened.archive.mendRecord(day, options(2));
      assert.deepEqual(mended, { ...record, reading: { ...record.reading, version: 2 } });
    });

    test("that is older than the picture", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1), { reading: sampleReading() });
      await opened.store.write(plain, samplePng(2));
      const record = await opened.archive.mendRecord(day, options());
      assert.deepEqual([record.picture.sha256, record.source], [sha256(samplePng(2)), undefined]);
    });

    test("that is damaged, which lies in quarantine then", async () => {
      await using opened = await openArchive();
      await opened.archive.save(day, samplePlot(1), { reading: sampleReading() });
      const { bytes } = (await opened.store.read(recordKey(day), 1e6))!;
      await opened.store.write(recordKey(day), bytes.subarray(0, 300));
      const mended = await opened.archive.mendRecord(day, options());
      assert.deepEqual(mended, await opened.archive.findRecord(day));
      assert.deepEqual(opened.aside, [recordKey(day)]);
      await opened.archive.mendRecord(day, options(2));
      assert.equal(opened.aside.length, 1, "and no good one does");
    });

    test("and reads again where another plot was saved while it read", async () => {
      await using opened = await openArchive();
      await opened.store.write(plain, samplePng(1));
      let reads = 0;
      const record = await opened.archive.mendRecord(day, {
        digitizerVersion: 1,
        async read() {
          if (++reads === 1) await opened.archive.save(day, samplePlot(2), { force: true });
          return sampleReading();
        },
      });
      assert.deepEqual([reads, record.picture.sha256], [2, sha256(samplePng(2))]);
    });

    test("but not of a picture that isn't whole, or of none", async () => {
      await using opened = await openArchive();
      await assert.rejects(opened.archive.mendRecord(day, options()), DayNotFound);
      await opened.store.write(plain, samplePng(1).subarray(0, 99));
      await assert.rejects(opened.archive.mendRecord(day, options()), ArchiveDamaged);
    });
  });

  describe(`an archive ${where} cleans up`, () => {
    const all = days("2025-10-01", "2025-10-31", "2025-11-02", "2025-11-03", "2025-11-04");
    async function openFilled() {
      const opened = await openArchive();
      for (const [at, some] of all.entries())
        await opened.archive.save(some, samplePlot(at), { compress: at % 2 === 0 });
      const keys = async () =>
        (await Array.fromAsync(opened.store.list(all[0]!, all[4]!, "oldest-first"))).map((file) => file.key);
      const pictures = async () => (await Array.fromAsync(opened.archive.list())).map((archived) => archived.day);
      return { ...opened, keys, pictures };
    }
    const policy = { today: day, retentionDays: 2, keepSeries: true };

    test("pictures older than the retention, and keeps their numbers", async () => {
      await using opened = await openFilled();
      const sizes = (await Array.fromAsync(opened.archive.list())).map((archived) => archived.size);
      assert.deepEqual(await opened.archive.cleanup(policy), {
        days: all.slice(0, 3),
        freedBytes: sizes[0]! + sizes[1]! + sizes[2]!,
        dryRun: false,
      });
      assert.deepEqual(await opened.pictures(), all.slice(3));
      assert.deepEqual(await recordDays(opened.archive), all);
      assert.deepEqual((await opened.archive.cleanup(policy)).days, []);
    });

    test("records, too, where the series isn't kept", async () => {
      await using opened = await openFilled();
      const { days: gone } = await opened.archive.cleanup({ ...policy, keepSeries: false });
      assert.deepEqual(gone, all.slice(0, 3));
      assert.deepEqual(await recordDays(opened.archive), all.slice(3));
    });

    test("both pictures of a day that has two", async () => {
      await using opened = await openFilled();
      await opened.store.write(pictureKey(all[0]!, false), samplePng("other"));
      await opened.archive.cleanup(policy);
      assert.deepEqual(await opened.pictures(), all.slice(3));
    });

    test("nothing with -1, nor in a dry run, which says what it would", async () => {
      await using opened = await openFilled();
      const before = await opened.keys();
      assert.deepEqual((await opened.archive.cleanup({ ...policy, retentionDays: -1 })).days, []);
      const dry = await opened.archive.cleanup({ ...policy, dryRun: true });
      assert.deepEqual([dry.days, dry.dryRun], [all.slice(0, 3), true]);
      assert.deepEqual(await opened.keys(), before);
      assert.equal((await opened.archive.cleanup(policy)).freedBytes, dry.freedBytes);
    });

    test("beside another cleanup and beside saves, and counts each day once", async () => {
      await using opened = await openFilled();
      const other = createArchive(opened.store);
      const [one, two, saved] = await Promise.all([
        opened.archive.cleanup(policy),
        other.cleanup(policy),
        opened.archive.save(day, samplePlot("beside", "2025-11-04T13:00:00Z")),
        other.save(all[3]!, samplePlot("beside too", "2025-11-04T13:00:00Z")),
      ]);
      assert.deepEqual([...one.days, ...two.days].sort(), all.slice(0, 3));
      assert.equal(saved.outcome, "ARCHIVED");
      assert.deepEqual(await opened.pictures(), all.slice(3));
      assert.deepEqual((await opened.archive.get(all[3]!)).png, samplePng("beside too"));
    });
  });
}

/** The days that have a record, with or without a picture. */
async function recordDays(archive: Archive): Promise<Day[]> {
  const files = await Array.fromAsync(archive.survey());
  return files.filter(({ record }) => record !== undefined).map(({ day }) => day);
}
