import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { findBlobs, type Blob, type Ink, INK_THRESHOLD } from "../../src/digitizer/ink.ts";

const CLOSE = INK_THRESHOLD + 60;

/** Ink as drawn: `#` is full, `+` is faint, all else is ground. */
function inkOf(...rows: string[]): Ink {
  const ink = Uint8Array.from(rows.join(""), (mark) => (mark === "#" ? 255 : mark === "+" ? INK_THRESHOLD : 0));
  return { leftPx: 0, topPx: 0, widthPx: rows[0]!.length, heightPx: rows.length, ink };
}

for (const { name, rows, threshold = INK_THRESHOLD, blobs } of [
  { name: "finds none on blank ground", rows: ["......", "......"], blobs: [] },
  { name: "gives the sides of a piece", rows: ["......", "..##..", "..#..."], blobs: ["2,1 3,2"] },
  { name: "joins pieces that touch at corners", rows: ["#.....", ".#....", "..#..."], blobs: ["0,0 2,2"] },
  {
    name: "parts them where ink is printed close",
    rows: ["#.", ".#"],
    threshold: CLOSE,
    blobs: ["0,0 0,0", "1,1 1,1"],
  },
  { name: "leaves out what is too faint", rows: ["#+#"], threshold: CLOSE, blobs: ["0,0 0,0", "2,0 2,0"] },
  { name: "joins what meets further down", rows: ["#...#", "#...#", "#####"], blobs: ["0,0 4,2"] },
  { name: "goes on no further than its row", rows: ["....#", "#...."], blobs: ["4,0 4,0", "0,1 0,1"] },
  { name: "orders them by their first pixels", rows: ["...#.", "#...."], blobs: ["3,0 3,0", "0,1 0,1"] },
])
  test(`findBlobs ${name}`, () => {
    assert.deepEqual(findBlobs(inkOf(...rows), threshold).map(toText), blobs);
  });

test("findBlobs finds none in noise of more pieces than any text has", () => {
  const [widthPx, heightPx] = [800, 600];
  const dots = Uint8Array.from({ length: widthPx * heightPx }, (_, at) =>
    at % 2 === 0 && Math.floor(at / widthPx) % 2 === 0 ? 255 : 0,
  );
  const ink = { leftPx: 0, topPx: 0, widthPx, heightPx, ink: dots };
  assert.deepEqual(findBlobs(ink), []);
  assert.equal(findBlobs({ ...ink, heightPx: 100 }).length, 400 * 50);
});

test("findBlobs finds what a walk from pixel to pixel finds", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 23 }),
      fc.array(fc.constantFrom(0, 0, 0, 90, INK_THRESHOLD, 200), { minLength: 1, maxLength: 400 }),
      fc.constantFrom(INK_THRESHOLD, CLOSE),
      (widthPx, values, threshold) => {
        const heightPx = Math.ceil(values.length / widthPx);
        const ink = new Uint8Array(widthPx * heightPx);
        ink.set(values);
        const region = { leftPx: 0, topPx: 0, widthPx, heightPx, ink };
        expect(findBlobs(region, threshold)).toEqual(walk(region, threshold));
      },
    ),
  );
});

function toText({ left, top, right, bottom }: Blob): string {
  return `${left},${top} ${right},${bottom}`;
}

function walk({ ink, widthPx, heightPx }: Ink, threshold: number): Blob[] {
  const seen = new Set<number>();
  const blobs: Blob[] = [];
  for (const [start, value] of ink.entries()) {
    if (value < threshold || seen.has(start)) continue;
    const blob: Blob = { left: widthPx, top: heightPx, right: 0, bottom: 0 };
    const reached = [start];
    for (let at = reached.pop(); at !== undefined; at = reached.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      const [x, y] = [at % widthPx, Math.floor(at / widthPx)];
      blob.left = Math.min(blob.left, x);
      blob.right = Math.max(blob.right, x);
      blob.top = Math.min(blob.top, y);
      blob.bottom = Math.max(blob.bottom, y);
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1]) {
          const [nearX, nearY] = [x + dx, y + dy];
          if (nearX < 0 || nearX >= widthPx || nearY < 0 || nearY >= heightPx) continue;
          const isCorner = dx !== 0 && dy !== 0;
          if (isCorner && threshold > INK_THRESHOLD) continue;
          if (ink[nearY * widthPx + nearX]! >= threshold) reached.push(nearY * widthPx + nearX);
        }
    }
    blobs.push(blob);
  }
  return blobs;
}
