import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, test } from "vitest";
import { fileKey, isTemporaryName, keysOf, parseKey, pictureKey, recordKey } from "../../src/archive/keys.ts";
import { Day, dayOf, dayStartMs, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";

const day = Day.parse("2025-11-04");
const anyDay = fc.integer({ min: dayStartMs(FIRST_DAY), max: dayStartMs(LAST_DAY) }).map((timeMs) => dayOf(timeMs));
const anyKind = fc.constantFrom("png", "png.gz", "json");

describe("keys", () => {
  test("are those of the old system's tree, and a record beside them", () => {
    assert.equal(pictureKey(day, false), "2025/11/04/etna_20251104.png");
    assert.equal(pictureKey(day, true), "2025/11/04/etna_20251104.png.gz");
    assert.equal(recordKey(day), "2025/11/04/etna_20251104.json");
  });

  test("lead back to their day and kind", () =>
    fc.assert(
      fc.property(anyDay, anyKind, (some, kind) => {
        assert.deepEqual(parseKey(fileKey(some, kind)), { day: some, kind });
      }),
    ));

  test("sort as their days do", () =>
    fc.assert(fc.property(anyDay, anyDay, (a, b) => assert.equal(recordKey(a) < recordKey(b), a < b))));

  test("are no one else's: one character more, less or other is refused", () =>
    fc.assert(
      fc.property(anyDay, anyKind, fc.nat(40), fc.string({ maxLength: 2, unit: "grapheme" }), (some, kind, at, put) => {
        const key = fileKey(some, kind);
        const changed = key.slice(0, at) + put + key.slice(at + 1);
        fc.pre(!keysOf(some).includes(changed));
        const parsed = parseKey(changed);
        // A changed key may be another day's, but never one that would be written otherwise.
        assert.ok(parsed === undefined || fileKey(parsed.day, parsed.kind) === changed);
      }),
    ));

  for (const key of [
    "",
    "2025/11/04",
    "2025/11/04/etna_20251105.png",
    "2025/11/05/etna_20251104.png",
    "2025-11-04/etna_20251104.png",
    "2025/13/40/etna_20251340.png",
    "2025/02/29/etna_20250229.png",
    "2025/2/3/etna_202523.png",
    "0000/01/01/etna_00000101.png",
    "./2025/11/04/etna_20251104.png",
    "2025/11/04/../04/etna_20251104.png",
    "2025/11/04/etna_20251104.PNG",
    "2025/11/04/etna_20251104.png.gz.gz",
    "2025/11/04/etna_20251104.png\n",
    "２０２５/11/04/etna_20251104.png",
  ])
    test(`refuses ${JSON.stringify(key)}`, () => assert.equal(parseKey(key), undefined));
});

describe("a temporary name", () => {
  for (const { name, expected } of [
    { name: ".etna_20251104.png.812.0a1b2c.tmp", expected: true },
    { name: ".etna_20251104.png.gz.812.0a1b2c.tmp", expected: true },
    { name: ".etna_20251104.json.812.0a1b2c.tmp", expected: true },
    { name: "archive_x8_kq.tmp", expected: true },
    { name: "etna_20251104.png", expected: false },
    { name: "notes.tmp", expected: false },
    { name: ".etna_20251104.png.tmp", expected: false },
  ])
    test(`${expected ? "is" : "isn't"} ${name}`, () => assert.equal(isTemporaryName(name), expected));
});
