import assert from "node:assert/strict";
import { test } from "vitest";
import { endOfEven, evenWords, wordsOf, WHITE_WORD } from "../../src/digitizer/even-pixels.ts";

const GREEN = [64, 222, 40] as const;

/** So many pixels of a colour each, one after the other. */
function strip(...stretches: [pixels: number, colour: readonly number[]][]): Uint8Array {
  return Uint8Array.from(stretches.flatMap(([pixels, colour]) => Array.from({ length: pixels }, () => colour).flat()));
}
const WHITE = [255, 255, 255];

for (const { name, rgb, from = 0, to = rgb.length, end } of [
  { name: "ends before the four pixels that hold another colour", rgb: strip([9, WHITE], [3, GREEN]), end: 24 },
  { name: "ends where it begins when there is no stretch", rgb: strip([3, WHITE], [5, GREEN]), end: 0 },
  { name: "reaches the end of the picture", rgb: strip([12, WHITE]), end: 36 },
  { name: "never exceeds its limit", rgb: strip([12, WHITE]), to: 30, end: 24 },
  { name: "starts anywhere on a whole word", rgb: strip([4, GREEN], [8, WHITE]), from: 12, end: 36 },
  { name: "is not misled by a pixel that is nearly white", rgb: strip([8, WHITE], [4, [255, 255, 254]]), end: 24 },
])
  test(`a white stretch ${name}`, () => {
    assert.equal(endOfEven(wordsOf(rgb)!, from, to, WHITE_WORD), end);
  });

test("a stretch of a colour has three words of its own", () => {
  const rgb = strip([8, GREEN], [4, WHITE]);
  assert.equal(endOfEven(wordsOf(rgb)!, 0, rgb.length, ...evenWords(rgb, 3)), 24);
});

test("bytes that don't lie at whole words are not read as such", () => {
  assert.equal(wordsOf(strip([5, WHITE]).subarray(1)), undefined);
});
