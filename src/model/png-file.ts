/**
 * A PNG file: its parts, walked once for whoever checks or decodes one (PNG specification, third edition).
 * Owns structure, checksums and limits, so that every refusal names what was found and what was needed.
 */
import { crc32, inflateSync } from "node:zlib";
import { PlotRejected } from "./errors.ts";

export const MIN_SIDE_PX = 16;
export const MAX_SIDE_PX = 8192;
export const MAX_PIXELS = 32_000_000;

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Colour type: samples per pixel and the bit depths that it may have (11.2.1). */
const COLOUR_TYPES: Record<number, { samples: number; depths: readonly number[] }> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};
const PALETTE = 3;

const ADAM7 = [
  { x0: 0, y0: 0, stepX: 8, stepY: 8 },
  { x0: 4, y0: 0, stepX: 8, stepY: 8 },
  { x0: 0, y0: 4, stepX: 4, stepY: 8 },
  { x0: 2, y0: 0, stepX: 4, stepY: 4 },
  { x0: 0, y0: 2, stepX: 2, stepY: 4 },
  { x0: 1, y0: 0, stepX: 2, stepY: 2 },
  { x0: 0, y0: 1, stepX: 1, stepY: 2 },
] as const;
const WHOLE = [{ x0: 0, y0: 0, stepX: 1, stepY: 1 }] as const;

/** Deflate spends at least one byte on this many, so an IDAT too short for its header is known before inflating. */
const MAX_DEFLATE_RATIO = 1032;

export interface PngHeader {
  widthPx: number;
  heightPx: number;
  bitDepth: number;
  colourType: number;
  interlaced: boolean;
}

/** The parts of a file that say what its pixels are. */
export interface PngFile {
  header: PngHeader;
  /** Red, green, blue of each palette entry. */
  palette: Uint8Array | undefined;
  /** Alpha of each palette entry, or the one colour that is transparent. */
  transparency: Uint8Array | undefined;
  /** When the picture was made, ms since 1970, where the file says so (tIME, 11.3.6.1). */
  madeMs: number | undefined;
  /** All IDATs, still deflated. */
  imageData: Uint8Array;
  /** Offset behind IEND. */
  end: number;
}

/**
 * The rows of one of the grids that an interlaced picture is sent in, as they lie in the inflated data, each behind its
 * filter byte; a plain picture is one grid (Adam7, 8.2).
 */
export interface PngPass {
  x0: number;
  y0: number;
  stepX: number;
  stepY: number;
  columns: number;
  rows: number;
  /** Bytes of a row with its filter byte. */
  rowBytes: number;
}

interface Chunk {
  type: string;
  data: Uint8Array;
  /** Offset behind its checksum. */
  end: number;
}

/**
 * Reads the parts of a whole PNG within the limits.
 * @throws {PlotRejected} with what was found and what was needed
 */
export function readPng(bytes: Uint8Array): PngFile {
  checkSignature(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const first = readChunk(bytes, view, SIGNATURE.length);
  return readParts(bytes, view, first.end, readHeader(first));
}

/** The passes of a picture's pixels, in the order of the file. */
export function passesOf({ widthPx, heightPx, bitDepth, colourType, interlaced }: PngHeader): PngPass[] {
  const bitsPerPixel = bitDepth * COLOUR_TYPES[colourType]!.samples;
  // Each side has at least 16 px, so that no pass is empty (an empty one would have no filter bytes).
  return (interlaced ? ADAM7 : WHOLE).map((grid) => {
    const columns = Math.ceil((widthPx - grid.x0) / grid.stepX);
    const rows = Math.ceil((heightPx - grid.y0) / grid.stepY);
    return { ...grid, columns, rows, rowBytes: 1 + Math.ceil((columns * bitsPerPixel) / 8) };
  });
}

/**
 * The filtered rows, exactly as many bytes as the header promises; never allocates more than that.
 * @throws {PlotRejected} with what was found and what was needed
 */
export function unpackPixels({ imageData }: PngFile, passes: readonly PngPass[]): Uint8Array {
  const promised = passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
  if (imageData.length * MAX_DEFLATE_RATIO < promised)
    throw new PlotRejected(`${imageData.length} bytes of IDAT can't hold the ${promised} that the header promises`);
  const pixels = inflate(imageData, promised);
  if (pixels.length !== promised)
    throw new PlotRejected(`IDAT inflates to ${pixels.length} bytes, the header promises ${promised}`);
  return pixels;
}

/** Samples per pixel. */
export function samplesOf({ colourType }: Pick<PngHeader, "colourType">): number {
  return COLOUR_TYPES[colourType]!.samples;
}

function checkSignature(bytes: Uint8Array): void {
  if (SIGNATURE.every((byte, at) => bytes[at] === byte)) return;
  if (bytes.length === 0) throw new PlotRejected("found 0 bytes, need a PNG");
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  const found = /^\s*<(!doctype|html|\?xml|head|body)/i.test(start)
    ? "a page of HTML or XML"
    : bytes[0] === 0xff && bytes[1] === 0xd8
      ? "a JPEG"
      : start.startsWith("\x89PNG".slice(0, bytes.length))
        ? "a damaged or cut-off PNG signature"
        : "no PNG signature";
  throw new PlotRejected(`found ${found} in ${bytes.length} bytes, need a PNG`);
}

function readChunk(bytes: Uint8Array, view: DataView, at: number): Chunk {
  if (at + 12 > bytes.length) throw new PlotRejected(`cut off: it ends at byte ${bytes.length}, before IEND`);
  const length = view.getUint32(at);
  const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
  if (!/^[A-Za-z]{4}$/.test(type)) throw new PlotRejected(`found no chunk name at byte ${at + 4}`);
  const end = at + 12 + length;
  if (end > bytes.length)
    throw new PlotRejected(`cut off: chunk ${type} at byte ${at} needs ${end} bytes, found ${bytes.length}`);
  if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4))
    throw new PlotRejected(`chunk ${type} at byte ${at} doesn't match its checksum`);
  return { type, data: bytes.subarray(at + 8, end - 4), end };
}

