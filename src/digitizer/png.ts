/**
 * PNG: the bytes of a plot to its pixels.
 * Owns decoding, and is safe on any bytes at all: what it can't read within the limits, it refuses.
 * The platform's zlib and our own unfiltering measure better than the libraries, and keep memory to one picture.
 */
import { crc32, inflateSync } from "node:zlib";
import { PlotRejected } from "../model/errors.ts";
import { MAX_PIXELS, MAX_SIDE_PX, MIN_SIDE_PX } from "../model/png.ts";
import { CHANNELS, createPainter, unfilterRow } from "./png-rows.ts";

/** The pixels of a picture, row by row from the top. */
export interface Raster {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Red, green, blue: three bytes a pixel, laid over white where the picture is transparent. */
  readonly rgb: Uint8Array;
  /** When the picture was made, ms since 1970, where the file says so (tIME, PNG specification, 11.3.6.1). */
  readonly madeMs?: number | undefined;
}

/** A rectangle of pixels; all four sides belong to it. */
export interface PixelBox {
  leftPx: number;
  topPx: number;
  rightPx: number;
  bottomPx: number;
}

/** What the compressed pixels may unpack to: 32 million pixels of red, green, blue and alpha. */
const MAX_UNPACKED_BYTES = 4 * MAX_PIXELS + MAX_SIDE_PX;
/** Deflate can't pack tighter than this (zlib's technical details), so a small file can't claim a large picture. */
const MAX_DEFLATE_RATIO = 1032;
// PNG specification, 5.2
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const DEPTHS: Record<number, readonly number[]> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

interface Header {
  widthPx: number;
  heightPx: number;
  bitDepth: number;
  colourType: number;
  interlaced: boolean;
}

interface Chunks {
  header: Header;
  /** Red, green, blue of each palette entry. */
  palette: Uint8Array | undefined;
  transparency: Uint8Array | undefined;
  packed: Uint8Array;
  madeMs: number | undefined;
}

/** One of the grids that an interlaced picture is sent in; a plain picture is one grid. */
interface Pass {
  x0: number;
  y0: number;
  stepX: number;
  stepY: number;
}
const WHOLE: readonly Pass[] = [{ x0: 0, y0: 0, stepX: 1, stepY: 1 }];
// PNG specification, 8.2 (Adam7)
const ADAM7: readonly Pass[] = [
  { x0: 0, y0: 0, stepX: 8, stepY: 8 },
  { x0: 4, y0: 0, stepX: 8, stepY: 8 },
  { x0: 0, y0: 4, stepX: 4, stepY: 8 },
  { x0: 2, y0: 0, stepX: 4, stepY: 4 },
  { x0: 0, y0: 2, stepX: 2, stepY: 4 },
  { x0: 1, y0: 0, stepX: 2, stepY: 2 },
  { x0: 0, y0: 1, stepX: 1, stepY: 2 },
];

/**
 * Decodes a PNG of any colour type, bit depth and interlacing.
 * @throws {PlotRejected} when the bytes aren't a whole PNG of 16 to 8192 px a side and at most 32 million px
 */
export function decodePng(bytes: Uint8Array): Raster {
  const chunks = readChunks(bytes);
  const { widthPx, heightPx } = chunks.header;
  const { madeMs } = chunks;
  const unpacked = unpack(chunks);
  const plainRgb = chunks.header.colourType === 2 && chunks.header.bitDepth === 8;
  if (plainRgb && !chunks.header.interlaced && chunks.transparency === undefined)
    return { widthPx, heightPx, rgb: unfilterRgb(unpacked, widthPx, heightPx), madeMs };
  return { widthPx, heightPx, rgb: toRgb(chunks, unpacked), madeMs };
}

function readChunks(bytes: Uint8Array): Chunks {
  if (!SIGNATURE.every((byte, index) => bytes[index] === byte)) throw new PlotRejected("it is not a PNG");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let header: Header | undefined;
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  const packed: Uint8Array[] = [];
  let madeMs: number | undefined;
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) break;
    const name = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw new PlotRejected(`the checksum of its part ${JSON.stringify(name)} is wrong`);
    const data = bytes.subarray(at + 8, end);
    if (header === undefined && name !== "IHDR") throw new PlotRejected("its first part is not the header");
    if (name === "IHDR") header ??= readHeader(data);
    else if (name === "PLTE") palette ??= data;
    else if (name === "tRNS") transparency ??= data;
    else if (name === "tIME") madeMs = readTime(data);
    else if (name === "IDAT") packed.push(data);
    else if (name === "IEND") {
      if (header === undefined || packed.length === 0) break;
      return { header, palette, transparency, packed: packed.length === 1 ? packed[0]! : concat(packed), madeMs };
    }
    at = end + 4;
  }
  throw new PlotRejected("it is cut off");
}

