/** Builds PNGs chunk by chunk, right ones and wrong ones, for the tests of what is accepted. */
import { crc32, deflateSync } from "node:zlib";

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export interface HeaderFields {
  width: number;
  height: number;
  bitDepth: number;
  colourType: number;
  compression: number;
  filter: number;
  interlace: number;
}

export function chunk(type: string, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(12 + data.length);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
  return bytes;
}

export function ihdr(fields: Partial<HeaderFields> = {}): Buffer {
  const { width = 16, height = 16, bitDepth = 8, colourType = 2 } = fields;
  const { compression = 0, filter = 0, interlace = 0 } = fields;
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width, 0);
  data.writeUInt32BE(height, 4);
  data.set([bitDepth, colourType, compression, filter, interlace], 8);
  return chunk("IHDR", data);
}

export const idat = (pixels: Uint8Array): Buffer => chunk("IDAT", deflateSync(pixels));
export const iend = (): Buffer => chunk("IEND");
export const png = (...chunks: Uint8Array[]): Buffer => Buffer.concat([PNG_SIGNATURE, ...chunks]);

/** The inflated size of 16 x 16 px: rows of one filter byte and their packed pixels. */
export const bytesOf16x16 = (bitsPerPixel: number): number => 16 * (1 + 2 * bitsPerPixel);

/** The same with Adam7. Its seven passes of 16 x 16 px have this many rows, each of this many pixels. */
export const bytesOf16x16Interlaced = (bitsPerPixel: number): number =>
  [
    [2, 2],
    [2, 2],
    [2, 4],
    [4, 4],
    [4, 8],
    [8, 8],
    [8, 16],
  ].reduce((sum, [rows, width]) => sum + rows! * (1 + Math.ceil((width! * bitsPerPixel) / 8)), 0);
