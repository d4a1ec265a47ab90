import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { Day } from "../../src/model/day.ts";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";
import { toColumns } from "../../src/series/columns.ts";
import { createEpisodeDetector, findEpisodes, type Episode, type EpisodeChange } from "../../src/series/episodes.ts";
import { assertNear } from "../support/near.ts";
import { someSamples } from "./random-samples.ts";
import { createRandom, createTruth, showPlot } from "./synthetic.ts";

/** Samples from 1970 on, in steps; NaN is a missing one, "!" a clipped one. */
function samplesOf(...values: (number | string)[]): Sample[] {
  return values.flatMap((value, step) => {
    const rmsMv = Number.parseFloat(String(value));
    if (Number.isNaN(rmsMv)) return [];
    return [{ timeMs: step * CADENCE_MS, rmsMv, clipped: String(value).endsWith("!"), uncertaintyDecades: 0 }];
  });
}
const repeat = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
const gap = (count: number): number[] => repeat(count, Number.NaN);

describe("an episode at 2 mV", () => {
  for (const { name, values, expected } of [
    { name: "isn't begun by two samples", values: [1, 3, 3, 1.9, 3, 3, 1], expected: [] },
    { name: "begins with the first of three, the threshold included", values: [1, 2, 2, 2], expected: ["1-"] },
    { name: "goes on over five low samples", values: [...repeat(3, 3), ...repeat(5, 1), 3], expected: ["0-"] },
    { name: "ends at the first of six low samples", values: [...repeat(3, 3), ...repeat(6, 1)], expected: ["0-3"] },
    { name: "goes on between 70 % and the threshold", values: [...repeat(3, 3), ...repeat(50, 1.4)], expected: ["0-"] },
    { name: "ends just below 70 %", values: [...repeat(3, 3), ...repeat(6, 1.39)], expected: ["0-3"] },
    {
      name: "counts six low ones anew after one at 70 %",
      values: [...repeat(3, 3), ...repeat(5, 1), 1.4, ...repeat(6, 1)],
      expected: ["0-9"],
    },
    {
      name: "needs three samples anew after its end",
      values: [...repeat(3, 3), ...repeat(6, 1), 3, 3, 1, 3, 3, 3],
      expected: ["0-3", "12-"],
    },
    { name: "goes on over a gap of eleven samples", values: [...repeat(3, 3), ...gap(11), 3], expected: ["0-"] },
    { name: "ends where a gap of two hours begins", values: [...repeat(3, 3), ...gap(12), 1], expected: ["0-3"] },
    {
      name: "begins anew after a gap of two hours",
      values: [...repeat(3, 3), ...gap(12), ...repeat(3, 3)],
      expected: ["0-3", "15-"],
    },
    {
      name: "ends at the first low sample before a long gap",
      values: [...repeat(3, 3), 1, 1, ...gap(12), 3, 3],
      expected: ["0-3"],
    },
    { name: "isn't begun by three samples that a long gap parts", values: [3, 3, ...gap(12), 3], expected: [] },
    { name: "is begun by three samples that a short gap parts", values: [3, 3, ...gap(11), 3], expected: ["0-"] },
  ])
    test(name, () => {
      const told = findEpisodes(toColumns(samplesOf(...values))).map(
        ({ onsetMs, endMs }) => `${onsetMs / CADENCE_MS}-${endMs === undefined ? "" : endMs / CADENCE_MS}`,
      );
      assert.deepEqual(told, expected);
    });

  for (const { name, values, expected } of [
    {
      name: "has its peak at the first greatest sample",
      values: [2, 5, 9, 9, 4, ...repeat(6, 1)],
      expected: { peak: { timeMs: 2 * CADENCE_MS, rmsMv: 9, clipped: false }, riseMs: 2 * CADENCE_MS },
    },
    {
      name: "has its peak at a clipped sample rather than at an equal one",
      values: [2, 10, "10!", 9, ...repeat(6, 1)],
      expected: { peak: { timeMs: 2 * CADENCE_MS, rmsMv: 10, clipped: true } },
    },
    {
      name: "lasts up to its end, and holds what lies before",
      values: [2, 3, 4, 1, 2, ...repeat(6, 1)],
      expected: { durationMs: 5 * CADENCE_MS, count: 5, squaredIntegralMv2S: (4 + 9 + 16 + 1 + 4) * 600 },
    },
    {
      name: "lasts, while it runs, up to what is known, low samples included",
      values: [2, 3, 4, 1, 1],
      expected: { endMs: undefined, durationMs: 5 * CADENCE_MS, count: 5, squaredIntegralMv2S: (4 + 9 + 16 + 2) * 600 },
    },
    {
      name: "lasts over a short gap, which adds nothing to the integral",
      values: [2, 3, 4, ...gap(5), 2, ...repeat(6, 1)],
      expected: { durationMs: 9 * CADENCE_MS, count: 4, squaredIntegralMv2S: (4 + 9 + 16 + 4) * 600 },
    },
  ] as { name: string; values: (number | string)[]; expected: Partial<Episode> }[])
    test(name, () => {
      const [episode] = findEpisodes(toColumns(samplesOf(...values)));
      assert.deepEqual({ ...episode, ...expected }, episode);
    });
});

