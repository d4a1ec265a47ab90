import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, test } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import type { CatalogDay } from "../../src/catalog/days.ts";
import { packSamples, unpackSamples } from "../../src/catalog/packed-samples.ts";
import type { CatalogReading } from "../../src/catalog/readings.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { CADENCE_MS } from "../../src/model/series.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "etna-catalog-"));
  path = join(folder, "made", "catalog.sqlite");
});
afterEach(() => rmSync(folder, { recursive: true }));

const first = Day.parse("2025-11-01");
const picture = (day: Day, size = 1000): CatalogDay => ({
  day,
  key: `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}.png`,
  size,
  compressed: false,
  modifiedMs: dayStartMs(day) + 0.25,
  sha256: "ab".repeat(32),
  widthPx: 1024,
  heightPx: 400,
  sourceUrl: "https://example.org/2.png",
  fetchedMs: dayStartMs(day),
  etag: '"1"',
  lastModified: undefined,
  station: "ECBD",
  window: { startMs: dayStartMs(addDays(day, -7)), endMs: dayStartMs(day) },
  stale: false,
});
const reading = (day: Day): CatalogReading => ({
  day,
  digitizerVersion: 1,
  trusted: true,
  station: "ECBD",
  fetchedMs: undefined,
  calibration: undefined,
  fidelity: { explained: 0.99, present: 0.98 },
  problem: undefined,
  pictureSha256: "cd".repeat(32),
  samples: [{ timeMs: dayStartMs(day), rmsMv: 0.412, clipped: false, uncertaintyDecades: 0.0037 }],
});
const fill = (catalog: Catalog, days: number): void =>
  catalog.transaction(() => {
    for (let index = 0; index < days; index++)
      catalog.putDay(addDays(first, index), picture(addDays(first, index)), undefined);
  });
const dates = (days: CatalogDay[]): string[] => days.map(({ day }) => day.slice(5));

