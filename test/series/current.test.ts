import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";
import { currentTremor } from "../../src/series/current.ts";
import { someSamples } from "./random-samples.ts";

const HOUR_MS = 3_600_000;

/** `count` samples that end at `lastMs`, the amplitude given by the hours before the last. */
function samplesTo(lastMs: number, count: number, mvAt: (hours: number) => number): Sample[] {
  return Array.from({ length: count }, (_, index) => {
    const beforeMs = (count - 1 - index) * CADENCE_MS;
    return { timeMs: lastMs - beforeMs, rmsMv: mvAt(-beforeMs / HOUR_MS), clipped: false, uncertaintyDecades: 0.004 };
  });
}
const nowMs = Date.UTC(2025, 2, 1, 12);

describe("the current tremor", () => {
  for (const { level, rmsMv } of [
    { level: "LOW", rmsMv: 0.99 },
    { level: "MEDIUM", rmsMv: 1 },
    { level: "MEDIUM", rmsMv: 3.99 },
    { level: "HIGH", rmsMv: 4 },
  ])
    test(`is ${level} at ${rmsMv} mV`, () =>
      assert.equal(
        currentTremor(
          samplesTo(nowMs, 1, () => rmsMv),
          nowMs,
        )?.level,
        level,
      ));

  for (const limitMv of [0.7, 1.1, 2.3, 4.1])
    test(`is HIGH from ${limitMv} mV on, as the record keeps it in 32 bits`, () => {
      const levelOf = (rmsMv: number) =>
        currentTremor(
          samplesTo(nowMs, 1, () => Math.fround(rmsMv)),
          nowMs,
          { mediumMv: 0.1, highMv: limitMv },
        )?.level;
      assert.deepEqual([levelOf(limitMv), levelOf(limitMv * 0.9999)], ["HIGH", "MEDIUM"]);
    });

  test("has levels that can be set", () =>
    assert.equal(
      currentTremor(
        samplesTo(nowMs, 1, () => 3),
        nowMs,
        { mediumMv: 0.5, highMv: 2 },
      )?.level,
      "HIGH",
    ));

  for (const { name, samples, trend, slope } of [
    {
      name: "rises when it doubles in three hours",
      samples: samplesTo(nowMs, 19, (hours) => 10 ** (0.1 * hours)),
      trend: "RISING",
      slope: 0.1,
    },
    {
      name: "falls when it halves",
      samples: samplesTo(nowMs, 19, (hours) => 10 ** (-0.1 * hours)),
      trend: "FALLING",
      slope: -0.1,
    },
    {
      name: "is steady at a slope of 0.04",
      samples: samplesTo(nowMs, 19, (hours) => 10 ** (0.04 * hours)),
      trend: "STEADY",
      slope: 0.04,
    },
    {
      name: "isn't carried off by every fifth sample",
      samples: samplesTo(nowMs, 19, () => 0.4).map((sample, index) =>
        index % 5 === 0 ? { ...sample, rmsMv: 9 } : sample,
      ),
      trend: "STEADY",
      slope: 0,
    },
    {
      name: "forgets what was more than three hours ago",
      samples: samplesTo(nowMs, 60, (hours) => (hours < -3.01 ? 10 : 0.4)),
      trend: "STEADY",
      slope: 0,
    },
    {
      name: "has no trend from five samples",
      samples: samplesTo(nowMs, 5, () => 1),
      trend: undefined,
      slope: undefined,
    },
    { name: "has one from six", samples: samplesTo(nowMs, 6, () => 1), trend: "STEADY", slope: 0 },
  ])
    test(name, () => {
      const current = currentTremor(samples, nowMs);
      assert.equal(current?.trend, trend);
      if (slope === undefined) assert.equal(current?.decadesPerHour, undefined);
      else assert.ok(Math.abs(current!.decadesPerHour! - slope) < 1e-9, `${current!.decadesPerHour}`);
    });

  for (const { name, lastMs, ageMs, stale } of [
    { name: "is fresh at six hours", lastMs: nowMs - 6 * HOUR_MS, ageMs: 6 * HOUR_MS, stale: false },
    { name: "is stale after six hours", lastMs: nowMs - 6 * HOUR_MS - 1, ageMs: 6 * HOUR_MS + 1, stale: true },
    { name: "is fresh when its clock is ahead of ours", lastMs: nowMs + CADENCE_MS, ageMs: 0, stale: false },
  ])
    test(name, () => {
      const samples = samplesTo(lastMs, 3, () => 1);
      const current = currentTremor(samples, nowMs);
      assert.deepEqual([current?.ageMs, current?.stale, current?.last], [ageMs, stale, samples[2]]);
    });

  test("of nothing is nothing", () => assert.equal(currentTremor([], nowMs), undefined));

  test("has the slope of Theil and Sen, pair by pair", () =>
    fc.assert(
      fc.property(someSamples(), (samples) => {
        const lastMs = samples.at(-1)?.timeMs ?? 0;
        const recent = samples.filter(({ timeMs }) => lastMs - timeMs <= 3 * HOUR_MS);
        const slopes: number[] = [];
        for (const a of recent)
          for (const b of recent)
            if (a.timeMs < b.timeMs) slopes.push((Math.log10(b.rmsMv / a.rmsMv) * HOUR_MS) / (b.timeMs - a.timeMs));
        slopes.sort((a, b) => a - b);
        const middle = (slopes[Math.floor((slopes.length - 1) / 2)]! + slopes[Math.ceil((slopes.length - 1) / 2)]!) / 2;
        const told = currentTremor(samples, lastMs)?.decadesPerHour;
        if (recent.length < 6) assert.equal(told, undefined);
        else assert.ok(Math.abs(told! - middle) < 1e-9);
      }),
    ));
});
