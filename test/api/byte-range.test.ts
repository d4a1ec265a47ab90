import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { parseRange } from "../../src/api/byte-range.ts";

describe("parseRange of 1000 bytes", () => {
  for (const { header, range } of [
    { header: "bytes=0-499", range: { first: 0, last: 499 } },
    { header: "bytes=500-", range: { first: 500, last: 999 } },
    { header: "bytes=-200", range: { first: 800, last: 999 } },
    { header: "bytes=-5000", range: { first: 0, last: 999 } },
    { header: "bytes=999-999", range: { first: 999, last: 999 } },
    { header: "bytes=900-5000", range: { first: 900, last: 999 } },
    { header: "bytes=0-99999999999999999999999", range: { first: 0, last: 999 } },
    { header: "BYTES=1-2", range: { first: 1, last: 2 } },
    { header: "bytes=1000-", range: "unsatisfiable" },
    { header: "bytes=99999999999999999999999-", range: "unsatisfiable" },
    { header: "bytes=-0", range: "unsatisfiable" },
    { header: "bytes=5-2", range: undefined },
    { header: "bytes=99999999999999999999999-99999999999999999999998", range: undefined },
    { header: "bytes=-", range: undefined },
    { header: "bytes=", range: undefined },
    { header: "bytes=1-2,4-5", range: undefined },
    { header: "bytes=a-b", range: undefined },
    { header: "bytes=1.5-2", range: undefined },
    { header: "items=0-5", range: undefined },
    { header: "0-5", range: undefined },
  ])
    test(`${header} is ${JSON.stringify(range) ?? "ignored"}`, () => assert.deepEqual(parseRange(header, 1000), range));
});

const size = fc.integer({ min: 1, max: 1_000_000 });
const position = fc.integer({ min: 0, max: 2_000_000 });

test("parseRange stays within the body, whatever is asked", () =>
  fc.assert(
    fc.property(size, fc.option(position, { nil: "" }), fc.option(position, { nil: "" }), (bytes, first, last) => {
      const range = parseRange(`bytes=${first}-${last}`, bytes);
      if (range === undefined || range === "unsatisfiable") return;
      assert.ok(0 <= range.first && range.first <= range.last && range.last < bytes);
      if (first !== "") assert.equal(range.first, first);
    }),
  ));

test("parseRange satisfies each range that begins inside of the body", () =>
  fc.assert(
    fc.property(size, position, fc.nat(), (bytes, first, more) => {
      const range = parseRange(`bytes=${first}-${first + more}`, bytes);
      assert.deepEqual(range, first < bytes ? { first, last: Math.min(first + more, bytes - 1) } : "unsatisfiable");
    }),
  ));

test("parseRange never throws", () =>
  fc.assert(fc.property(fc.string(), size, (header, bytes) => void parseRange(header, bytes))));
