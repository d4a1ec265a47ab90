import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { lastExpiredDay } from "../../src/archive/retention.ts";
import { Day } from "../../src/model/day.ts";
import { InvalidRequest } from "../../src/model/errors.ts";

describe("lastExpiredDay", () => {
  for (const { name, today, retentionDays, expected } of [
    { name: "keeps today alone", today: "2025-11-04", retentionDays: 1, expected: "2025-11-03" },
    { name: "keeps today and the 89 days before it", today: "2025-11-04", retentionDays: 90, expected: "2025-08-06" },
    { name: "counts a leap day", today: "2024-03-01", retentionDays: 2, expected: "2024-02-28" },
    { name: "crosses the year's end", today: "2026-01-01", retentionDays: 1, expected: "2025-12-31" },
    { name: "keeps all with -1", today: "2025-11-04", retentionDays: -1, expected: undefined },
    { name: "keeps all where the calendar ends first", today: "0001-01-05", retentionDays: 9, expected: undefined },
  ])
    test(name, () => assert.equal(lastExpiredDay(Day.parse(today), retentionDays), expected));

  for (const retentionDays of [0, -2, 1.5, Number.NaN, Infinity])
    test(`refuses ${retentionDays}`, () =>
      assert.throws(() => lastExpiredDay(Day.parse("2025-11-04"), retentionDays), InvalidRequest));
});
