import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { freshnessOf, isStale, whyKept, type Freshness } from "../../src/archive/freshness.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { sampleReading } from "../support/sample-reading.ts";

const at = (time: string) => Date.parse(`2025-11-04T${time}Z`);

const day = Day.parse("2025-11-04");

/** What is known of a plot, by times of 4 November 2025. */
function plot(
  fetched: string,
  {
    axisEnd,
    modified,
    showsTremor,
    isAhead = false,
  }: { axisEnd?: string; modified?: string; showsTremor?: boolean; isAhead?: boolean } = {},
): Freshness {
  return {
    showsTremor,
    fetchedMs: at(fetched),
    axisEndMs: axisEnd === undefined ? undefined : at(axisEnd),
    lastModifiedMs: modified === undefined ? undefined : at(modified),
    isAhead,
  };
}

describe("freshnessOf", () => {
  const version = { lastModified: "Tue, 04 Nov 2025 12:02:11 GMT" };
  test("takes the axis' end from the labels, and the server's time", () =>
    assert.deepEqual(freshnessOf({ day, fetchedMs: at("12:25:00"), version, reading: sampleReading() }), {
      showsTremor: true,
      fetchedMs: at("12:25:00"),
      axisEndMs: at("13:00:00"),
      lastModifiedMs: at("12:02:11"),
      isAhead: false,
    }));
  test("doesn't trust an assumed axis", () => {
    const reading = sampleReading();
    reading.calibration!.time.found = "assumed";
    assert.equal(freshnessOf({ day, fetchedMs: 0, version, reading }).axisEndMs, undefined);
  });
  test("tells a picture in which no tremor was read from one that nobody has read", () => {
    const nothing = { ...sampleReading(), samples: [] };
    assert.equal(freshnessOf({ day, fetchedMs: 0, version: {}, reading: nothing }).showsTremor, false);
    assert.equal(freshnessOf({ day, fetchedMs: 0, version: {}, reading: undefined }).showsTremor, undefined);
  });
  test("knows nothing from a Last-Modified that is no date", () =>
    assert.deepEqual(freshnessOf({ day, fetchedMs: 7, version: { lastModified: "yesterday" }, reading: undefined }), {
      showsTremor: undefined,
      fetchedMs: 7,
      axisEndMs: undefined,
      lastModifiedMs: undefined,
      isAhead: false,
    }));
});

test("a plot is ahead of each day that had ended when its curve ends", () => {
  const isAhead = (of: Day, reading = sampleReading()) =>
    freshnessOf({ day: of, fetchedMs: 0, version: {}, reading }).isAhead;
  assert.deepEqual([isAhead(day), isAhead(addDays(day, -1)), isAhead(addDays(day, 1))], [false, true, false]);
  const doubtful = { ...sampleReading(), trusted: false };
  assert.equal(isAhead(addDays(day, -1), doubtful), false);
});

describe("isStale", () => {
  for (const { name, of, expected } of [
    { name: "an axis that ends six hours before", of: plot("12:00", { axisEnd: "06:00" }), expected: false },
    { name: "an axis that ends earlier than that", of: plot("12:00", { axisEnd: "05:59" }), expected: true },
    { name: "an axis that reaches beyond the fetch", of: plot("12:00", { axisEnd: "13:00" }), expected: false },
    {
      name: "an axis that is fresher than Last-Modified",
      of: plot("12:00", { axisEnd: "11:00", modified: "01:00" }),
      expected: false,
    },
    { name: "an old Last-Modified without an axis", of: plot("12:00", { modified: "05:59" }), expected: true },
    { name: "nothing that tells", of: plot("12:00"), expected: false },
  ])
    test(`${name}: ${expected ? "stale" : "not stale"}`, () => assert.equal(isStale(of), expected));
});