describe("an episode whose samples stop", () => {
  const lastMs = (count: number): number => (count - 1) * CADENCE_MS;
  for (const { name, values, afterMs, expected } of [
    { name: "runs while nobody says what time it is", values: repeat(3, 3), afterMs: undefined, expected: ["0-"] },
    { name: "runs just short of two hours without any", values: repeat(3, 3), afterMs: 129, expected: ["0-"] },
    { name: "has ended two hours after the last", values: repeat(3, 3), afterMs: 130, expected: ["0-3 in a gap"] },
    {
      name: "has ended at the first low one that came before",
      values: [3, 3, 3, 3, 1, 1],
      afterMs: 60 * 24 * 30,
      expected: ["0-4 in a gap"],
    },
    {
      name: "has ended earlier where six low ones were seen",
      values: [...repeat(3, 3), ...repeat(6, 1)],
      afterMs: 60 * 24,
      expected: ["0-3"],
    },
    {
      name: "ends in a gap that has an end, too",
      values: [...repeat(3, 3), ...gap(12), ...repeat(3, 3)],
      afterMs: undefined,
      expected: ["0-3 in a gap", "15-"],
    },
  ])
    test(name, () => {
      const nowMs = afterMs === undefined ? undefined : lastMs(values.length) + afterMs * 60_000;
      const found = findEpisodes(toColumns(samplesOf(...values)), 2, nowMs);
      assert.deepEqual(
        found.map(
          ({ onsetMs, endMs, endsInGap }) =>
            `${onsetMs / CADENCE_MS}-${endMs === undefined ? "" : endMs / CADENCE_MS}${endsInGap ? " in a gap" : ""}`,
        ),
        expected,
      );
      for (const { onsetMs, endMs, durationMs } of found)
        if (endMs !== undefined) assert.equal(durationMs, endMs - onsetMs);
    });
});

describe("a threshold", () => {
  for (const thresholdMv of [0.1, 0.7, 1.1, 2, 2.3, 4.6, 9.9])
    test(`of ${thresholdMv} mV is reached by ${thresholdMv} mV, as the record keeps it in 32 bits`, () => {
      const [at, limit] = [thresholdMv, Number((thresholdMv * 0.7).toPrecision(6))].map(Math.fround) as [
        number,
        number,
      ];
      const stays = [...repeat(3, at), ...repeat(20, limit), at];
      const ends = [...repeat(3, at), ...repeat(6, Math.fround(limit * 0.9999))];
      const found = [stays, ends].map((values) => findEpisodes(toColumns(samplesOf(...values)), thresholdMv));
      assert.deepEqual(
        found.map((episodes) => episodes.map(({ onsetMs, endMs }) => [onsetMs, endMs])),
        [[[0, undefined]], [[0, 3 * CADENCE_MS]]],
      );
      const below = repeat(3, Math.fround(thresholdMv * 0.9999));
      assert.deepEqual(findEpisodes(toColumns(samplesOf(...below)), thresholdMv), []);
    });
});

/**
 * By definition, looking back and forth in the whole series at once. Stretches without a long gap are taken one by one;
 * in each an episode goes from the first of three high samples to the first of six low ones, or to the stretch's end.
 */