function readHeader({ type, data }: Chunk): PngHeader {
  if (type !== "IHDR") throw new PlotRejected(`found chunk ${type} first, need IHDR`);
  if (data.length !== 13) throw new PlotRejected(`found an IHDR of ${data.length} bytes, need 13`);
  const view = new DataView(data.buffer, data.byteOffset);
  const [widthPx, heightPx, bitDepth, colourType] = [
    view.getUint32(0),
    view.getUint32(4),
    view.getUint8(8),
    view.getUint8(9),
  ];
  const size = `${widthPx} x ${heightPx} px`;
  if (Math.min(widthPx, heightPx) < MIN_SIDE_PX || Math.max(widthPx, heightPx) > MAX_SIDE_PX)
    throw new PlotRejected(`found ${size}, need ${MIN_SIDE_PX} to ${MAX_SIDE_PX} px a side`);
  if (widthPx * heightPx > MAX_PIXELS) throw new PlotRejected(`found ${size}, need at most ${MAX_PIXELS} px in all`);
  if (!COLOUR_TYPES[colourType]?.depths.includes(bitDepth))
    throw new PlotRejected(`found colour type ${colourType} with ${bitDepth} bits, which PNG doesn't have`);
  const [compression, filter, interlace] = [view.getUint8(10), view.getUint8(11), view.getUint8(12)];
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw new PlotRejected(
      `found compression ${compression}, filter ${filter}, interlace ${interlace}; need 0, 0 and 0 or 1`,
    );
  return { widthPx, heightPx, bitDepth, colourType, interlaced: interlace === 1 };
}

/** Walks the chunks behind IHDR to IEND, and joins the IDATs. */
function readParts(bytes: Uint8Array, view: DataView, start: number, header: PngHeader): PngFile {
  const parts: Uint8Array[] = [];
  let before = "IHDR";
  let palette: Uint8Array | undefined;
  let transparency: Uint8Array | undefined;
  let madeMs: number | undefined;
  for (let at = start; ;) {
    const { type, data, end } = readChunk(bytes, view, at);
    if (type === "IEND") {
      if (data.length > 0) throw new PlotRejected(`found an IEND of ${data.length} bytes, need 0`);
      if (parts.length === 0) throw new PlotRejected("found no IDAT before IEND");
      const imageData = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      return { header, palette, transparency, madeMs, imageData, end };
    }
    if (type === "IDAT") {
      if (parts.length > 0 && before !== "IDAT") throw new PlotRejected(`found chunk ${before} between IDATs`);
      if (header.colourType === PALETTE && palette === undefined) throw new PlotRejected("found no PLTE before IDAT");
      parts.push(data);
    } else if (type === "PLTE") {
      if (palette !== undefined || parts.length > 0) throw new PlotRejected("found PLTE twice or behind IDAT");
      checkPalette(data, header);
      palette = data;
    } else if (type === "tRNS") {
      transparency ??= data;
    } else if (type === "tIME") {
      madeMs = readTime(data);
    } else if (/^[A-Z]/.test(type)) {
      throw new PlotRejected(`found chunk ${type}, which must be understood and isn't known`);
    }
    before = type;
    at = end;
  }
}

function checkPalette(data: Uint8Array, { colourType, bitDepth }: PngHeader): void {
  if (colourType === 0 || colourType === 4) throw new PlotRejected("found PLTE in a grey picture");
  const most = colourType === PALETTE ? 2 ** bitDepth : 256;
  const colours = data.length / 3;
  if (!Number.isInteger(colours) || colours < 1 || colours > most)
    throw new PlotRejected(`found a PLTE of ${data.length} bytes, need 3 for each of 1 to ${most} colours`);
}

function readTime(data: Uint8Array): number | undefined {
  if (data.length !== 7) return undefined;
  const [month, day, hour, minute, second] = data.subarray(2);
  const timeMs = Date.UTC((data[0]! << 8) | data[1]!, month! - 1, day!, hour!, minute!, second!);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function inflate(imageData: Uint8Array, promised: number): Uint8Array {
  try {
    // One chunk for the whole output: zlib fills it in place, and some bytes to spare keep it from asking for a second.
    return inflateSync(imageData, { maxOutputLength: promised, chunkSize: promised + 64 });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE")
      throw new PlotRejected(`IDAT inflates to more than the ${promised} bytes that the header promises`, { cause });
    if (code === "Z_DATA_ERROR" || code === "Z_BUF_ERROR" || code === "Z_NEED_DICT")
      throw new PlotRejected(`IDAT can't be inflated (${message})`, { cause });
    throw cause;
  }
}
