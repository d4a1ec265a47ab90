/** What every store promises (see `Store`), whatever it keeps its files in. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { describe, test } from "vitest";
import { fileKey, pictureKey, recordKey, type FileKind } from "../../src/archive/keys.ts";
import type { Order, Store } from "../../src/archive/store.ts";
import { Day, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";

export interface OpenedStore extends AsyncDisposable {
  store: Store;
  /** Another store on the same files, as another process would open it. */
  another: () => Store;
}

const day = Day.parse("2025-11-04");
const key = pictureKey(day, false);
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text));
const LIMIT = 1000;

export function describeStore(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} keeps files`, () => {
    test("and has none before the first is written", async () => {
      await using opened = await open();
      const { store } = opened;
      assert.deepEqual(await listKeys(store), []);
      assert.equal(await store.find(key), undefined);
      assert.equal(await store.read(key, LIMIT), undefined);
      assert.equal(await store.remove(key), false);
    });

    test("byte for byte, the same for whoever opens it", async () => {
      await using opened = await open();
      const bytes = new Uint8Array(Array.from({ length: 256 }, (_, at) => at));
      const written = await opened.store.write(key, bytes);
      assert.equal(written.key, key);
      assert.equal(written.size, 256);
      for (const store of [opened.store, opened.another()]) {
        assert.deepEqual(await store.find(key), written);
        assert.deepEqual(await store.read(key, LIMIT), { ...written, bytes });
      }
    });

    test("of no bytes at all", async () => {
      await using opened = await open();
      await opened.store.write(key, new Uint8Array());
      assert.deepEqual((await opened.store.read(key, 0))?.bytes, new Uint8Array());
    });

    test("and replaces them, longer by shorter", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("a longer text"));
      await opened.store.write(key, bytesOf("short"));
      assert.deepEqual((await opened.store.read(key, LIMIT))?.bytes, bytesOf("short"));
      assert.deepEqual(await listKeys(opened.store), [key]);
    });

    // A bucket's times are whole seconds, so that it waits for twenty of them.
    test("with a time that is never before that of the day's earlier files", { timeout: 120_000 }, async () => {
      await using opened = await open();
      let before = -Infinity;
      for (let round = 0; round < 20; round++)
        for (const kind of ["png", "json", "png.gz"] as const) {
          const { modifiedMs } = await opened.store.write(fileKey(day, kind), bytesOf(`${round}`));
          assert.ok(modifiedMs >= before, `${modifiedMs} after ${before}`);
          before = modifiedMs;
        }
    });

    test("and refuses to read more than the limit", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("0123456789"));
      assert.equal((await opened.store.read(key, 10))?.size, 10);
      await assert.rejects(opened.store.read(key, 9), StoreFailed);
    });

    test("and reads them the same into a room of any size", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("0123456789"));
      for (const length of [0, 9, 10, 100])
        assert.deepEqual(
          (await opened.store.read(key, LIMIT, new Uint8Array(length).fill(120)))?.bytes,
          new Uint8Array(bytesOf("0123456789")),
        );
    });

    test("and only of our own names", async () => {
      await using opened = await open();
      for (const foreign of [
        "",
        "notes.txt",
        "../outside.png",
        "2025/11/04/../../../x",
        "2025/11/04/etna_20251105.png",
      ])
        await assert.rejects(opened.store.write(foreign, bytesOf("x")), TypeError);
    });

    test("until they are removed, once", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("picture"));
      await opened.store.write(recordKey(day), bytesOf("record"));
      assert.equal(await opened.store.remove(key), true);
      assert.equal(await opened.store.remove(key), false);
      assert.deepEqual(await listKeys(opened.store), [recordKey(day)]);
    });
  });

  describe(`${name} keeps damaged files apart`, () => {
    test("under other names, never over one another, and lists them no more", async () => {
      await using opened = await open();
      const { store } = opened;
      const moved: (string | undefined)[] = [];
      for (const text of ["first", "second", "third"]) {
        await store.write(key, bytesOf(text));
        moved.push(await store.exclusively(() => store.quarantine(key)));
      }
      assert.deepEqual(moved, [`quarantine/${key}`, `quarantine/${key}.1`, `quarantine/${key}.2`]);
      assert.equal(await store.find(key), undefined);
      assert.deepEqual(await listKeys(store), []);
      const there = await Array.fromAsync(store.listQuarantine());
      assert.deepEqual(
        there.map((file) => [file.key, file.size]),
        [[key, "first".length]],
        "of three of one name, one is told",
      );
    });

    test("where each stays, too, until another file is written in its place", async () => {
      await using opened = await open();
      const { store } = opened;
      for (const [text, at] of [
        ["damaged", `quarantine/${key}`],
        ["damaged again", `quarantine/${key}.1`],
      ] as const) {
        await store.write(key, bytesOf(text));
        for (const _try of [1, 2]) assert.equal(await store.exclusively(() => store.quarantine(key, true)), at);
        assert.deepEqual((await store.read(key, 100))?.bytes, bytesOf(text));
      }
      await store.write(key, bytesOf("good"));
      assert.deepEqual((await store.read(key, 100))?.bytes, bytesOf("good"));
    });

    test("and there is none to move where there is none", async () => {
      await using opened = await open();
      assert.equal(await opened.store.exclusively(() => opened.store.quarantine(key)), undefined);
      assert.deepEqual(await Array.fromAsync(opened.store.listQuarantine()), []);
    });
  });

  describe(`${name} lists`, () => {
    const kinds: FileKind[] = ["png", "json"];
    const days = ["0001-01-01", "2024-02-29", "2025-10-31", "2025-11-01", "2025-11-30", "2026-01-01", "9999-12-31"].map(
      (text) => Day.parse(text),
    );
    async function openFilled(): Promise<OpenedStore> {
      const opened = await open();
      for (const some of days.toReversed())
        for (const kind of kinds) await opened.store.write(fileKey(some, kind), bytesOf(kind));
      return opened;
    }

    for (const { name: rule, from, to, expected } of [
      { name: "all", from: FIRST_DAY, to: LAST_DAY, expected: days },
      { name: "both ends of a range", from: "2025-10-31", to: "2025-11-30", expected: days.slice(2, 5) },
      { name: "one day", from: "2025-11-01", to: "2025-11-01", expected: days.slice(3, 4) },
      { name: "nothing between two days", from: "2025-11-02", to: "2025-11-29", expected: [] },
      { name: "across a year's end", from: "2025-11-30", to: "2026-01-31", expected: days.slice(4, 6) },
      { name: "nothing of a reversed range", from: "2025-11-30", to: "2025-11-01", expected: [] },
    ])
      test(`${rule}, from either end`, async () => {
        await using opened = await openFilled();
        const range = [Day.parse(from), Day.parse(to)] as const;
        const listed = await Array.fromAsync(opened.store.list(...range, "oldest-first"));
        assert.deepEqual(
          listed.map((file) => file.key).sort(),
          expected.flatMap((some) => kinds.map((kind) => fileKey(some, kind))).sort(),
        );
        for (const file of listed) assert.deepEqual(file, await opened.store.find(file.key));
        assert.deepEqual(await listDays(opened.store, "oldest-first", ...range), expected);
        assert.deepEqual(await listDays(opened.store, "newest-first", ...range), expected.toReversed());
      });

    test("no more than is asked for", async () => {
      await using opened = await openFilled();
      for await (const file of opened.store.list(FIRST_DAY, LAST_DAY, "newest-first")) {
        assert.ok(file.key.startsWith("9999/12/31/"));
        break;
      }
    });
  });

  describe(`${name} has one writer at a time`, () => {
    test("in one store and in several", async () => {
      await using opened = await open();
      const stores = [opened.store, opened.store, opened.another(), opened.another()];
      let inside = 0;
      let runs = 0;
      await Promise.all(
        stores.flatMap((store) =>
          Array.from({ length: 10 }, () =>
            store.exclusively(async () => {
              assert.equal(++inside, 1);
              await setImmediate();
              await setImmediate();
              inside--;
              runs++;
            }),
          ),
        ),
      );
      assert.equal(runs, 40);
    });

    test("and passes on what its work answers or throws, and goes on", async () => {
      await using opened = await open();
      assert.equal(await opened.store.exclusively(async () => 7), 7);
      await assert.rejects(
        opened.store.exclusively(async () => {
          throw new RangeError("the work's own");
        }),
        RangeError,
      );
      assert.equal(await opened.another().exclusively(async () => 8), 8);
    });

    test("and lets a waiting one give up", async () => {
      await using opened = await open();
      const { promise: held, resolve: release } = Promise.withResolvers<void>();
      const first = opened.store.exclusively(() => held);
      for (const store of [opened.store, opened.another()]) {
        const giveUp = new AbortController();
        const waiting = store.exclusively(() => assert.fail("it gave up"), giveUp.signal);
        giveUp.abort(new Error("given up"));
        await assert.rejects(waiting, /given up/);
      }
      release();
      await first;
      assert.equal(await opened.store.exclusively(async () => "next"), "next");
    });

    test("while others read", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("picture"));
      await opened.store.exclusively(async () => {
        assert.equal((await opened.another().read(key, LIMIT))?.size, 7);
        assert.deepEqual(await listKeys(opened.another()), [key]);
      });
    });
  });

  describe(`${name} says how it is`, () => {
    test("it can be written to, and leaves no trace of the question", async () => {
      await using opened = await open();
      await opened.store.checkWritable();
      assert.deepEqual(await listKeys(opened.store), []);
    });

    test("it has room, or doesn't know", async () => {
      await using opened = await open();
      await opened.store.checkWritable();
      const free = await opened.store.freeBytes();
      assert.ok(free === undefined || free > 0);
    });

    test("sweeping takes none of its files", async () => {
      await using opened = await open();
      await opened.store.write(key, bytesOf("picture"));
      assert.equal(await opened.store.exclusively(() => opened.store.sweep(Date.now() + 1e10)), 0);
      assert.deepEqual(await listKeys(opened.store), [key]);
    });
  });
}

async function listKeys(store: Store): Promise<string[]> {
  return (await Array.fromAsync(store.list(FIRST_DAY, LAST_DAY, "oldest-first"))).map((file) => file.key);
}

async function listDays(store: Store, order: Order, from: Day, to: Day): Promise<string[]> {
  const files = await Array.fromAsync(store.list(from, to, order));
  return [...new Set(files.map((file) => file.key.slice(0, 10).replaceAll("/", "-")))];
}
