import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { addDays, addMonths, isDay, weekdayOf, weeksOf } from "../../src/web/calendar/dates.ts";
import { durationWords, parseDuration } from "../../src/web/language/duration.ts";

for (const { text, is } of [
  { text: "2024-02-29", is: true },
  { text: "2025-02-29", is: false },
  { text: "2025-02-30", is: false },
  { text: "2025-13-01", is: false },
  { text: "2025-1-01", is: false },
  { text: "today", is: false },
])
  test(`${text} is ${is ? "a day" : "none"}`, () => assert.equal(isDay(text), is));

for (const { day, count, to } of [
  { day: "2024-02-28", count: 1, to: "2024-02-29" },
  { day: "2025-12-31", count: 1, to: "2026-01-01" },
  { day: "2025-03-30", count: -7, to: "2025-03-23" },
])
  test(`${count} days from ${day} is ${to}`, () => assert.equal(addDays(day, count), to));

for (const { day, count, to } of [
  { day: "2025-01-31", count: 1, to: "2025-02-28" },
  { day: "2024-01-31", count: 1, to: "2024-02-29" },
  { day: "2025-03-31", count: -1, to: "2025-02-28" },
  { day: "2025-01-15", count: -1, to: "2024-12-15" },
  { day: "2024-02-29", count: 12, to: "2025-02-28" },
])
  test(`${count} months from ${day} is ${to}`, () => assert.equal(addMonths(day, count), to));

describe("weeksOf", () => {
  for (const month of ["2025-02", "2026-03", "2024-02", "2025-06"])
    test(`has each day of ${month} once, under its weekday, in six weeks`, () => {
      const weeks = weeksOf(month);
      assert.equal(weeks.length, 6);
      for (const week of weeks) week.forEach((day, at) => assert.ok(day === undefined || weekdayOf(day) === at));
      const days = weeks.flat().filter((day) => day !== undefined);
      const last = addDays(addMonths(`${month}-01`, 1), -1);
      assert.deepEqual([days[0], days.at(-1), days.length], [`${month}-01`, last, Number(last.slice(8))]);
    });
});

for (const { iso, minutes, words } of [
  { iso: "PT10M", minutes: 10, words: "10 min" },
  { iso: "PT5H20M", minutes: 320, words: "5 hrs 20 mins" },
  { iso: "PT6H", minutes: 360, words: "6 hrs" },
  { iso: "P1DT2H10M", minutes: 1570, words: "1 day 2 hrs" },
  { iso: "P1W", minutes: 10_080, words: "7 days" },
  { iso: "PT0M", minutes: 0, words: "0 mins" },
])
  test(`${iso} is ${words}`, () => {
    assert.equal(parseDuration(iso), minutes * 60_000);
    const singular = (text: string): string => text.replaceAll(/s\b/g, "");
    assert.equal(singular(durationWords(iso, "en-GB")), singular(words));
  });
test("a text that is no duration has no length", () => assert.ok(Number.isNaN(parseDuration("soon"))));
