/**
 * Random series for property tests: on the ten-minute clock, with gaps, equal values and clipped ones.
 */
import fc from "fast-check";
import { CADENCE_MS, type Sample } from "../../src/model/series.ts";

/** @param valuesMv what the samples are drawn from; default: round and other values between 0.1 and 10 mV */
export function someSamples(
  valuesMv: fc.Arbitrary<number> = fc.oneof(
    fc.constantFrom(0.5, 1, 2, 5, 10),
    fc.double({ min: 0.1, max: 10, noNaN: true }),
  ),
): fc.Arbitrary<Sample[]> {
  const next = fc.record({
    steps: fc.oneof(
      { weight: 12, arbitrary: fc.constant(1) },
      { weight: 2, arbitrary: fc.integer({ min: 2, max: 20 }) },
    ),
    rmsMv: valuesMv,
    clipped: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  });
  // From 26 December 2024 to 5 January 2025: the turn of a year and of its ISO week.
  const start = fc.integer({ min: 2_891_088, max: 2_892_528 });
  return fc.tuple(start, fc.array(next, { maxLength: 400, size: "max" })).map(([first, rest]) => {
    let step = first;
    return rest.map(({ steps, ...sample }) => ({
      timeMs: (step += steps) * CADENCE_MS,
      ...sample,
      uncertaintyDecades: 0.004,
    }));
  });
}