function findPlainly(samples: Sample[], thresholdMv: number): Episode[] {
  const stretches: Sample[][] = [];
  for (const sample of samples) {
    const last = stretches.at(-1)?.at(-1);
    if (last === undefined || sample.timeMs - last.timeMs > 12 * CADENCE_MS) stretches.push([sample]);
    else stretches.at(-1)!.push(sample);
  }
  return stretches.flatMap((stretch) => {
    const isLast = stretch === stretches.at(-1);
    const runs = (from: number, length: number, test: (mv: number) => boolean): boolean =>
      from + length <= stretch.length && stretch.slice(from, from + length).every(({ rmsMv }) => test(rmsMv));
    const low = (mv: number): boolean => mv < 0.7 * thresholdMv;
    const episodes: Episode[] = [];
    for (let onset = 0; onset < stretch.length; onset++) {
      if (!runs(onset, 3, (mv) => mv >= thresholdMv)) continue;
      let end = onset;
      while (end < stretch.length && !runs(end, 6, low)) end++;
      const ended = end < stretch.length;
      // A long gap after low samples: the episode ended with the first of them.
      if (!ended && !isLast) while (low(stretch[end - 1]!.rmsMv)) end--;
      const part = stretch.slice(onset, end);
      const highest = Math.max(...part.map(({ rmsMv }) => rmsMv));
      const candidates = part.filter(({ rmsMv }) => rmsMv === highest);
      const { timeMs, rmsMv, clipped } = candidates.find((sample) => sample.clipped) ?? candidates[0]!;
      const stopMs = stretch[end]?.timeMs ?? part.at(-1)!.timeMs + CADENCE_MS;
      episodes.push({
        onsetMs: part[0]!.timeMs,
        endMs: ended || !isLast ? stopMs : undefined,
        endsInGap: !ended && !isLast,
        peak: { timeMs, rmsMv, clipped },
        durationMs: stopMs - part[0]!.timeMs,
        riseMs: timeMs - part[0]!.timeMs,
        squaredIntegralMv2S: part.reduce((sum, sample) => sum + sample.rmsMv ** 2 * 600, 0),
        count: part.length,
      });
      onset = end;
    }
    return episodes;
  });
}

const busySamples = someSamples(fc.constantFrom(0.5, 1, 1.39, 1.4, 1.9, 2, 2.5, 3, 10)).chain((samples) =>
  // Stretches of a kind, so that episodes begin and end.
  fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 20 }).map((factors) =>
    samples.map((sample, index) => ({
      ...sample,
      rmsMv: sample.rmsMv * factors[Math.floor(index / 20) % factors.length]!,
    })),
  ),
);

describe("the detector", () => {
  test("finds what a plain search finds", () =>
    fc.assert(
      fc.property(busySamples, fc.constantFrom(1, 2, 4), (samples, thresholdMv) => {
        assertNear(findEpisodes(toColumns(samples), thresholdMv), findPlainly(samples, thresholdMv));
      }),
      { numRuns: 300 },
    ));

  test("goes on from its state, kept as JSON, as if it had never stopped", () =>
    fc.assert(
      fc.property(busySamples, fc.array(fc.nat(400), { maxLength: 5 }), (samples, stops) => {
        let detector = createEpisodeDetector(2);
        const changes: EpisodeChange[] = [];
        samples.forEach(({ timeMs, rmsMv, clipped }, index) => {
          if (stops.includes(index)) detector = createEpisodeDetector(2, JSON.parse(JSON.stringify(detector.state())));
          const change = detector.push(timeMs, rmsMv, clipped);
          if (change !== undefined) changes.push(change);
        });
        const ended = changes.filter(({ kind }) => kind === "ENDED").map(({ episode }) => episode);
        const running = detector.running();
        assert.deepEqual(running === undefined ? ended : [...ended, running], findEpisodes(toColumns(samples), 2));
        assert.ok(changes.every(({ kind }, index) => kind === (index % 2 === 0 ? "STARTED" : "ENDED")));
      }),
    ));

  test("refuses samples out of order, and a state of another threshold", () => {
    const detector = createEpisodeDetector(2);
    detector.push(CADENCE_MS, 1, false);
    assert.throws(() => detector.push(CADENCE_MS, 1, false), RangeError);
    assert.throws(() => createEpisodeDetector(3, detector.state()), RangeError);
  });

  test("finds the sixty episodes of a tremor as a plot shows them, near where they are", () => {
    const random = createRandom(60);
    const truth = createTruth(Day.parse("2005-01-01"), 1200, 60, random);
    const whole = showPlot(truth, Day.parse("2008-04-14"), undefined, { error: 0.4, random });
    assert.equal(whole.samples.length, 1008);
    const shown: Sample[] = [];
    for (let end = 1008; end <= truth.rmsMv.length; end += 1008)
      shown.push(...showPlot(truth, whole.day, truth.startMs + end * CADENCE_MS, { error: 0.4, random }).samples);
    const exact = findEpisodes({
      timesMs: Float64Array.from(shown, ({ timeMs }) => timeMs),
      rmsMv: truth.rmsMv.subarray(0, shown.length),
      clipped: new Uint8Array(shown.length),
    });
    const found = findEpisodes(toColumns(shown));
    assert.equal(exact.length, 60);
    assert.equal(found.length, 60);
    found.forEach(({ onsetMs, endMs, peak }, index) => {
      assert.ok(Math.abs(onsetMs - exact[index]!.onsetMs) <= 2 * CADENCE_MS);
      assert.ok(Math.abs(endMs! - exact[index]!.endMs!) <= 2 * CADENCE_MS);
      if (!peak.clipped) assert.ok(Math.abs(peak.rmsMv / exact[index]!.peak.rmsMv - 1) <= 0.02);
    });
  });
});