describe("the catalog's days", () => {
  test("come back as they were put", () => {
    using catalog = openCatalog(path);
    catalog.putDay(first, picture(first), reading(first));
    assert.deepEqual(catalog.findDay(first), picture(first));
    assert.deepEqual(catalog.findReading(first), reading(first));
    assert.equal(catalog.findDay(addDays(first, 1)), undefined);
  });

  test("keep the reading when the picture has gone", () => {
    using catalog = openCatalog(path);
    catalog.putDay(first, picture(first), reading(first));
    catalog.putDay(first, undefined, reading(first));
    assert.equal(catalog.findDay(first), undefined);
    assert.deepEqual(catalog.findReading(first), reading(first));
    assert.deepEqual(catalog.listDaysOf("cd".repeat(32)), [first]);
    assert.equal(catalog.totals().archives, 0);
  });

  test("remember what their files looked like", () => {
    using catalog = openCatalog(path);
    const range = { from: first, to: addDays(first, 5) };
    catalog.putDay(first, picture(first), undefined, "as seen");
    assert.deepEqual([...catalog.listSeen(range)], [[first, "as seen"]]);
    catalog.putDay(first, picture(first), undefined);
    assert.deepEqual([...catalog.listSeen(range)], []);
  });

  test("are counted and added up", () => {
    using catalog = openCatalog(path);
    assert.deepEqual(catalog.totals(), { archives: 0, bytes: 0, oldest: undefined, newest: undefined });
    fill(catalog, 10);
    assert.deepEqual(catalog.totals(), { archives: 10, bytes: 10_000, oldest: "2025-11-01", newest: "2025-11-10" });
    assert.equal(catalog.countDays({ from: Day.parse("2025-11-09") }), 2);
  });

  for (const { name, query, expected } of [
    { name: "newest first", query: { limit: 2 }, expected: ["11-06", "11-05"] },
    { name: "oldest first", query: { order: "OLDEST_FIRST" as const, limit: 2 }, expected: ["11-01", "11-02"] },
    {
      name: "within a range, both ends included",
      query: { from: "2025-11-02", to: "2025-11-03" },
      expected: ["11-03", "11-02"],
    },
    { name: "none of a reversed range", query: { from: "2025-11-03", to: "2025-11-02" }, expected: [] },
    { name: "after a day, newest first", query: { after: "2025-11-03" }, expected: ["11-02", "11-01"] },
    {
      name: "after a day, oldest first",
      query: { order: "OLDEST_FIRST" as const, after: "2025-11-04" },
      expected: ["11-05", "11-06"],
    },
    { name: "before a day, newest first", query: { before: "2025-11-05" }, expected: ["11-06"] },
    { name: "the last two, newest first", query: { limit: 2, fromEnd: true }, expected: ["11-02", "11-01"] },
    {
      name: "the last two before a day",
      query: { limit: 2, fromEnd: true, before: "2025-11-02" },
      expected: ["11-04", "11-03"],
    },
    { name: "no more than there are", query: { limit: 100, after: "2025-11-02" }, expected: ["11-01"] },
  ])
    test(`are listed ${name}`, () => {
      using catalog = openCatalog(path);
      fill(catalog, 6);
      assert.deepEqual(dates(catalog.listDays({ order: "NEWEST_FIRST", ...(query as object) })), expected);
    });

  test("are listed within a range and between two days, whichever of them are given", () => {
    using catalog = openCatalog(path);
    fill(catalog, 8);
    const all = Array.from({ length: 8 }, (_, at) => addDays(first, at));
    const day = fc.option(
      fc.integer({ min: -1, max: 9 }).map((at) => addDays(first, at)),
      { nil: undefined },
    );
    const query = fc.record({
      from: day,
      to: day,
      after: day,
      before: day,
      limit: fc.option(fc.nat(9), { nil: undefined }),
      fromEnd: fc.boolean(),
      order: fc.constantFrom("NEWEST_FIRST" as const, "OLDEST_FIRST" as const),
    });
    fc.assert(
      fc.property(query, ({ from, to, after, before, limit, fromEnd, order }) => {
        const comesBefore = (a: Day, b: Day): boolean => (order === "OLDEST_FIRST" ? a < b : a > b);
        const found = (order === "OLDEST_FIRST" ? all : all.toReversed())
          .filter((at) => (from === undefined || at >= from) && (to === undefined || at <= to))
          .filter((at) => after === undefined || comesBefore(after, at))
          .filter((at) => before === undefined || comesBefore(at, before));
        const page = fromEnd ? found.slice(Math.max(0, found.length - (limit ?? 8))) : found.slice(0, limit);
        const rows = catalog.listDays({ from, to, after, before, limit, fromEnd, order });
        assert.deepEqual(
          rows.map((row) => row.day),
          page,
        );
      }),
    );
  });

  test("are all put, or none, in a transaction", () => {
    using catalog = openCatalog(path);
    assert.throws(
      () =>
        catalog.transaction(() => {
          fill.call(undefined, { ...catalog, transaction: (work) => work() }, 3);
          throw new Error("pulled the plug");
        }),
      /pulled the plug/,
    );
    assert.equal(catalog.totals().archives, 0);
  });
});

describe("the catalog's revision", () => {
  test("grows with own changes at once", () => {
    using catalog = openCatalog(path);
    const before = catalog.revision();
    catalog.putDay(first, picture(first), undefined);
    assert.ok(catalog.revision() > before);
  });
});