function readHeader(data: Uint8Array): Header {
  if (data.length !== 13) throw new PlotRejected("its header is malformed");
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [widthPx, heightPx] = [view.getUint32(0), view.getUint32(4)];
  const [bitDepth, colourType, compression, filter, interlace] = data.subarray(8);
  if (Math.min(widthPx, heightPx) < MIN_SIDE_PX || Math.max(widthPx, heightPx) > MAX_SIDE_PX)
    throw new PlotRejected(`it is ${widthPx} x ${heightPx} px, need ${MIN_SIDE_PX} to ${MAX_SIDE_PX} a side`);
  if (widthPx * heightPx > MAX_PIXELS)
    throw new PlotRejected(`it has ${widthPx * heightPx} px, at most ${MAX_PIXELS} are taken`);
  if (!DEPTHS[colourType!]?.includes(bitDepth!) || compression !== 0 || filter !== 0 || interlace! > 1)
    throw new PlotRejected("its header names a form that PNG does not have");
  return { widthPx, heightPx, bitDepth: bitDepth!, colourType: colourType!, interlaced: interlace === 1 };
}

function readTime(data: Uint8Array): number | undefined {
  if (data.length !== 7) return undefined;
  const [month, day, hour, minute, second] = data.subarray(2);
  const timeMs = Date.UTC((data[0]! << 8) | data[1]!, month! - 1, day!, hour!, minute!, second!);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The filtered rows, exactly as many bytes as the header asks for. */
function unpack({ header, packed }: Chunks): Uint8Array {
  let expected = 0;
  for (const pass of passesOf(header)) {
    const { columns, rows } = sizeOf(pass, header);
    if (columns > 0) expected += rows * (1 + rowBytes(header, columns));
  }
  if (expected > MAX_UNPACKED_BYTES) throw new PlotRejected("its pixels unpack to more than is taken");
  if (expected > packed.length * MAX_DEFLATE_RATIO) throw new PlotRejected("it holds fewer pixels than it declares");
  let unpacked: Uint8Array;
  try {
    // One buffer of the right size: zlib would else gather the pixels in pieces and copy them.
    unpacked = inflateSync(packed, { maxOutputLength: expected, chunkSize: Math.max(expected, 64) });
  } catch (cause) {
    throw new PlotRejected("its pixels can't be unpacked", { cause });
  }
  if (unpacked.length !== expected) throw new PlotRejected("it holds fewer pixels than it declares");
  return unpacked;
}

function passesOf(header: Header): readonly Pass[] {
  return header.interlaced ? ADAM7 : WHOLE;
}

function sizeOf(pass: Pass, { widthPx, heightPx }: Header): { columns: number; rows: number } {
  return {
    columns: Math.max(0, Math.ceil((widthPx - pass.x0) / pass.stepX)),
    rows: Math.max(0, Math.ceil((heightPx - pass.y0) / pass.stepY)),
  };
}

function bitsPerPixel(header: Header): number {
  return CHANNELS[header.colourType]! * header.bitDepth;
}

function rowBytes(header: Header, columns: number): number {
  return Math.ceil((columns * bitsPerPixel(header)) / 8);
}

/** The usual plot, in place: each row moves up over the filter bytes of the rows before it. */
function unfilterRgb(filtered: Uint8Array, widthPx: number, heightPx: number): Uint8Array {
  const length = 3 * widthPx;
  for (let row = 0; row < heightPx; row++) {
    const from = row * (length + 1);
    unfilterRow(
      filtered[from]!,
      filtered,
      from + 1,
      filtered,
      row * length,
      row === 0 ? -1 : (row - 1) * length,
      length,
      3,
    );
  }
  return filtered.subarray(0, length * heightPx);
}

/** Any picture: unfilters row by row, then lays each pixel over white. */
function toRgb(chunks: Chunks, filtered: Uint8Array): Uint8Array {
  const { header } = chunks;
  // With three or more bytes a pixel a written row never reaches the rows that are still to be read.
  const inPlace = bitsPerPixel(header) >= 24 && !header.interlaced;
  const rgb = inPlace ? filtered : new Uint8Array(3 * header.widthPx * header.heightPx);
  const pixelBytes = Math.max(1, bitsPerPixel(header) >> 3);
  const paint = createPainter({ ...chunks, ...header });
  let from = 0;
  for (const pass of passesOf(header)) {
    const { columns, rows } = sizeOf(pass, header);
    if (columns === 0) continue;
    const length = rowBytes(header, columns);
    const pair = new Uint8Array(2 * length);
    for (let row = 0; row < rows; row++) {
      const at = (row & 1) * length;
      unfilterRow(filtered[from]!, filtered, from + 1, pair, at, row === 0 ? -1 : length - at, length, pixelBytes);
      from += 1 + length;
      const to = 3 * ((pass.y0 + row * pass.stepY) * header.widthPx + pass.x0);
      paint(pair, at, columns, rgb, to, 3 * pass.stepX);
    }
  }
  return rgb.subarray(0, 3 * header.widthPx * header.heightPx);
}
