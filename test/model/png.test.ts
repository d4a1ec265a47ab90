import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { decode } from "fast-png";
import { describe, test } from "vitest";
import { PlotRejected } from "../../src/model/errors.ts";
import { checkPng } from "../../src/model/png.ts";
import { bytesOf16x16, bytesOf16x16Interlaced, chunk, idat, iend, ihdr, png } from "../support/build-png.ts";
import { sharedPath } from "../support/shared-path.ts";

const RGB = bytesOf16x16(24);
const rows = (size: number): Buffer => Buffer.alloc(size);
const palette = (colours: number): Buffer => chunk("PLTE", rows(3 * colours));
/** 16 x 16 px in RGB, no two rows alike, its IDAT in two. */
const good = (() => {
  const pixels = Buffer.from(Array.from({ length: RGB }, (_, at) => (at % 49 === 0 ? at % 5 : (at * 37) % 251)));
  const data = deflateSync(pixels);
  return png(ihdr(), chunk("IDAT", data.subarray(0, 40)), chunk("IDAT", data.subarray(40)), iend());
})();

describe("checkPng takes", () => {
  for (const { colourType, depths, samples } of [
    { colourType: 0, depths: [1, 2, 4, 8, 16], samples: 1 },
    { colourType: 2, depths: [8, 16], samples: 3 },
    { colourType: 3, depths: [1, 2, 4, 8], samples: 1 },
    { colourType: 4, depths: [8, 16], samples: 2 },
    { colourType: 6, depths: [8, 16], samples: 4 },
  ])
    for (const bitDepth of depths)
      for (const interlace of [0, 1])
        test(`colour type ${colourType} with ${bitDepth} bits${interlace ? ", interlaced" : ""}`, () => {
          const size = (interlace ? bytesOf16x16Interlaced : bytesOf16x16)(bitDepth * samples);
          const plte = colourType === 3 ? palette(2) : Buffer.alloc(0);
          const build = (bytes: number) =>
            png(ihdr({ colourType, bitDepth, interlace }), plte, idat(rows(bytes)), iend());
          assert.deepEqual(checkPng(build(size)), {
            widthPx: 16,
            heightPx: 16,
            sizeBytes: build(size).length,
            trailingBytes: 0,
          });
          for (const wrong of [size - 1, size + 1]) assert.throws(() => checkPng(build(wrong)), PlotRejected);
        });

  for (const { name, bytes } of [
    {
      name: "unknown ancillary chunks",
      bytes: png(ihdr(), chunk("tEXt", rows(9)), idat(rows(RGB)), chunk("xyZw"), iend()),
    },
    { name: "a suggested palette", bytes: png(ihdr(), palette(256), idat(rows(RGB)), iend()) },
    { name: "an empty IDAT among others", bytes: png(ihdr(), chunk("IDAT"), idat(rows(RGB)), chunk("IDAT"), iend()) },
    {
      name: "the widest",
      bytes: png(ihdr({ width: 8192, height: 16, bitDepth: 1, colourType: 0 }), idat(rows(16 * 1025)), iend()),
    },
  ])
    test(name, () => assert.equal(checkPng(bytes).sizeBytes, bytes.length));

  test("bytes after IEND, and counts them", () =>
    assert.deepEqual(checkPng(Buffer.concat([good, Buffer.from("\r\n")])), {
      widthPx: 16,
      heightPx: 16,
      sizeBytes: good.length,
      trailingBytes: 2,
    }));

  test("bytes in the middle of a larger buffer", () => {
    const larger = Buffer.concat([Buffer.alloc(3), good, Buffer.alloc(5)]);
    assert.equal(checkPng(larger.subarray(3, 3 + good.length)).trailingBytes, 0);
  });

  const real = sharedPath("graphs/real-ecbd-20250513.png");
  test.skipIf(real === undefined)("a plot as published", () => {
    assert.deepEqual(checkPng(readFileSync(real!)), {
      widthPx: 1024,
      heightPx: 400,
      sizeBytes: 50570,
      trailingBytes: 0,
    });
  });
});