describe("the history of runs", () => {
  test("of an older version, which didn't say where a backup is, is kept", () => {
    openCatalog(path)[Symbol.dispose]();
    const database = new DatabaseSync(path);
    database.exec(`ALTER TABLE maintenance_runs DROP COLUMN place;
      INSERT INTO maintenance_runs (kind, trigger, started_ms) VALUES ('BACKUP', 'SCHEDULE', 1000)`);
    database.close();
    using catalog = openCatalog(path);
    const [run] = catalog.listMaintenance({ limit: 2 });
    assert.deepEqual([run?.startedMs, run?.place], [1000, undefined]);
    const next = { kind: "BACKUP", trigger: "SCHEDULE", startedMs: 2000, place: "/mnt/backup" } as const;
    assert.equal(catalog.startMaintenance(next).place, "/mnt/backup");
    assert.equal(existsSync(`${path}.damaged`), false);
  });

  test("survives closing, and a change of the tables' version", () => {
    {
      using catalog = openCatalog(path);
      const { id } = catalog.startRun({ trigger: "ADMIN", startedMs: 1000 });
      catalog.endRun(id, { endedMs: 2000, outcome: "FAILED", error: { code: "STORE_FAILED", message: "disk full" } });
      fill(catalog, 1);
    }
    const database = new DatabaseSync(path);
    database.exec("PRAGMA user_version = 999");
    database.close();
    using catalog = openCatalog(path);
    assert.deepEqual(catalog.lastRun(), {
      id: 1,
      trigger: "ADMIN",
      startedMs: 1000,
      endedMs: 2000,
      outcome: "FAILED",
      day: undefined,
      errorCode: "STORE_FAILED",
      errorMessage: "disk full",
    });
    assert.equal(catalog.totals().archives, 0);
  });

  test("is paged newest first, and knows the last success", () => {
    using catalog = openCatalog(path);
    for (const outcome of ["ARCHIVED", "UNCHANGED", "FAILED"] as const)
      catalog.endRun(catalog.startRun({ trigger: "SCHEDULE", startedMs: 1 }).id, { endedMs: 2, outcome, day: first });
    assert.deepEqual(
      catalog.listRuns({ limit: 2 }).map(({ id }) => id),
      [3, 2],
    );
    assert.deepEqual(
      catalog.listRuns({ limit: 2, after: 2 }).map(({ id }) => id),
      [1],
    );
    assert.equal(catalog.lastSuccess()?.outcome, "UNCHANGED");
    assert.equal(catalog.listRuns({ limit: 10 }).length, 3);
  });

  test("tells fetches from pictures at hand, which say nothing of the source", () => {
    using catalog = openCatalog(path);
    const fetched = catalog.startRun({ trigger: "SCHEDULE", startedMs: 1 });
    catalog.endRun(fetched.id, { endedMs: 2, outcome: "ARCHIVED", day: first });
    const atHand = catalog.startRun({ trigger: "COMMAND", startedMs: 3, fetches: false });
    catalog.endRun(atHand.id, { endedMs: 4, outcome: "ARCHIVED", day: first });
    assert.equal(catalog.lastRun()?.id, fetched.id);
    assert.equal(catalog.lastSuccess()?.id, fetched.id);
    assert.equal(catalog.listRuns({ limit: 10 }).length, 2);
  });

  test("closes a run whose process died, when the next one starts", () => {
    using catalog = openCatalog(path);
    const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: 0 });
    catalog.startRun({ trigger: "SCHEDULE", startedMs: 30 * 60_000 });
    assert.equal(catalog.findRun(id)?.outcome, "FAILED");
    assert.equal(catalog.findRun(id)?.errorCode, "SHUTDOWN");
  });
});

describe("opening the catalog", () => {
  test("sets a damaged file aside and begins a new one", () => {
    openCatalog(path)[Symbol.dispose]();
    writeFileSync(path, "this is no database, however long one reads it".repeat(100));
    using catalog = openCatalog(path);
    assert.equal(catalog.totals().archives, 0);
    assert.ok(readFileSync(`${path}.damaged`, "utf8").startsWith("this is no database"));
  });

  test("leaves the catalog of another tree alone, and keeps its own beside it", () => {
    using one = openCatalog(path, "one tree");
    fill(one, 2);
    {
      using another = openCatalog(path, "another tree");
      assert.equal(another.totals().archives, 0);
      fill(another, 3);
    }
    using again = openCatalog(path, "another tree");
    assert.equal(again.totals().archives, 3);
    assert.equal(one.totals().archives, 2);
  });

  test("says which file can't be opened", () => {
    writeFileSync(join(folder, "made"), "a file where a folder is needed");
    assert.throws(() => openCatalog(path), { name: "Error", code: "STORE_FAILED", path });
    assert.ok(!existsSync(path));
  });
});

describe("packed samples", () => {
  const sample = fc.record({
    step: fc.integer({ min: 1, max: 65_535 }),
    rmsMv: fc.double({ min: 0.001, max: 1000, noNaN: true }).map((mv) => Number(mv.toPrecision(5))),
    clipped: fc.boolean(),
    uncertaintyDecades: fc.integer({ min: 0, max: 30_000 }).map((units) => units / 10_000),
  });
  test("come back as they went in, at eight bytes each", () =>
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 3e6 }), fc.array(sample, { maxLength: 1100 }), (start, steps) => {
        let timeMs = start * CADENCE_MS;
        const samples = steps.map(({ step, ...rest }) => ({ timeMs: (timeMs += step * CADENCE_MS), ...rest }));
        const packed = packSamples(samples);
        assert.ok(packed.length <= 8 + 8 * samples.length);
        assert.deepEqual(unpackSamples(packed), samples);
      }),
    ));
});
