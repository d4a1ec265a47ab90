import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, test } from "vitest";
import { decodePng } from "../../src/digitizer/png.ts";
import { PlotRejected } from "../../src/model/errors.ts";
import { chunk, idat, ihdr, iend, png } from "../support/build-png.ts";
import { sharedPath } from "../support/shared-path.ts";

const WIDTH = 21;
const HEIGHT = 18;
/** Samples of a pixel by colour type: grey, RGB, palette index, grey and alpha, RGBA. */
const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = ["0,0,8,8", "4,0,8,8", "0,4,4,8", "2,0,4,4", "0,2,2,4", "1,0,2,2", "0,1,1,2"];
const PALETTE = Uint8Array.from({ length: 3 * 16 }, (_, index) => (37 * index) % 256);
const PALETTE_ALPHA = [0, 128, 255];

/** The drawn picture: every sample of every pixel, from 0 to 2^depth - 1. */
function sample(x: number, y: number, channel: number, bitDepth: number): number {
  return (x * 1931 + y * 3571 + channel * 7919 + x * y * 13) % 2 ** Math.min(bitDepth, 16);
}

/** Filters and packs the picture as a PNG writer would; each row has the next of the five filters. */
function encode(colourType: number, bitDepth: number, interlaced: boolean, extra: Uint8Array[] = []): Uint8Array {
  const channels = CHANNELS[colourType]!;
  const pixelBytes = Math.max(1, (channels * bitDepth) >> 3);
  const rows: number[] = [];
  for (const pass of interlaced ? ADAM7 : ["0,0,1,1"]) {
    const [x0, y0, stepX, stepY] = pass.split(",").map(Number) as [number, number, number, number];
    let prior: number[] = [];
    for (let y = y0, filter = 0; y < HEIGHT; y += stepY, filter = (filter + 1) % 5) {
      let bits = "";
      for (let x = x0; x < WIDTH; x += stepX)
        for (let c = 0; c < channels; c++) bits += sample(x, y, c, bitDepth).toString(2).padStart(bitDepth, "0");
      if (bits === "") continue;
      const raw = bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
      rows.push(filter, ...raw.map((byte, i) => (byte - predicted(filter, raw, prior, i, pixelBytes)) & 255));
      prior = raw;
    }
  }
  const header = ihdr({ width: WIDTH, height: HEIGHT, bitDepth, colourType, interlace: interlaced ? 1 : 0 });
  return png(header, ...extra, idat(Uint8Array.from(rows)), iend());
}

/** What each filter foretells of a byte (PNG specification, 9.2). */
function predicted(filter: number, raw: number[], prior: number[], i: number, pixelBytes: number): number {
  const left = raw[i - pixelBytes] ?? 0;
  const up = prior[i] ?? 0;
  const upLeft = i < pixelBytes ? 0 : (prior[i - pixelBytes] ?? 0);
  const paeth = [left, up, upLeft]
    .map((value) => ({ value, off: Math.abs(left + up - upLeft - value) }))
    .reduce((a, b) => (b.off < a.off ? b : a)).value;
  return [0, left, up, (left + up) >> 1, paeth][filter]!;
}

/** The pixel as red, green, blue over white, from 0 to 1. */
function expected(x: number, y: number, colourType: number, bitDepth: number): number[] {
  const at = (channel: number): number => sample(x, y, channel, bitDepth);
  const share = (channel: number): number => at(channel) / (2 ** bitDepth - 1);
  const over = (colour: number[], alpha: number): number[] => colour.map((value) => value * alpha + 1 - alpha);
  if (colourType === 0) return [share(0), share(0), share(0)];
  if (colourType === 2) return [share(0), share(1), share(2)];
  if (colourType === 4) return over([share(0), share(0), share(0)], share(1));
  if (colourType === 6) return over([share(0), share(1), share(2)], share(3));
  const entry = [...PALETTE.subarray(3 * at(0), 3 * at(0) + 3)].map((value) => value / 255);
  return over(entry, (PALETTE_ALPHA[at(0)] ?? 255) / 255);
}

const forms = [
  ...[1, 2, 4, 8, 16].map((bitDepth) => ({ name: `grey of ${bitDepth} bits`, colourType: 0, bitDepth })),
  ...[8, 16].map((bitDepth) => ({ name: `colour of ${bitDepth} bits`, colourType: 2, bitDepth })),
  ...[1, 2, 4].map((bitDepth) => ({ name: `a palette of ${2 ** bitDepth}`, colourType: 3, bitDepth })),
  ...[8, 16].map((bitDepth) => ({ name: `grey and alpha of ${bitDepth} bits`, colourType: 4, bitDepth })),
  ...[8, 16].map((bitDepth) => ({ name: `colour and alpha of ${bitDepth} bits`, colourType: 6, bitDepth })),
];

