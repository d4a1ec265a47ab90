/**
 * Ink colours: what colour rows have, and what colour the curve is drawn in.
 */
import type { PlotArea } from "../model/plot.ts";
import type { Raster } from "./png.ts";

/** Red, green, blue; 0 to 255. */
export type Colour = readonly [number, number, number];

/** Pixels of a row that are enough to tell its colour. */
const ROW_PIXELS = 60;

/** The median colour of a row inside the frame, by a part of its pixels. */
export function rowColour({ rgb, widthPx }: Raster, area: PlotArea, row: number): Colour {
  const width = area.rightPx - area.leftPx - 1;
  const step = Math.max(1, Math.floor(width / ROW_PIXELS));
  const median = (channel: number): number => {
    const values = new Uint8Array(Math.floor((width - 1) / step) + 1);
    for (let i = 0; i < values.length; i++)
      values[i] = rgb[3 * (row * widthPx + area.leftPx + 1 + i * step) + channel]!;
    return values.sort()[values.length >> 1]!;
  };
  return [median(0), median(1), median(2)];
}

/**
 * The colour of wholly covered pixels: the mean of those at and just below the strength that a small share of all
 * ink pixels reaches.
 * @param strengths of each ink pixel, 0 to 255
 * @param pixels where each lies in `rgb`
 */
export function strongestColour(
  { rgb }: Raster,
  pixels: readonly number[],
  strengths: readonly number[],
  share: number,
): Colour {
  const counts = new Uint32Array(256);
  for (const strength of strengths) counts[strength]!++;
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
