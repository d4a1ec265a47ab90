/**
 * Is it a whole PNG? Owns the check that every plot passes before it is kept or read (PNG specification, third edition).
 * Looks at structure, checksums and sizes; what the picture shows is the digitizer's business.
 */
import { PlotRejected } from "./errors.ts";
import { passesOf, readPng, unpackPixels } from "./png-file.ts";

export interface CheckedPng {
  widthPx: number;
  heightPx: number;
  /** From the signature to the end of IEND. */
  sizeBytes: number;
  /** After IEND: no part of the picture, and harmless. */
  trailingBytes: number;
}

/**
 * Checks that the bytes are a whole PNG within the limits. Never allocates more than the header promises.
 * @throws {PlotRejected} with what was found and what was needed
 */
export function checkPng(bytes: Uint8Array): CheckedPng {
  const file = readPng(bytes);
  const passes = passesOf(file.header);
  const pixels = unpackPixels(file, passes);
  let at = 0;
  for (const { rows, rowBytes } of passes)
    for (let row = 0; row < rows; row++, at += rowBytes)
      if (pixels[at]! > 4)
        throw new PlotRejected(`found filter ${pixels[at]} at byte ${at} of the pixels, need 0 to 4`);
  const { widthPx, heightPx } = file.header;
  return { widthPx, heightPx, sizeBytes: file.end, trailingBytes: bytes.length - file.end };
}