describe("within a day", () => {
  const kept = (reason: RegExp) => reason;
  const replaced = undefined;
  for (const { name, old, next, expected } of [
    {
      name: "the later axis stays, though fetched earlier",
      old: plot("10:00", { axisEnd: "11:00" }),
      next: plot("12:00", { axisEnd: "10:00" }),
      expected: kept(/ends 60 min later/),
    },
    {
      name: "a later axis replaces",
      old: plot("12:00", { axisEnd: "10:00" }),
      next: plot("11:00", { axisEnd: "10:10" }),
      expected: replaced,
    },
    {
      name: "of equal axes the later fetched replaces",
      old: plot("12:05", { axisEnd: "13:00" }),
      next: plot("12:25", { axisEnd: "13:00" }),
      expected: replaced,
    },
    {
      name: "of equal axes the earlier fetched doesn't",
      old: plot("12:25", { axisEnd: "13:00" }),
      next: plot("12:05", { axisEnd: "13:00" }),
      expected: kept(/fetched later/),
    },
    {
      name: "axes half a minute apart are equal",
      old: plot("12:05", { axisEnd: "13:00:30" }),
      next: plot("12:25", { axisEnd: "13:00:00" }),
      expected: replaced,
    },
    {
      name: "without axes the later Last-Modified stays",
      old: plot("10:00", { modified: "09:50" }),
      next: plot("12:00", { modified: "09:20" }),
      expected: kept(/ends 30 min later/),
    },
    {
      name: "the later Last-Modified stays, by seconds as well",
      old: plot("10:00", { modified: "09:50:20" }),
      next: plot("12:00", { modified: "09:50:00" }),
      expected: kept(/ends 20 s later/),
    },
    {
      name: "a plot of the evening before goes by the hour",
      old: plot("10:00", { axisEnd: "10:00" }),
      next: plot("12:00", { axisEnd: "03:20" }),
      expected: kept(/ends 7 h later/),
    },
    {
      name: "an axis isn't compared with a Last-Modified, which is earlier by nature",
      old: plot("12:05", { axisEnd: "13:00" }),
      next: plot("12:35", { modified: "12:30" }),
      expected: replaced,
    },
    {
      name: "a stale plot never replaces one that isn't",
      old: plot("10:00", { axisEnd: "11:00" }),
      next: plot("12:00", { modified: "01:00" }),
      expected: kept(/stale/),
    },
    {
      name: "a fresh plot replaces a stale one that was fetched later",
      old: plot("12:00", { modified: "01:00" }),
      next: plot("10:00", { axisEnd: "11:00" }),
      expected: replaced,
    },
    {
      name: "a plot with tremor stays before a later picture without any",
      old: plot("10:00", { showsTremor: true, modified: "09:50" }),
      next: plot("12:00", { showsTremor: false, modified: "11:50" }),
      expected: kept(/no tremor could be read/),
    },
    {
      name: "a plot with tremor replaces a later picture without any",
      old: plot("12:00", { showsTremor: false, modified: "11:50" }),
      next: plot("10:00", { showsTremor: true, modified: "09:50" }),
      expected: replaced,
    },
    {
      name: "of two pictures without any tremor the later replaces",
      old: plot("10:00", { showsTremor: false }),
      next: plot("10:30", { showsTremor: false }),
      expected: replaced,
    },
    {
      name: "a later picture that could not be looked into replaces a plot with tremor",
      old: plot("10:00", { showsTremor: true }),
      next: plot("10:30"),
      expected: replaced,
    },
    {
      name: "a plot of after the day never replaces one of the day",
      old: plot("12:00", { axisEnd: "12:30" }),
      next: plot("23:00", { axisEnd: "23:30", isAhead: true }),
      expected: kept(/shows tremor of after that day/),
    },
    {
      name: "a plot of after the day stays before a picture without any tremor",
      old: plot("10:00", { showsTremor: true, isAhead: true }),
      next: plot("12:00", { showsTremor: false }),
      expected: kept(/no tremor could be read/),
    },
    {
      name: "a plot of the day replaces one of after it",
      old: plot("23:00", { axisEnd: "23:30", isAhead: true }),
      next: plot("12:00", { axisEnd: "12:30" }),
      expected: replaced,
    },
    {
      name: "where nothing tells, the later fetched replaces",
      old: plot("10:00"),
      next: plot("10:30"),
      expected: replaced,
    },
    {
      name: "where nothing tells, an equally late one replaces",
      old: plot("10:00"),
      next: plot("10:00"),
      expected: replaced,
    },
  ])
    test(name, () => {
      const reason = whyKept(old, next);
      if (expected === undefined) assert.equal(reason, undefined);
      else assert.match(reason ?? "replaced", expected);
    });
});
