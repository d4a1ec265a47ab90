import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";
import { columnsInRange, toColumns } from "../../src/series/columns.ts";
import { countSteps, pickStepMs, resample, stepStart } from "../../src/series/resample.ts";
import { assertNear } from "../support/near.ts";
import { someSamples } from "./random-samples.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const at = (text: string): number => Date.parse(`${text}Z`);
const iso = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 16);
const range = (start: string, end: string) => ({ startMs: at(start), endMs: at(end) });

describe("steps", () => {
  for (const { name, instant, stepMs, start } of [
    { name: "ten minutes", instant: "2025-03-01T10:19", stepMs: CADENCE_MS, start: "2025-03-01T10:10" },
    { name: "hours", instant: "2025-03-01T10:50", stepMs: HOUR_MS, start: "2025-03-01T10:00" },
    {
      name: "an hour of summer time as any other",
      instant: "2025-03-30T02:30",
      stepMs: HOUR_MS,
      start: "2025-03-30T02:00",
    },
    { name: "six hours", instant: "2025-03-01T10:50", stepMs: 6 * HOUR_MS, start: "2025-03-01T06:00" },
    { name: "days", instant: "2024-02-29T23:50", stepMs: DAY_MS, start: "2024-02-29T00:00" },
    { name: "weeks, from Monday on", instant: "2025-01-01T00:00", stepMs: 7 * DAY_MS, start: "2024-12-30T00:00" },
    { name: "a Sunday's week", instant: "2025-01-05T23:50", stepMs: 7 * DAY_MS, start: "2024-12-30T00:00" },
    { name: "days before 1970", instant: "1969-12-31T23:50", stepMs: DAY_MS, start: "1969-12-31T00:00" },
    { name: "weeks before 1970", instant: "1969-12-28T12:00", stepMs: 7 * DAY_MS, start: "1969-12-22T00:00" },
  ])
    test(`lie on the UTC clock: ${name}`, () => assert.equal(iso(stepStart(at(instant), stepMs)), start));
});

describe("pickStepMs", () => {
  const year = range("2025-01-01T00:00", "2026-01-01T00:00");
  for (const { name, request, stepMs } of [
    { name: "is ten minutes where nothing is asked", request: { range: year }, stepMs: CADENCE_MS },
    {
      name: "is what is asked, round or not",
      request: { range: year, stepMs: 5 * CADENCE_MS },
      stepMs: 5 * CADENCE_MS,
    },
    {
      name: "stays as asked when the points suffice",
      request: { range: year, stepMs: HOUR_MS, maxPoints: 8760 },
      stepMs: HOUR_MS,
    },
    {
      name: "grows to the next round one",
      request: { range: year, stepMs: HOUR_MS, maxPoints: 8759 },
      stepMs: 2 * HOUR_MS,
    },
    { name: "is days for 400 points", request: { range: year, maxPoints: 400 }, stepMs: DAY_MS },
    { name: "counts the part of a week at either end", request: { range: year, maxPoints: 52 }, stepMs: 14 * DAY_MS },
    {
      name: "can be years",
      request: { range: range("0001-01-01T00:00", "9999-12-31T00:00"), maxPoints: 2 },
      stepMs: 52 * 2 ** 13 * 7 * DAY_MS,
    },
    {
      name: "of an empty range is ten minutes",
      request: { range: range("2025-01-01T00:00", "2025-01-01T00:00") },
      stepMs: CADENCE_MS,
    },
  ])
    test(name, () => assert.equal(pickStepMs(request), stepMs));

  for (const { name, request, message } of [
    {
      name: "a reversed range",
      request: { range: range("2025-01-02T00:00", "2025-01-01T00:00") },
      message: /ends before/,
    },
    { name: "a range that isn't there", request: { range: { startMs: Number.NaN, endMs: 0 } }, message: /ends before/ },
    { name: "five minutes", request: { range: year, stepMs: CADENCE_MS / 2 }, message: /by 5 minutes/ },
    { name: "fifteen minutes", request: { range: year, stepMs: 1.5 * CADENCE_MS }, message: /by 15 minutes/ },
    {
      name: "a second more than ten minutes",
      request: { range: year, stepMs: CADENCE_MS + 1000 },
      message: /by 10.017 minutes/,
    },
    { name: "no time at all", request: { range: year, stepMs: 0 }, message: /by 0 minutes/ },
    { name: "a negative step", request: { range: year, stepMs: -CADENCE_MS }, message: /by -10 minutes/ },
    { name: "one point", request: { range: year, maxPoints: 1 }, message: /in 1 points/ },
    { name: "half a point", request: { range: year, maxPoints: 2.5 }, message: /in 2.5 points/ },
    {
      name: "200 years without a step",
      request: { range: range("1900-01-01T00:00", "2100-01-01T00:00") },
      message: /^The range holds 10519056 steps of 10 minutes, at most 60000 are given: ask for a longer step/,
    },
  ])
    test(`refuses ${name}`, () =>
      assert.throws(
        () => pickStepMs(request),
        (error: { code?: string; message: string }) => {
          assert.equal(error.code, "INVALID_REQUEST");
          assert.match(error.message, message);
          return true;
        },
      ));

  test("always keeps to maxPoints", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: -1e7, max: 1e7 }),
        fc.integer({ min: 0, max: 1e7 }),
        fc.integer({ min: 2, max: 5000 }),
        (start, count, maxPoints) => {
          const asked = { startMs: start * CADENCE_MS, endMs: (start + count) * CADENCE_MS };
          const stepMs = pickStepMs({ range: asked, maxPoints });
          assert.ok(countSteps(asked, stepMs) <= maxPoints);
        },
      ),
    ));
});

