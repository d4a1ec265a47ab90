/**
 * Ink colours: what colour rows have, and what colour the curve is drawn in.
 */
import type { PlotArea } from "../model/plot.ts";
import type { Raster } from "./png.ts";

/** Red, green, blue; 0 to 255. */
export type Colour = readonly [number, number, number];

/** Pixels of a row that are enough to tell its colour. */
const ROW_PIXELS = 120;
/** A colour that so many of them share is the row's own. */
const COMMON_SHARE = 0.2;
/** The upper five bits of each channel. */
const COARSE = 0xf8f8f8;

/** A pixel's colour as one number, to count it by. @param at of its red in `rgb` */
export function colourKey(rgb: Uint8Array, at: number): number {
  return (rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!;
}

/** Brightness from 0 to 255 (Rec. 601). */
export function lumaOf(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/**
 * The colour that most pixels of a row inside the frame have, by a part of them. The median won't do: a noisy line
 * may leave ink on most pixels of a row, but each of another shade.
 * @param leastLuma darker pixels are left aside: they are the line
 * @returns black where all are left aside
 */
export function rowColour({ rgb, widthPx }: Raster, area: PlotArea, row: number, leastLuma = 0): Colour {
  const step = Math.max(1, Math.floor((area.rightPx - area.leftPx) / ROW_PIXELS));
  const exact = new Map<number, number>();
  const coarse = new Map<number, number>();
  let looked = 0;
  for (let column = area.leftPx + 1; column < area.rightPx; column += step) {
    const at = 3 * (row * widthPx + column);
    if (lumaOf(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!) < leastLuma) continue;
    const key = colourKey(rgb, at);
    looked++;
    exact.set(key, (exact.get(key) ?? 0) + 1);
  }
  if (looked === 0) return [0, 0, 0];
  const commonest = mostOf(exact);
  if (exact.get(commonest)! > COMMON_SHARE * looked) return toColour(commonest);
  // A lossy copy spreads each colour over some near ones.
  for (const [key, count] of exact) coarse.set(key & COARSE, (coarse.get(key & COARSE) ?? 0) + count);
  const bin = mostOf(coarse);
  return toColour(mostOf(new Map([...exact].filter(([key]) => (key & COARSE) === bin))));
}

function mostOf(counts: ReadonlyMap<number, number>): number {
  let [most, best] = [0, 0];
  for (const [key, count] of counts) if (count > most) [most, best] = [count, key];
  return best;
}

export function toColour(key: number): Colour {
  return [key >> 16, (key >> 8) & 255, key & 255];
}

/**
 * The colour of wholly covered pixels: the mean of those at and just below the strength that a small share of all
 * ink pixels reaches.
 * @param strengths of each ink pixel, 0 to 255
 * @param pixels where each lies in `rgb`
 */
export function strongestColour(
  { rgb }: Raster,
  pixels: ArrayLike<number>,
  strengths: ArrayLike<number>,
  share: number,
): Colour {
  const counts = new Uint32Array(256);
  for (let i = 0; i < strengths.length; i++) counts[strengths[i]!]!++;
  let strong = 255;
  for (let reached = 0; strong > 0; strong--) {
    reached += counts[strong]!;
    if (reached > 0 && reached >= share * strengths.length) break;
  }
  let count = 0;
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < pixels.length; i++) {
    if (Math.abs(strengths[i]! - strong) > 2) continue;
    count++;
    for (let channel = 0; channel < 3; channel++) sum[channel]! += rgb[pixels[i]! + channel]!;
  }
  return [sum[0] / count, sum[1] / count, sum[2] / count];
}

/** How far the colours of two pixels are apart, by the sum of their levels. Takes their bytes' places. */
export function differ(rgb: Uint8Array, a: number, b: number): number {
  return Math.abs(rgb[a]! - rgb[b]!) + Math.abs(rgb[a + 1]! - rgb[b + 1]!) + Math.abs(rgb[a + 2]! - rgb[b + 2]!);
}
