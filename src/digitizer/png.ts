/**
 * PNG: the bytes of a plot to its pixels.
 * Owns decoding, and is safe on any bytes at all: the model's `png-file` refuses what isn't whole or within the limits.
 * The platform's zlib and our own unfiltering measure better than the libraries, and keep memory to one picture.
 */
import { PlotRejected } from "../model/errors.ts";
import {
  MAX_PIXELS,
  MAX_SIDE_PX,
  passesOf,
  type PngFile,
  type PngPass,
  readPng,
  samplesOf,
  unpackPixels,
} from "../model/png-file.ts";
import { createPainter, unfilterRow } from "./png-rows.ts";

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

/**
 * Decodes a PNG of any colour type, bit depth and interlacing.
 * @throws {PlotRejected} when the bytes aren't a whole PNG of 16 to 8192 px a side and at most 32 million px
 */
export function decodePng(bytes: Uint8Array): Raster {
  const file = readPng(bytes);
  const { widthPx, heightPx, colourType, bitDepth, interlaced } = file.header;
  const passes = passesOf(file.header);
  const promised = passes.reduce((sum, { rows, rowBytes }) => sum + rows * rowBytes, 0);
  if (promised > MAX_UNPACKED_BYTES)
    throw new PlotRejected(`its pixels unpack to ${promised} bytes, at most ${MAX_UNPACKED_BYTES} are taken`);
  const unpacked = unpackPixels(file, passes);
  const isPlainRgb = colourType === 2 && bitDepth === 8 && !interlaced && file.transparency === undefined;
  const rgb = isPlainRgb ? unfilterRgb(unpacked, widthPx, heightPx) : toRgb(file, passes, unpacked);
  return { widthPx, heightPx, rgb, madeMs: file.madeMs };
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
function toRgb(file: PngFile, passes: readonly PngPass[], filtered: Uint8Array): Uint8Array {
  const { header } = file;
  const bitsPerPixel = samplesOf(header) * header.bitDepth;
  // With three or more bytes a pixel a written row never reaches the rows that are still to be read.
  const inPlace = bitsPerPixel >= 24 && !header.interlaced;
  const rgb = inPlace ? filtered : new Uint8Array(3 * header.widthPx * header.heightPx);
  const pixelBytes = Math.max(1, bitsPerPixel >> 3);
  const paint = createPainter({ ...file, ...header });
  let from = 0;
  for (const { x0, y0, stepX, stepY, columns, rows, rowBytes } of passes) {
    const length = rowBytes - 1;
    const pair = new Uint8Array(2 * length);
    for (let row = 0; row < rows; row++) {
      const at = (row & 1) * length;
      unfilterRow(filtered[from]!, filtered, from + 1, pair, at, row === 0 ? -1 : length - at, length, pixelBytes);
      from += rowBytes;
      paint(pair, at, columns, rgb, 3 * ((y0 + row * stepY) * header.widthPx + x0), 3 * stepX);
    }
  }
  return rgb.subarray(0, 3 * header.widthPx * header.heightPx);
}
