import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { nearestTo, indicesOf, joinColumns, secondsOf, toColumns } from "../../src/web/record/columns.ts";

const HOUR_S = 3600;

/** A series as the server answers it, whose values are its hours since 1970; the greatest stands out by half. */
function series(step: string, epochSeconds: number[]) {
  const values = epochSeconds.map((seconds) => 1 + seconds / HOUR_S);
  const columns = {
    epochSeconds,
    values,
    min: values,
    max: values.map((mv) => mv * 1.5),
    clipped: values.map(() => false),
  };
  return { start: "", end: "", step, count: values.length, columns, gaps: [] };
}
const every = (stepS: number, fromS: number, toS: number): number[] =>
  Array.from({ length: Math.round((toS - fromS) / stepS) }, (_, at) => fromS + at * stepS);

describe("toColumns", () => {
  test("draws a step in the middle of its samples, and a sample where it was taken", () => {
    assert.deepEqual([...toColumns(series("PT10M", [0, 600])).seconds], [0, 600]);
    assert.deepEqual([...toColumns(series("PT1H", [0, 3600])).seconds], [1500, 5100]);
  });

  test("lifts the pen where steps are missing, and only there", () => {
    const { afterGap } = toColumns(series("PT10M", [0, 600, 1200, 2400, 3000]));
    assert.deepEqual([...afterGap], [0, 0, 0, 1, 0]);
  });
});

describe("joinColumns", () => {
  const coarse = toColumns(series("P1D", every(24 * HOUR_S, 0, 20 * 24 * HOUR_S)));
  const span = { startMs: 5.3 * 86_400_000, endMs: 8.6 * 86_400_000 };
  const fine = toColumns(series("PT1H", every(HOUR_S, 127 * HOUR_S, 206 * HOUR_S)));
  const joined = joinColumns(coarse, fine, span);

  test("is by time, each instant once", () => {
    const steps = [...joined.seconds].slice(1).map((seconds, at) => seconds - joined.seconds[at]!);
    assert.ok(steps.every((seconds) => seconds > 0));
    assert.equal(new Set(joined.seconds).size, joined.seconds.length);
  });

  test("has all finer points, and of the coarse ones those that don't reach into them", () => {
    const [from, to] = indicesOf(joined, span);
    assert.equal([...joined.stepS].filter((stepS) => stepS === HOUR_S).length, fine.seconds.length);
    assert.ok(to - from >= 78);
    assert.deepEqual(
      [...joined.stepS].filter((stepS) => stepS > HOUR_S).length,
      20 - 4, // days 5 to 8 are in the finer stretch, in whole or in part
    );
  });

  test("finds no gap where the two meet", () => assert.equal(joined.afterGap.indexOf(1), -1));

  test("keeps a gap of the coarse ones", () => {
    const holed = toColumns(
      series(
        "P1D",
        [0, 1, 2, 15, 16, 17].map((day) => day * 24 * HOUR_S),
      ),
    );
    const { afterGap, seconds } = joinColumns(holed, toColumns(series("PT1H", every(HOUR_S, 0, 24 * HOUR_S))), {
      startMs: 0,
      endMs: 86_400_000,
    });
    assert.equal(
      afterGap.indexOf(1),
      [...seconds].findIndex((s) => s > 14 * 24 * HOUR_S),
    );
  });
});

for (const [second, index] of [
  [-1000, 0],
  [299, 0],
  [301, 1],
  [600, 1],
  [5000, 2],
] as const)
  test(`nearestTo ${second} s is point ${index}`, () =>
    assert.equal(nearestTo(toColumns(series("PT10M", [0, 600, 1200])), second), index));
test("nearestTo knows none where there are no points", () =>
  assert.equal(nearestTo(toColumns(series("PT10M", [])), 0), undefined));

for (const [duration, seconds] of [
  ["PT10M", 600],
  ["PT1H", 3600],
  ["PT1H30M", 5400],
  ["P1D", 86_400],
  ["P2W", 1_209_600],
] as const)
  test(`secondsOf ${duration}`, () => assert.equal(secondsOf(duration), seconds));