describe("checkPng refuses", () => {
  const wrongChecksum = Buffer.from(good);
  wrongChecksum[wrongChecksum.indexOf("IDAT") + 10]! ^= 1;
  for (const { name, bytes, reason } of [
    { name: "nothing", bytes: Buffer.alloc(0), reason: /found 0 bytes/ },
    { name: "a page", bytes: Buffer.from("\n<!DOCTYPE html><p>Sorry"), reason: /page of HTML .* in 24 bytes/ },
    { name: "a JPEG", bytes: Buffer.from([0xff, 0xd8, 0xff, 0xe0]), reason: /found a JPEG/ },
    { name: "a text", bytes: Buffer.from("Bad gateway"), reason: /no PNG signature/ },
    { name: "a signature alone", bytes: png(), reason: /cut off: it ends at byte 8/ },
    { name: "a wrong checksum", bytes: wrongChecksum, reason: /chunk IDAT at byte 33 doesn't match/ },
    { name: "another chunk before IHDR", bytes: png(chunk("tEXt"), ihdr()), reason: /found chunk tEXt first/ },
    { name: "a short IHDR", bytes: png(chunk("IHDR", rows(12))), reason: /IHDR of 12 bytes/ },
    { name: "two IHDRs", bytes: png(ihdr(), ihdr(), idat(rows(RGB)), iend()), reason: /chunk IHDR/ },
    { name: "one pixel", bytes: png(ihdr({ width: 1, height: 1 })), reason: /found 1 x 1 px/ },
    { name: "15 px a side", bytes: png(ihdr({ width: 400, height: 15 })), reason: /400 x 15 px, need 16 to 8192/ },
    { name: "8193 px a side", bytes: png(ihdr({ width: 8193 })), reason: /8193 x 16 px/ },
    { name: "over 32 megapixels", bytes: png(ihdr({ width: 8000, height: 4001 })), reason: /at most 32000000/ },
    { name: "a colour type that isn't", bytes: png(ihdr({ colourType: 5 })), reason: /colour type 5/ },
    { name: "a depth that isn't", bytes: png(ihdr({ bitDepth: 4 })), reason: /colour type 2 with 4 bits/ },
    { name: "another compression", bytes: png(ihdr({ compression: 1 })), reason: /compression 1/ },
    { name: "another filter method", bytes: png(ihdr({ filter: 64 })), reason: /filter 64/ },
    { name: "another interlace method", bytes: png(ihdr({ interlace: 2 })), reason: /interlace 2/ },
    { name: "no IDAT", bytes: png(ihdr(), iend()), reason: /no IDAT/ },
    { name: "no IEND", bytes: png(ihdr(), idat(rows(RGB))), reason: /before IEND/ },
    { name: "data in IEND", bytes: png(ihdr(), idat(rows(RGB)), chunk("IEND", rows(1))), reason: /IEND of 1 bytes/ },
    {
      name: "IDATs apart",
      bytes: png(ihdr(), idat(rows(RGB)), chunk("tEXt"), chunk("IDAT"), iend()),
      reason: /tEXt between IDATs/,
    },
    {
      name: "a palette picture without PLTE",
      bytes: png(ihdr({ colourType: 3 }), idat(rows(RGB)), iend()),
      reason: /no PLTE before IDAT/,
    },
    { name: "PLTE behind IDAT", bytes: png(ihdr(), idat(rows(RGB)), palette(2), iend()), reason: /behind IDAT/ },
    { name: "two PLTEs", bytes: png(ihdr(), palette(2), palette(2)), reason: /PLTE twice/ },
    { name: "PLTE in grey", bytes: png(ihdr({ colourType: 0 }), palette(2)), reason: /grey/ },
    { name: "no whole colours", bytes: png(ihdr(), chunk("PLTE", rows(4))), reason: /PLTE of 4 bytes/ },
    {
      name: "more colours than the depth",
      bytes: png(ihdr({ colourType: 3, bitDepth: 1 }), palette(3)),
      reason: /1 to 2 colours/,
    },
    { name: "an unknown critical chunk", bytes: png(ihdr(), chunk("XYZW")), reason: /XYZW/ },
    { name: "no chunk name", bytes: png(ihdr(), chunk("I/AT")), reason: /no chunk name at byte 37/ },
    { name: "no zlib", bytes: png(ihdr(), chunk("IDAT", rows(90)), iend()), reason: /can't be inflated/ },
    {
      name: "an empty IDAT",
      bytes: png(ihdr({ colourType: 0, bitDepth: 1 }), chunk("IDAT"), iend()),
      reason: /0 bytes of/,
    },
    {
      name: "zlib with a dictionary",
      bytes: png(ihdr(), chunk("IDAT", Buffer.from("78bb0000000101", "hex")), iend()),
      reason: /can't be inflated/,
    },
    {
      name: "half a zlib stream",
      bytes: png(ihdr(), chunk("IDAT", deflateSync(rows(RGB)).subarray(0, -5)), iend()),
      reason: /can't be inflated/,
    },
    { name: "a filter that isn't", bytes: png(ihdr(), idat(Buffer.alloc(RGB, 5)), iend()), reason: /filter 5/ },
    {
      name: "a large promise in a small file",
      bytes: png(ihdr({ width: 5000, height: 5000 }), idat(rows(RGB)), iend()),
      reason: /can't hold the 75005000/,
    },
    { name: "a bomb", bytes: png(ihdr(), idat(rows(50_000_000)), iend()), reason: /more than the 784 bytes/ },
  ])
    test(name, () =>
      assert.throws(
        () => checkPng(bytes),
        (error) => error instanceof PlotRejected && reason.test(error.message),
      ),
    );

  test("any truncation", () => {
    for (let length = 0; length < good.length; length++)
      assert.throws(() => checkPng(good.subarray(0, length)), PlotRejected, `${length} of ${good.length} bytes`);
  });

  test("any changed byte", () => {
    const pixels = decode(good).data;
    fc.assert(
      fc.property(fc.nat(good.length + 2), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = Buffer.concat([good, Buffer.from("end")]);
        bytes[at]! ^= change;
        try {
          checkPng(bytes);
        } catch (error) {
          assert.ok(error instanceof PlotRejected && at < good.length, `byte ${at}: ${error}`);
          return;
        }
        assert.deepEqual(decode(bytes).data, pixels);
      }),
      { numRuns: 2000 },
    );
  });

  test("random chunks, with no other error", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom("IHDR", "PLTE", "IDAT", "IEND", "tRNS", "XXXX"), fc.uint8Array())),
        fc.uint8Array(),
        (chunks, rest) =>
          assert.throws(
            () => checkPng(png(ihdr(), ...chunks.map(([type, data]) => chunk(type, data)), rest)),
            PlotRejected,
          ),
      ),
    ));
});
