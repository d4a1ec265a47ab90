import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { formatDuration, parseDuration } from "../../src/api/durations.ts";

describe("durations", () => {
  for (const { text, minutes, back = text } of [
    { text: "PT10M", minutes: 10 },
    { text: "PT1H", minutes: 60 },
    { text: "PT60M", minutes: 60, back: "PT1H" },
    { text: "P1D", minutes: 1440 },
    { text: "P1W", minutes: 10_080, back: "P7D" },
    { text: "P1DT2H30M", minutes: 1590 },
    { text: "PT90S", minutes: 1.5, back: "PT1M30S" },
    { text: "PT0S", minutes: 0 },
  ])
    test(`${text} is ${minutes} minutes`, () => {
      assert.equal(parseDuration(text), minutes * 60_000);
      assert.equal(formatDuration(minutes * 60_000), back);
    });

  for (const text of ["", "P", "PT", "P1", "1H", "PT1", "P1Y", "P1M", "P-1D", "-P1D", "PT1.5H", "p1d", "P1DT", "PT1H "])
    test(`${JSON.stringify(text)} is none`, () =>
      assert.throws(() => parseDuration(text), { code: "INVALID_REQUEST", message: /ISO 8601/ }));
});
