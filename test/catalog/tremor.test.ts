import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, beforeEach, describe, test } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { agreeingOf, shownByOf } from "../../src/catalog/packed-day.ts";
import type { CatalogReading } from "../../src/catalog/readings.ts";
import { toSixDigits } from "../../src/catalog/six-digits.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { stitch } from "../../src/series/stitch.ts";

const DAY_MS = 86_400_000;
const first = Day.parse("2025-03-01");
const dayAt = (index: number): Day => addDays(first, index);

let catalog: Catalog;
beforeEach(() => {
  catalog = openCatalog(":memory:");
});
afterEach(() => catalog[Symbol.dispose]());

/** Quiet tremor with a peak every 500 steps; each plot rounds it in a way of its own, by less than a pixel. */
const truth = (timeMs: number): number => 0.4 + ((timeMs / CADENCE_MS) % 500 < 12 ? 3 : 0);

/** What the plot of a day shows: the seven days up to 23:50. */
function plot(index: number, rest: Partial<CatalogReading> = {}, factor = 1, shownOf = dayAt(index)): CatalogReading {
  const lastMs = dayStartMs(shownOf) + DAY_MS - CADENCE_MS;
  return {
    day: dayAt(index),
    digitizerVersion: 1,
    trusted: true,
    station: "ECBD",
    fetchedMs: undefined,
    calibration: undefined,
    fidelity: { explained: 0.99, present: 0.99 },
    problem: undefined,
    samples: Array.from({ length: 1008 }, (_, at) => {
      const timeMs = lastMs - (1007 - at) * CADENCE_MS;
      const rmsMv = toSixDigits(truth(timeMs) * (1 + (index % 7) / 1000) * factor);
      return { timeMs, rmsMv, clipped: false, uncertaintyDecades: 0.0037 };
    }),
    ...rest,
  };
}

function put(...readings: CatalogReading[]): void {
  for (const reading of readings) catalog.putDay(reading.day, undefined, reading);
}

function stitchAll(most = 24): void {
  catalog.judgeFiling();
  while (catalog.stitchDays(most) > 0);
}

const everything = { startMs: dayStartMs(Day.parse("2020-01-01")), endMs: dayStartMs(Day.parse("2030-01-01")) };
const record = () => {
  const { timesMs, rmsMv, clipped, support } = catalog.readTremor(everything);
  return Array.from(timesMs, (timeMs, at) => ({
    timeMs,
    rmsMv: toSixDigits(rmsMv[at]!),
    clipped: clipped[at] === 1,
    shownBy: shownByOf(support[at]!),
    agreeing: agreeingOf(support[at]!),
  }));
};
const stitched = (plots: readonly CatalogReading[]) =>
  stitch(plots).samples.map(({ timeMs, rmsMv, clipped, shownBy, agreeing }) => ({
    timeMs,
    rmsMv: toSixDigits(Math.fround(rmsMv)),
    clipped,
    shownBy,
    agreeing,
  }));

