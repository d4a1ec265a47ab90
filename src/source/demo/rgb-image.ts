/** Pictures in memory, and their way into a PNG file. */
import { crc32, deflateSync } from "node:zlib";

/** An RGB picture as PNG stores it: each row behind its filter byte (0, none), so that encoding copies nothing. */
export interface RgbImage {
  widthPx: number;
  heightPx: number;
  scanlines: Uint8Array;
}

export type Colour = readonly [red: number, green: number, blue: number];

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Where a pixel's red lies in `scanlines`; green and blue follow. */
export function offsetOf({ widthPx }: RgbImage, columnPx: number, rowPx: number): number {
  return rowPx * (1 + 3 * widthPx) + 1 + 3 * columnPx;
}

/** A picture of opaque RGBA pixels. */
export function imageOfRgba(widthPx: number, heightPx: number, rgba: Uint8Array): RgbImage {
  const image = { widthPx, heightPx, scanlines: new Uint8Array(heightPx * (1 + 3 * widthPx)) };
  for (let rowPx = 0, from = 0; rowPx < heightPx; rowPx++)
    for (let columnPx = 0, to = offsetOf(image, 0, rowPx); columnPx < widthPx; columnPx++, from += 4, to += 3)
      for (let part = 0; part < 3; part++) image.scanlines[to + part] = rgba[from + part]!;
  return image;
}

/** The picture as a PNG file. @param texts keyword and text (Latin-1) of its tEXt chunks */
export function encodePng({ widthPx, heightPx, scanlines }: RgbImage, texts: Record<string, string> = {}): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(widthPx, 0);
  header.writeUInt32BE(heightPx, 4);
  header.set([8, 2], 8); // eight bits, RGB
  // On flat colours no filter and level 4 make as small a file as any, in a few milliseconds.
  const pixels = deflateSync(scanlines, { level: 4, chunkSize: 1 << 18 });
  const textChunks = Object.entries(texts).map(([key, text]) =>
    chunk("tEXt", Buffer.from(`${key}\0${text}`, "latin1")),
  );
  return Buffer.concat([SIGNATURE, chunk("IHDR", header), ...textChunks, chunk("IDAT", pixels), chunk("IEND")]);
}

function chunk(type: string, data: Uint8Array = new Uint8Array()): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}
