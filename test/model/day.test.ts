import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { addDays, Day, dayOf, daysBetween, dayStartMs, parseDay } from "../../src/model/day.ts";

describe("parseDay", () => {
  for (const text of ["0001-01-01", "2024-02-29", "2000-02-29", "2025-11-04", "9999-12-31"])
    test(`takes ${text}`, () => assert.equal(parseDay(text), text));

  for (const { name, text } of [
    { name: "no zero padding", text: "2025-2-3" },
    { name: "29 February of a common year", text: "2025-02-29" },
    { name: "29 February of 1900", text: "1900-02-29" },
    { name: "month 13", text: "2025-13-01" },
    { name: "day 31 of a short month", text: "2025-04-31" },
    { name: "year 0", text: "0000-01-01" },
    { name: "a year of five digits", text: "10000-01-01" },
    { name: "a blank before", text: " 2025-11-04" },
    { name: "a line end after", text: "2025-11-04\n" },
    { name: "a time after", text: "2025-11-04T00:00:00Z" },
    { name: "Arabic-Indic digits", text: "٢٠٢٥-١١-٠٤" },
    { name: "full-width digits", text: "２０２５-11-04" },
    { name: "nothing", text: "" },
  ])
    test(`refuses ${name}`, () => assert.equal(parseDay(text), undefined));
});

const anyDay = fc
  .integer({ min: dayStartMs(Day.parse("0001-01-01")), max: dayStartMs(Day.parse("9999-12-31")) })
  .map((timeMs) => dayOf(timeMs));

describe("the calendar", () => {
  test("knows leap days", () => assert.equal(addDays(Day.parse("2024-02-28"), 1), "2024-02-29"));
  test("stays within its first and last day", () => {
    assert.equal(addDays(Day.parse("0001-01-02"), -40_000), "0001-01-01");
    assert.equal(addDays(Day.parse("9999-12-30"), Number.MAX_SAFE_INTEGER), "9999-12-31");
  });
  test("names any instant's day, and refuses those beyond", () => {
    assert.equal(dayOf(-1), "1969-12-31");
    assert.throws(() => dayOf(Date.UTC(10000, 0, 1)), RangeError);
  });
  test("adds and counts days as inverses", () =>
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -3000, max: 3000 }), (day, count) => {
        const moved = addDays(day, count);
        fc.pre(moved > "0001-01-01" && moved < "9999-12-31");
        assert.equal(daysBetween(day, moved), count);
      }),
    ));
  test("orders days as text", () =>
    fc.assert(fc.property(anyDay, anyDay, (a, b) => assert.equal(a < b, dayStartMs(a) < dayStartMs(b)))));
});