describe("the tremor record in the catalog", () => {
  test("is what stitching all plots gives, whatever the order in which they come", () => {
    const plots = Array.from({ length: 40 }, (_, index) => plot(index));
    fc.assert(
      fc.property(fc.shuffledSubarray(plots, { minLength: 1 }), fc.integer({ min: 1, max: 60 }), (some, most) => {
        using fresh = openCatalog(":memory:");
        const before = catalog;
        catalog = fresh;
        for (const [index, one] of some.entries()) {
          put(one);
          if (index % 9 === 0) stitchAll(most);
        }
        stitchAll(most);
        assert.deepEqual(record(), stitched(some));
        catalog = before;
      }),
      { numRuns: 6 },
    );
  });

  test("shows each instant once, with how many plots show it and agree", () => {
    put(plot(0), plot(1), plot(2));
    stitchAll();
    const samples = record();
    assert.equal(samples.length, 9 * 144);
    assert.deepEqual([samples[0]!.shownBy, samples[144]!.shownBy, samples[600]!.shownBy], [1, 2, 3]);
    assert.ok(samples.every(({ shownBy, agreeing }) => shownBy === agreeing));
  });

  test("heals missing days from their neighbours, and leaves out what no plot shows", () => {
    put(plot(0), plot(6), plot(20));
    stitchAll();
    const times = record().map(({ timeMs }) => timeMs);
    assert.equal(times.length, (7 + 6 + 7) * 144);
    const gaps = times.flatMap((timeMs, at) => (at > 0 && timeMs - times[at - 1]! > CADENCE_MS ? [timeMs] : []));
    assert.deepEqual(gaps, [dayStartMs(dayAt(14))]);
  });

  test("takes no samples from plots that aren't trusted, and lets them go when trust is lost", () => {
    put(plot(0), plot(10, { trusted: false }));
    stitchAll();
    assert.equal(record().length, 7 * 144);
    put(plot(0, { trusted: false }));
    stitchAll();
    assert.deepEqual(record(), []);
    assert.equal(catalog.tremorDays(), undefined);
  });

  test("keeps what an expired picture showed, and drops what a removed record showed", () => {
    put(plot(0));
    catalog.putPicture(dayAt(0), undefined);
    stitchAll();
    assert.equal(record().length, 7 * 144);
    catalog.putDay(dayAt(0), undefined, undefined);
    stitchAll();
    assert.deepEqual(record(), []);
  });

  test("waits for days that another reading changes, and for none when the same one is put again", () => {
    put(plot(0));
    assert.ok(catalog.countUnstitched() >= 7);
    stitchAll();
    put(plot(0));
    assert.equal(catalog.countUnstitched(), 0);
    put(plot(0, {}, 1.0001));
    assert.ok(catalog.countUnstitched() > 0);
  });

  test("stitches the newest days first, and goes on after a stop where it was", () => {
    const folder = mkdtempSync(join(tmpdir(), "etna-tremor-"));
    const path = join(folder, "catalog.sqlite");
    {
      using opened = openCatalog(path);
      catalog = opened;
      put(...Array.from({ length: 30 }, (_, index) => plot(index)));
      catalog.judgeFiling();
      catalog.stitchDays(20);
      assert.equal(record().at(-1)!.timeMs, dayStartMs(dayAt(30)) - CADENCE_MS);
      assert.ok(record()[0]!.timeMs > dayStartMs(dayAt(10)));
    }
    {
      using opened = openCatalog(path);
      catalog = opened;
      stitchAll();
      assert.deepEqual(record(), stitched(Array.from({ length: 30 }, (_, index) => plot(index))));
    }
    rmSync(folder, { recursive: true });
    catalog = openCatalog(":memory:");
  });

  test("sets aside a plot that contradicts the others, and says so until it is replaced", () => {
    put(...Array.from({ length: 10 }, (_, index) => plot(index, {}, index === 5 ? 1.5 : 1)));
    stitchAll();
    assert.deepEqual(
      catalog.listSetAside().map(({ day, reason }) => [day, reason]),
      [[dayAt(5), "DISAGREES"]],
    );
    assert.ok(record().every(({ timeMs, rmsMv }) => Math.abs(rmsMv / truth(timeMs) - 1) < 0.01));
    put(plot(5));
    stitchAll();
    assert.deepEqual(catalog.listSetAside(), []);
  });

  test("sets aside two pictures that were swapped, though the second comes much later", () => {
    const plots = Array.from({ length: 60 }, (_, index) => plot(index));
    plots[10] = plot(10, {}, 1, dayAt(50));
    plots[50] = plot(50, {}, 1, dayAt(10));
    for (const one of plots) {
      put(one);
      stitchAll();
    }
    assert.deepEqual(
      catalog.listSetAside().map(({ day, reason }) => [day, reason]),
      [
        [dayAt(10), "MISFILED"],
        [dayAt(50), "MISFILED"],
      ],
    );
    assert.deepEqual(record(), stitched(plots));
  });

  test("names the days whose plots show a stretch of time", () => {
    put(plot(0), plot(3), plot(8), plot(9, { trusted: false }));
    const range = { startMs: dayStartMs(dayAt(2)), endMs: dayStartMs(dayAt(3)) };
    assert.deepEqual(catalog.daysShowing(range), [dayAt(3), dayAt(8)]);
  });

  test("takes at most 80 bytes a sample, with all that its plots show", () => {
    const folder = mkdtempSync(join(tmpdir(), "etna-tremor-"));
    const path = join(folder, "catalog.sqlite");
    {
      using opened = openCatalog(path);
      catalog = opened;
      const days = 200;
      catalog.transaction(() => put(...Array.from({ length: days }, (_, index) => plot(index))));
      stitchAll(100);
      new DatabaseSync(path).exec("PRAGMA wal_checkpoint(TRUNCATE)");
      assert.ok(statSync(path).size <= 80 * 144 * days, `${statSync(path).size / 144 / days} bytes a sample`);
    }
    rmSync(folder, { recursive: true });
    catalog = openCatalog(":memory:");
  });
});

describe("six digits", () => {
  test("are what 32 bits can tell of an amplitude, as it was written", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 1e4, noNaN: true }), (value) => {
        const written = Number(value.toPrecision(6));
        assert.equal(toSixDigits(Math.fround(written)), written);
      }),
      { numRuns: 2000 },
    );
  });
});