/** Each step by itself, with nothing shared between them: slow and plain. */
function resamplePlainly(samples: Sample[], asked: { startMs: number; endMs: number }, stepMs: number) {
  const points: object[] = [];
  const gaps: { startMs: number; endMs: number }[] = [];
  for (let startMs = stepStart(asked.startMs, stepMs); startMs < asked.endMs; startMs += stepMs) {
    const from = Math.max(startMs, asked.startMs);
    const to = Math.min(startMs + stepMs, asked.endMs);
    const within = samples.filter(({ timeMs }) => timeMs >= from && timeMs < to);
    if (within.length === 0) {
      // What lies before the range's first whole ten minutes can't be missing.
      const missingMs = Math.max(from, Math.ceil(asked.startMs / CADENCE_MS) * CADENCE_MS);
      if (missingMs >= to) continue;
      if (gaps.at(-1)?.endMs === missingMs) gaps.at(-1)!.endMs = to;
      else gaps.push({ startMs: missingMs, endMs: to });
      continue;
    }
    const values = within.map(({ rmsMv }) => rmsMv).sort((a, b) => a - b);
    points.push({
      timeMs: startMs,
      rmsMv: Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length),
      minMv: values[0],
      maxMv: values.at(-1),
      medianMv: (values[Math.floor((values.length - 1) / 2)]! + values[Math.ceil((values.length - 1) / 2)]!) / 2,
      count: values.length,
      clipped: within.some(({ clipped }) => clipped) ? 1 : 0,
    });
  }
  return { points, gaps };
}

describe("resample", () => {
  test("misses nothing at a start between two samples", () => {
    const samples = [10, 20].map((minute) => ({
      timeMs: minute * 60_000,
      rmsMv: 1,
      clipped: false,
      uncertaintyDecades: 0,
    }));
    assert.deepEqual(resample(toColumns(samples), { startMs: 300_000, endMs: 1_500_000 }, CADENCE_MS).gaps, []);
  });

  test("says of each step what a plain computation says", () =>
    fc.assert(
      fc.property(
        someSamples(),
        fc.integer({ min: -50, max: 400 }),
        fc.integer({ min: 0, max: 600 }),
        fc.constantFrom(1, 2, 5, 6, 7, 36, 144, 1008),
        (samples, from, count, steps) => {
          const startMs = (samples[0]?.timeMs ?? 0) + from * CADENCE_MS;
          const asked = { startMs, endMs: startMs + count * CADENCE_MS };
          const { points, gaps } = resample(toColumns(samples), asked, steps * CADENCE_MS);
          const rows = Array.from(points.timesMs, (timeMs, index) => ({
            timeMs,
            rmsMv: points.rmsMv[index]!,
            minMv: points.minMv[index],
            maxMv: points.maxMv[index],
            medianMv: points.medianMv[index]!,
            count: points.count[index],
            clipped: points.clipped[index],
          }));
          const plain = resamplePlainly(samples, asked, steps * CADENCE_MS);
          assertNear(rows, plain.points);
          assert.deepEqual(gaps, plain.gaps);
        },
      ),
    ));

  test("leaves the end out", () => {
    const samples = [0, 1, 2].map((step) => ({
      timeMs: step * CADENCE_MS,
      rmsMv: 1,
      clipped: false,
      uncertaintyDecades: 0,
    }));
    const { points } = resample(toColumns(samples), { startMs: 0, endMs: 2 * CADENCE_MS }, CADENCE_MS);
    assert.deepEqual([...points.timesMs], [0, CADENCE_MS]);
  });

  test("gives single samples back as they are", () => {
    const samples = [{ timeMs: 0, rmsMv: 0.412, clipped: true, uncertaintyDecades: 0 }];
    const { points } = resample(toColumns(samples), { startMs: 0, endMs: DAY_MS }, CADENCE_MS);
    assert.deepEqual([points.rmsMv[0], points.medianMv[0], points.clipped[0], points.count[0]], [0.412, 0.412, 1, 1]);
  });

  test("refuses what pickStepMs refuses", () => {
    assert.throws(() => resample(toColumns([]), { startMs: 1, endMs: 0 }, HOUR_MS), { code: "INVALID_REQUEST" });
    assert.throws(() => resample(toColumns([]), { startMs: 0, endMs: 1 }, 1), { code: "INVALID_REQUEST" });
  });
});

test("columnsInRange cuts as a filter does", () =>
  fc.assert(
    fc.property(
      someSamples(),
      fc.integer({ min: -20, max: 500 }),
      fc.integer({ min: -20, max: 500 }),
      (samples, from, to) => {
        const origin = samples[0]?.timeMs ?? 0;
        const asked = { startMs: origin + from * CADENCE_MS, endMs: origin + to * CADENCE_MS };
        assert.deepEqual(
          columnsInRange(toColumns(samples), asked),
          toColumns(samples.filter(({ timeMs }) => timeMs >= asked.startMs && timeMs < asked.endMs)),
        );
      },
    ),
  ));
