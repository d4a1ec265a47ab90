import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { formatInstant, formatModified } from "../../src/api/instants.ts";

const NOON_MS = Date.parse("2025-11-04T12:00:00Z");

describe("formatModified", () => {
  for (const { name, timeMs, text } of [
    { name: "a whole second", timeMs: NOON_MS, text: "2025-11-04T12:00:00+00:00" },
    { name: "milliseconds, as six digits", timeMs: NOON_MS + 7, text: "2025-11-04T12:00:00.007000+00:00" },
    { name: "microseconds", timeMs: NOON_MS + 123.456, text: "2025-11-04T12:00:00.123456+00:00" },
    {
      name: "nanoseconds that round up to a whole second",
      timeMs: NOON_MS - 0.0001,
      text: "2025-11-04T12:00:00+00:00",
    },
    { name: "an instant before 1970", timeMs: -0.5, text: "1969-12-31T23:59:59.999500+00:00" },
  ])
    test(`writes ${name}`, () => assert.equal(formatModified(timeMs), text));
});

describe("formatInstant", () => {
  test("leaves out milliseconds that are zero", () => assert.equal(formatInstant(NOON_MS), "2025-11-04T12:00:00Z"));
  test("writes the others", () => assert.equal(formatInstant(NOON_MS + 7), "2025-11-04T12:00:00.007Z"));
  test("writes all as Date does", () =>
    fc.assert(
      fc.property(fc.double({ min: -8.64e15, max: 8.64e15, noNaN: true }), (timeMs) =>
        assert.equal(formatInstant(timeMs), new Date(timeMs).toISOString().replace(".000Z", "Z")),
      ),
    ));
  test("has no text for what isn't an instant", () => assert.throws(() => formatInstant(Number.NaN), RangeError));
});
