import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { formatHttpDate, parseHttpDate } from "../../src/api/http-date.ts";

const NOW_MS = Date.parse("2025-11-05T12:00:00Z");

describe("parseHttpDate", () => {
  for (const { name, text, instant } of [
    { name: "the form of today", text: "Sun, 06 Nov 1994 08:49:37 GMT", instant: "1994-11-06T08:49:37Z" },
    {
      name: "the form with two digits of a year",
      text: "Sunday, 06-Nov-94 08:49:37 GMT",
      instant: "1994-11-06T08:49:37Z",
    },
    {
      name: "two digits less than 50 years ahead",
      text: "Friday, 01-Nov-75 00:00:00 GMT",
      instant: "2075-11-01T00:00:00Z",
    },
    { name: "the form of asctime", text: "Sun Nov  6 08:49:37 1994", instant: "1994-11-06T08:49:37Z" },
  ])
    test(`reads ${name}`, () => assert.equal(parseHttpDate(text, NOW_MS), Date.parse(instant)));

  for (const text of [
    "",
    "yesterday",
    "2025-11-04T12:00:00Z",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
  ])
    test(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseHttpDate(text, NOW_MS), undefined));

  test("reads what formatHttpDate writes, to the second", () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 0) }), (timeMs) => {
        assert.equal(parseHttpDate(formatHttpDate(timeMs), NOW_MS), Math.floor(timeMs / 1000) * 1000);
      }),
    ));
});
