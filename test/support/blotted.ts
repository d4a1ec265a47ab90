/** Plots with blots on them, as no server should send them. */
import { decode, encode } from "fast-png";

export interface Blot {
  left: number;
  top: number;
  wide: number;
  high: number;
  grey: number;
  /** Every pixel of another colour, in place of one grey. */
  noisy: boolean;
}

/** Covers parts of a picture of three channels with grey, or with noise. */
export function blotted(png: Uint8Array, blots: readonly Blot[]): Uint8Array {
  const { width, height, data } = decode(png);
  for (const { left, top, wide, high, grey, noisy } of blots)
    for (let y = top; y < Math.min(height, top + high); y++)
      for (let x = left; x < Math.min(width, left + wide); x++)
        for (let channel = 0; channel < 3; channel++)
          data[3 * (y * width + x) + channel] = noisy
            ? (grey + x * 131 + y * 197 + channel * 89 + x * y * 7) % 256
            : grey;
  return encode({ width, height, data, channels: 3, depth: 8 });
}
