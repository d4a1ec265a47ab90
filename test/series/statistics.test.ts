import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";
import { bucketsBetween, type Bucket } from "../../src/series/buckets.ts";
import { toColumns } from "../../src/series/columns.ts";
import { statistics, statisticsByBucket } from "../../src/series/statistics.ts";
import { assertNear } from "../support/near.ts";
import { someSamples } from "./random-samples.ts";

const day = (text: string): Day => Day.parse(text);

describe("bucketsBetween", () => {
  for (const { name, start, end, bucket, expected } of [
    { name: "one day", start: "2025-03-01", end: "2025-03-01", bucket: "DAY", expected: ["2025-03-01"] },
    {
      name: "days over the leap day",
      start: "2024-02-28",
      end: "2024-03-01",
      bucket: "DAY",
      expected: ["2024-02-28", "2024-02-29", "2024-03-01"],
    },
    {
      name: "days without a leap day",
      start: "1900-02-28",
      end: "1900-03-01",
      bucket: "DAY",
      expected: ["1900-02-28", "1900-03-01"],
    },
    {
      name: "weeks from Monday to Sunday, over the end of the year, the first and the last cut",
      start: "2024-12-25",
      end: "2025-01-07",
      bucket: "WEEK",
      expected: ["2024-12-25/2024-12-29", "2024-12-30/2025-01-05", "2025-01-06/2025-01-07"],
    },
    {
      name: "a week that begins on Sunday",
      start: "2025-03-02",
      end: "2025-03-04",
      bucket: "WEEK",
      expected: ["2025-03-02", "2025-03-03/2025-03-04"],
    },
    {
      name: "the week of a summer time change",
      start: "2025-03-24",
      end: "2025-04-06",
      bucket: "WEEK",
      expected: ["2025-03-24/2025-03-30", "2025-03-31/2025-04-06"],
    },
    {
      name: "months from a long one on",
      start: "2024-01-31",
      end: "2024-03-15",
      bucket: "MONTH",
      expected: ["2024-01-31", "2024-02-01/2024-02-29", "2024-03-01/2024-03-15"],
    },
    {
      name: "years",
      start: "2023-06-01",
      end: "2025-01-01",
      bucket: "YEAR",
      expected: ["2023-06-01/2023-12-31", "2024-01-01/2024-12-31", "2025-01-01"],
    },
    {
      name: "the first days that can be named",
      start: "0001-01-01",
      end: "0001-02-01",
      bucket: "MONTH",
      expected: ["0001-01-01/0001-01-31", "0001-02-01"],
    },
    {
      name: "years of two digits",
      start: "0098-12-31",
      end: "0100-01-01",
      bucket: "YEAR",
      expected: ["0098-12-31", "0099-01-01/0099-12-31", "0100-01-01"],
    },
    {
      name: "the last days that can be named",
      start: "9999-12-30",
      end: "9999-12-31",
      bucket: "DAY",
      expected: ["9999-12-30", "9999-12-31"],
    },
    {
      name: "the last week that can be named",
      start: "9999-12-26",
      end: "9999-12-31",
      bucket: "WEEK",
      expected: ["9999-12-26", "9999-12-27/9999-12-31"],
    },
  ] as { name: string; start: string; end: string; bucket: Bucket; expected: string[] }[])
    test(name, () => {
      const buckets = bucketsBetween(day(start), day(end), bucket);
      assert.deepEqual(
        buckets.map((b) => (b.start === b.end ? b.start : `${b.start}/${b.end}`)),
        expected,
      );
      for (const { start, end, range } of buckets)
        assert.deepEqual(range, { startMs: dayStartMs(start), endMs: dayStartMs(end) + 86_400_000 });
    });

  test("refuses a reversed range, and more than can be looked at", () => {
    assert.throws(() => bucketsBetween(day("2025-01-02"), day("2025-01-01"), "DAY"), { code: "INVALID_REQUEST" });
    assert.throws(() => bucketsBetween(day("1900-01-01"), day("2100-01-01"), "DAY"), {
      code: "INVALID_REQUEST",
      message: "1900-01-01 to 2100-01-01 is more than 10000 times a DAY: ask for less, or for longer ones",
    });
    assert.equal(bucketsBetween(day("0001-01-01"), day("9999-12-31"), "YEAR").length, 9999);
  });
});

/** By definition, from the samples of the days in question alone. */
function describePlainly(samples: Sample[], start: Day, end: Day) {
  const within = samples.filter(({ timeMs }) => {
    const text = new Date(timeMs).toISOString().slice(0, 10);
    return text >= start && text <= end;
  });
  let days = 1;
  for (let each = start; each !== end; each = addDays(each, 1)) days += 1;
  const values = within.map(({ rmsMv }) => rmsMv).sort((a, b) => a - b);
  /** The quantile as an area: how far from rank to rank a share of the way leads. */
  const quantile = (share: number): number => {
    const way = share * (values.length - 1);
    const [low, high] = [values[Math.trunc(way)]!, values[Math.ceil(way)]!];
    return low * (1 - (way % 1)) + high * (way % 1);
  };
  const hours = (mv: number): number => values.filter((value) => value > mv).length / 6;
  const firstOf = (value: number) => {
    const having = within.filter(({ rmsMv }) => rmsMv === value);
    const { timeMs, rmsMv, clipped } = having.find(({ clipped }) => clipped) ?? having[0]!;
    return { timeMs, rmsMv, clipped };
  };
  return {
    count: values.length,
    coverage: values.length / (days * 144),
    values:
      values.length === 0
        ? undefined
        : {
            meanMv: values.reduce((a, b) => a + b) / values.length,
            medianMv: quantile(0.5),
            p5Mv: quantile(0.05),
            p95Mv: quantile(0.95),
            min: firstOf(values[0]!),
            max: firstOf(values.at(-1)!),
          },
    hoursAbove: { oneMv: hours(1), twoMv: hours(2), fiveMv: hours(5) },
  };
}

