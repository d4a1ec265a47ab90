import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, test } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import type { CatalogReading } from "../../src/catalog/readings.ts";
import { Day, dayStartMs } from "../../src/model/day.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

const HOUR_MS = 3_600_000;
const at = (text: string): number => Date.parse(`2025-03-${text}Z`);

let folder: string;
let path: string;
let catalog: Catalog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "etna-episodes-"));
  path = join(folder, "catalog.sqlite");
  catalog = openCatalog(path);
});
afterEach(() => {
  catalog[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function reopen(): void {
  catalog[Symbol.dispose]();
  catalog = openCatalog(path);
}

/** A plot of a day of March 2025 that shows `highMv` between two instants, and 0.5 mV else. */
function plot(day: string, from: string, to: string, highMv = 5, until = `${day}T23:50`): CatalogReading {
  const [fromMs, toMs, lastMs] = [from, to, until].map(at) as [number, number, number];
  const isHigh = (timeMs: number): boolean => timeMs >= fromMs && timeMs < toMs;
  return plotOf(
    `2025-03-${day}`,
    (timeMs) => (isHigh(timeMs) ? highMv : 0.5),
    (timeMs) => timeMs <= lastMs,
  );
}
const quiet = (day: string): CatalogReading => plot(day, "01T00:00", "01T00:00");
const put = (...plots: CatalogReading[]): void => putPlots(catalog, ...plots);

/** What is told by a look at such a time. */
const told = (now: string): string[] =>
  catalog.takeEpisodeChanges(at(now)).map(({ kind, episode: { onsetMs, endMs } }) => {
    const atMs = kind === "STARTED" ? onsetMs : endMs!;
    return `${kind} ${new Date(atMs).toISOString().slice(8, 16)}`;
  });

describe("episodes of the record", () => {
  const found = (thresholdMv = 2, nowMs?: number) =>
    catalog
      .listEpisodes(thresholdMv, nowMs)
      .map(({ onsetMs, endMs, endsInGap }) => [onsetMs, endMs, endsInGap] as const);

  test("are found by threshold, and again when the record changes", () => {
    put(plot("02", "02T06:00", "02T12:00"));
    assert.deepEqual(found(), [[at("02T06:00"), at("02T12:00"), false]]);
    assert.deepEqual(found(6), []);
    catalog.putDay(Day.parse("2025-03-02"), undefined, undefined);
    while (catalog.stitchDays(64) > 0);
    assert.deepEqual(found(), []);
  });

  test("run until samples have been missing for two hours, and again when a plot shows these", () => {
    put(plot("02", "02T20:00", "04T00:00"));
    const lastMs = at("02T23:50");
    assert.deepEqual(found(2, lastMs + 2 * HOUR_MS), [[at("02T20:00"), undefined, false]]);
    assert.deepEqual(found(2, lastMs + 3 * HOUR_MS), [[at("02T20:00"), at("03T00:00"), true]]);
    assert.deepEqual(found(2, lastMs), [[at("02T20:00"), undefined, false]], "what was asked before doesn't matter");
    put(plot("03", "02T20:00", "03T10:00"));
    assert.deepEqual(found(2, lastMs + 24 * HOUR_MS), [[at("02T20:00"), at("03T10:00"), false]]);
  });

  for (const thresholdMv of [2.3, 0.9, 4.1])
    test(`are found where the record just reaches ${thresholdMv} mV`, () => {
      put(plot("02", "02T06:00", "02T12:00", thresholdMv));
      assert.deepEqual(found(thresholdMv), [[at("02T06:00"), at("02T12:00"), false]]);
    });
});

describe("news of episodes", () => {
  test("aren't those of a record seen for the first time, nor any while it waits to be stitched, nor after a restart", () => {
    put(plot("02", "02T06:00", "02T12:00"));
    assert.deepEqual(told("03T00:00"), [], "the record is new");
    catalog.putDay(Day.parse("2025-03-03"), undefined, plot("03", "03T12:00", "05T00:00"));
    assert.deepEqual(told("04T00:00"), [], "not stitched yet");
    while (catalog.stitchDays(64) > 0);
    assert.deepEqual(told("04T00:00"), ["STARTED 03T12:00"]);
    assert.deepEqual(told("04T00:00"), []);
    reopen();
    assert.deepEqual(told("04T00:00"), [], "after a restart");
    put(plot("04", "03T12:00", "04T01:00"));
    assert.deepEqual(told("05T00:00"), ["ENDED 04T01:00"]);
    assert.deepEqual(told("05T00:00"), []);
  });

  test("come once, though a plot moves the amplitude below the threshold and another above it again", () => {
    put(quiet("02"));
    assert.deepEqual(told("03T00:00"), []);
    // Within three pixels of each other, so that all of them take part.
    const high = (day: string, mV: number) => plot(day, "03T06:00", "03T08:00", mV);
    put(high("03", 2.03));
    assert.deepEqual(told("03T12:00"), ["STARTED 03T06:00", "ENDED 03T08:00"]);
    put(high("04", 1.95));
    assert.deepEqual(catalog.listEpisodes(2), []);
    assert.deepEqual(told("04T12:00"), []);
    put(high("05", 2.03));
    assert.equal(catalog.listEpisodes(2).length, 1);
    assert.deepEqual(told("05T12:00"), []);
  });

  test("aren't that samples stop, but that others come after the gap", () => {
    put(quiet("02"));
    told("03T00:00");
    put(plot("03", "03T12:00", "04T00:00"));
    assert.deepEqual(told("04T00:00"), ["STARTED 03T12:00"]);
    put(quiet("01"));
    assert.deepEqual(told("09T00:00"), [], "five days of silence");
    put(plotOf("2025-03-14", () => 0.5));
    assert.deepEqual(told("14T12:00"), ["ENDED 04T00:00"]);
  });

  test("aren't what a tree held before the first look, however late it is read or imported", () => {
    assert.deepEqual(told("20T12:00"), [], "nothing is read yet");
    put(plot("18", "18T06:00", "18T12:00"));
    assert.deepEqual(told("20T12:10"), []);
    put(plot("08", "07T06:00", "07T12:00"));
    assert.deepEqual(told("20T12:20"), []);
    put(plot("20", "20T11:30", "22T00:00", 5, "20T12:10"));
    assert.deepEqual(told("20T12:30"), ["STARTED 20T11:30"], "what happens now is news");
  });

  test("come of a start that was seen before the first look when it ends", () => {
    put(plot("02", "02T12:00", "04T00:00"));
    assert.deepEqual(told("03T00:00"), []);
    put(plot("03", "02T12:00", "03T01:00"));
    assert.deepEqual(told("03T02:00"), ["ENDED 03T01:00"]);
  });

  test("aren't told again by another version of the catalog, which reads everything anew", () => {
    put(quiet("02"));
    told("03T00:00");
    put(plot("03", "03T12:00", "05T00:00"));
    assert.deepEqual(told("04T00:00"), ["STARTED 03T12:00"]);
    catalog[Symbol.dispose]();
    {
      const database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 1");
      database.close();
    }
    catalog = openCatalog(path);
    assert.equal(catalog.tremorDays(), undefined, "the record was let go");
    assert.deepEqual(told("04T00:10"), []);
    put(plot("03", "03T12:00", "05T00:00"));
    assert.deepEqual(told("04T00:20"), []);
    put(plot("04", "03T12:00", "04T02:00"));
    assert.deepEqual(told("04T03:00"), ["ENDED 04T02:00"]);
  });

  test("aren't told again of a catalog that was deleted", () => {
    put(quiet("02"));
    told("03T00:00");
    const episode = plot("03", "03T12:00", "04T00:00");
    put(episode);
    assert.deepEqual(told("04T00:00"), ["STARTED 03T12:00"]);
    catalog[Symbol.dispose]();
    for (const suffix of ["", "-wal", "-shm"]) rmSync(path + suffix, { force: true });
    catalog = openCatalog(path);
    put(episode);
    assert.deepEqual(told("04T00:30"), []);
    assert.equal(catalog.listEpisodes(2, dayStartMs(Day.parse("2025-03-04"))).length, 1);
  });
});
