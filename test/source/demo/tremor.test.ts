import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { createTremor, samplesOf } from "../../../src/source/demo/tremor.ts";

const YEAR = { startMs: Date.parse("2025-01-01T00:00:00Z"), endMs: Date.parse("2025-12-31T23:50:00Z") };
const valuesOf = (seed: number) => samplesOf(createTremor(seed), YEAR.startMs, YEAR.endMs).map(({ rmsMv }) => rmsMv);

describe("the synthetic tremor", () => {
  test("has a sample each ten minutes, both ends included", () => {
    const samples = samplesOf(createTremor(1), YEAR.startMs - 1, YEAR.endMs + 1);
    assert.equal(samples.length, 365 * 144);
    assert.equal(samples[0]!.timeMs, YEAR.startMs);
    assert.equal(samples.at(-1)!.timeMs, YEAR.endMs);
  });

  test("is the same at an instant, whatever was asked before", () =>
    fc.assert(
      fc.property(fc.integer(), fc.nat(2e12), (seed, timeMs) => {
        const used = createTremor(seed);
        used(timeMs + 86_400_000);
        assert.equal(used(timeMs), createTremor(seed)(timeMs));
      }),
    ));

  test("is another one for another seed", () => assert.notDeepEqual(valuesOf(1), valuesOf(2)));

  for (const seed of [1, 2, 1669])
    test(`mostly lies between 0.3 and 0.55 mV, and now and then rises to 3 to 10 mV (seed ${seed})`, () => {
      const values = valuesOf(seed);
      const share = (test: (rmsMv: number) => boolean) => values.filter(test).length / values.length;
      assert.ok(share((rmsMv) => rmsMv > 0.3 && rmsMv < 0.55) > 0.8);
      assert.ok(share((rmsMv) => rmsMv > 3) > 0.002);
      assert.ok(share((rmsMv) => rmsMv > 3) < 0.05);
      assert.ok(values.every((rmsMv) => rmsMv > 0.15 && rmsMv <= 10));
    });
});