describe("statistics", () => {
  test("of every bucket are what a plain computation says", () =>
    fc.assert(
      fc.property(
        someSamples(),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom<Bucket>("DAY", "WEEK", "MONTH", "YEAR"),
        (samples, skipped, count, bucket) => {
          const start = addDays(day("2024-12-25"), skipped);
          for (const { start: from, end, range, ...told } of statisticsByBucket(toColumns(samples), {
            start,
            end: addDays(start, count),
            bucket,
          })) {
            assertNear(told, describePlainly(samples, from, end));
            assert.ok(range.startMs === dayStartMs(from));
          }
        },
      ),
    ));

  test("count above a limit what lies above it, not on it", () => {
    const samples = [1, 1.01, 2, 5, 5.1, 10].map((rmsMv, step) => ({
      timeMs: step * CADENCE_MS,
      rmsMv,
      clipped: false,
      uncertaintyDecades: 0,
    }));
    const { hoursAbove, coverage } = statistics(toColumns(samples), { startMs: 0, endMs: 2 * 3_600_000 });
    assert.deepEqual(hoursAbove, { oneMv: 5 / 6, twoMv: 3 / 6, fiveMv: 2 / 6 });
    assert.equal(coverage, 0.5);
  });

  test("say of their extremes that they are bounds, where any sample that has them is one", () => {
    const samples = [10, 3, 10, 10, 0.1, 0.1].map((rmsMv, step) => ({
      timeMs: step * CADENCE_MS,
      rmsMv,
      clipped: step === 2 || step === 5,
      uncertaintyDecades: 0,
    }));
    const { max, min } = statistics(toColumns(samples), { startMs: 0, endMs: 3_600_000 }).values!;
    assert.deepEqual(max, { timeMs: 2 * CADENCE_MS, rmsMv: 10, clipped: true });
    assert.deepEqual(min, { timeMs: 5 * CADENCE_MS, rmsMv: 0.1, clipped: true });
    const quiet = statistics(toColumns(samples), { startMs: 0, endMs: 2 * CADENCE_MS }).values!;
    assert.deepEqual([quiet.max.clipped, quiet.min.clipped], [false, false]);
  });

  for (const { name, nowMinutes, coverage } of [
    { name: "over", nowMinutes: 24 * 60, coverage: 6 / 24 },
    { name: "at its end", nowMinutes: 4 * 60, coverage: 6 / 24 },
    { name: "half over", nowMinutes: 2 * 60, coverage: 6 / 12 },
    { name: "half over, in the middle of a step", nowMinutes: 2 * 60 + 1, coverage: 6 / 13 },
    { name: "just behind its last sample", nowMinutes: 60, coverage: 1 },
    { name: "behind its last samples, as the clocks differ", nowMinutes: 30, coverage: 1 },
    { name: "still to come", nowMinutes: -60, coverage: 1 },
  ])
    test(`tell the coverage of a range that is ${name}`, () => {
      const samples = Array.from({ length: 6 }, (_, step) => ({
        timeMs: step * CADENCE_MS,
        rmsMv: 1,
        clipped: false,
        uncertaintyDecades: 0,
      }));
      const told = statistics(toColumns(samples), { startMs: 0, endMs: 4 * 3_600_000 }, nowMinutes * 60_000);
      assert.equal(told.coverage, coverage);
    });

  test("of nothing have no values", () =>
    assert.deepEqual(statistics(toColumns([]), { startMs: 0, endMs: 0 }), {
      count: 0,
      coverage: 0,
      values: undefined,
      hoursAbove: { oneMv: 0, twoMv: 0, fiveMv: 0 },
    }));

  for (const zone of ["Europe/Rome", "America/New_York", "Pacific/Apia"])
    test(`are the same where the clock is that of ${zone}`, (context) => {
      const before = process.env["TZ"];
      // Both sides of the changes to and from summer time of 2025.
      const samples = Array.from({ length: 365 * 24 }, (_, hour) => ({
        timeMs: Date.UTC(2025, 0, 1, hour),
        rmsMv: 1 + (hour % 97),
        clipped: false,
        uncertaintyDecades: 0,
      }));
      const ask = () =>
        (["WEEK", "MONTH"] as const).map((bucket) =>
          statisticsByBucket(toColumns(samples), { start: day("2025-01-01"), end: day("2025-12-31"), bucket }),
        );
      process.env["TZ"] = "UTC";
      const expected = ask();
      process.env["TZ"] = zone;
      try {
        context.skip(new Date(0).getTimezoneOffset() === 0, "this runtime reads TZ only as it starts");
        assert.deepEqual(ask(), expected);
      } finally {
        if (before === undefined) delete process.env["TZ"];
        else process.env["TZ"] = before;
      }
    });
});