describe("decodePng reads", () => {
  for (const { name, colourType, bitDepth } of forms)
    for (const interlaced of [false, true])
      test(`${name}${interlaced ? ", interlaced" : ""}`, () => {
        const palette =
          colourType === 3
            ? [chunk("PLTE", PALETTE.slice(0, 3 * 2 ** bitDepth)), chunk("tRNS", Uint8Array.from(PALETTE_ALPHA))]
            : [];
        const raster = decodePng(encode(colourType, bitDepth, interlaced, palette));
        assert.deepEqual([raster.widthPx, raster.heightPx, raster.rgb.length], [WIDTH, HEIGHT, 3 * WIDTH * HEIGHT]);
        for (let y = 0; y < HEIGHT; y++)
          for (let x = 0; x < WIDTH; x++)
            expected(x, y, colourType, bitDepth).forEach((value, c) => {
              const found = raster.rgb[3 * (y * WIDTH + x) + c]!;
              assert.ok(
                Math.abs(found - 255 * value) <= 0.51,
                `(${x}, ${y}) channel ${c}: ${found}, drawn ${255 * value}`,
              );
            });
      });

  test("a colour that stands for transparent as white", () => {
    const key = [0, 1, 2].flatMap((channel) => [0, sample(0, 0, channel, 8)]);
    const raster = decodePng(encode(2, 8, false, [chunk("tRNS", Uint8Array.from(key))]));
    assert.deepEqual([...raster.rgb.subarray(0, 3)], [255, 255, 255]);
    assert.deepEqual(
      [...raster.rgb.subarray(3, 6)],
      [0, 1, 2].map((channel) => sample(1, 0, channel, 8)),
    );
  });

  test("when it was made, where the file says so", () => {
    const made = chunk("tIME", Uint8Array.of(2025 >> 8, 2025 & 255, 5, 13, 0, 31, 7));
    assert.equal(decodePng(encode(2, 8, false, [made])).madeMs, Date.parse("2025-05-13T00:31:07Z"));
    assert.equal(decodePng(encode(2, 8, false)).madeMs, undefined);
  });

  test("pixels that come in many parts", () => {
    const whole = deflateSync(new Uint8Array(16 * 49).fill(0));
    const parts = [...whole].map((byte) => chunk("IDAT", Uint8Array.of(byte)));
    assert.equal(decodePng(png(ihdr(), ...parts, iend())).rgb.length, 16 * 48);
  });
});

describe("decodePng refuses", () => {
  const zeros = (bytes: number): Uint8Array => idat(new Uint8Array(bytes));
  const flipped = encode(2, 8, false);
  flipped[60]! ^= 1;
  for (const { name, bytes } of [
    { name: "nothing", bytes: new Uint8Array() },
    { name: "HTML", bytes: Buffer.from("<!doctype html><title>404</title>") },
    { name: "a signature alone", bytes: png() },
    { name: "a picture cut off", bytes: encode(2, 8, false).subarray(0, 300) },
    { name: "one flipped bit", bytes: flipped },
    { name: "15 px a side", bytes: png(ihdr({ width: 15 }), zeros(16 * 46), iend()) },
    { name: "8193 px a side", bytes: png(ihdr({ width: 8193 }), zeros(16), iend()) },
    { name: "more than 32 million px", bytes: png(ihdr({ width: 8000, height: 4001 }), zeros(16), iend()) },
    { name: "fewer pixels than declared", bytes: png(ihdr(), zeros(16 * 49 - 1), iend()) },
    { name: "more pixels than declared", bytes: png(ihdr(), zeros(16 * 49 + 1), iend()) },
    { name: "a large picture in a few bytes", bytes: png(ihdr({ width: 5000, height: 6000 }), zeros(9), iend()) },
    { name: "a depth that its colour type has not", bytes: png(ihdr({ bitDepth: 4 }), zeros(400), iend()) },
    { name: "a palette that is missing", bytes: png(ihdr({ colourType: 3 }), zeros(16 * 17), iend()) },
    {
      name: "a colour outside its palette",
      bytes: png(
        ihdr({ colourType: 3 }),
        chunk("PLTE", Uint8Array.of(1, 2, 3)),
        idat(new Uint8Array(16 * 17).fill(1)),
        iend(),
      ),
    },
    { name: "a filter that there is not", bytes: png(ihdr(), idat(new Uint8Array(16 * 49).fill(5)), iend()) },
    { name: "no pixels", bytes: png(ihdr(), iend()) },
  ])
    test(name, () => assert.throws(() => decodePng(bytes), PlotRejected));

  test("or reads, but never fails otherwise on a mutated picture", () => {
    const whole = encode(6, 8, true);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, length) => {
        const bytes = whole.slice(0, Math.max(length, whole.length >> 1));
        bytes[at] = value;
        try {
          decodePng(bytes);
        } catch (error) {
          assert.ok(error instanceof PlotRejected, String(error));
        }
      }),
    );
  });
});

describe("decodePng and pictures that are no plots", () => {
  for (const name of ["html-as.png", "huge-dimensions.png", "jpeg-as.png", "one-pixel.png", "truncated.png"]) {
    const path = sharedPath(`graphs/bad/${name}`);
    test.skipIf(path === undefined)(`refuses ${name}`, () =>
      assert.throws(() => decodePng(readFileSync(path!)), PlotRejected),
    );
  }
});
