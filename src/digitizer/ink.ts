/**
 * Ink: how much of each pixel of a region is text rather than ground, whatever the two colours are.
 * Owns contrast, and the pieces that hang together; what they mean is left to `text`.
 */
import type { PixelBox } from "./calibration.ts";
import type { Raster } from "./png.ts";

/** A region of the picture as ink: 0 is ground, 255 the full colour of its text. */
export interface Ink {
  leftPx: number;
  topPx: number;
  widthPx: number;
  heightPx: number;
  ink: Uint8Array;
}

/** Ink from here on belongs to a glyph. Low, so that a thin stroke shared by two pixel columns stays whole. */
export const INK_THRESHOLD = 92;
/** Less contrast to the ground than this is a watermark or the noise of a lossy copy. */
const MIN_CONTRAST = 48;
/** Full ink is the contrast that this share of all inked pixels doesn't exceed, so that stray dots don't set it. */
const FULL_INK_SHARE = 0.85;

/** Weights of red, green and blue in 256ths: near to what the eye sees (Rec. 601). */
export function lumaAt(rgb: Uint8Array, at: number): number {
  return (77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8;
}

/** The ink in a region, which is cut to the picture. */
export function inkOf(raster: Raster, region: PixelBox): Ink {
  const leftPx = Math.max(0, region.leftPx);
  const topPx = Math.max(0, region.topPx);
  const widthPx = Math.max(0, Math.min(raster.widthPx - 1, region.rightPx) - leftPx + 1);
  const heightPx = Math.max(0, Math.min(raster.heightPx - 1, region.bottomPx) - topPx + 1);
  const ink = new Uint8Array(widthPx * heightPx);
  const counts = new Uint32Array(256);
  for (let y = 0, to = 0; y < heightPx; y++) {
    let at = 3 * ((topPx + y) * raster.widthPx + leftPx);
    for (let x = 0; x < widthPx; x++, at += 3, to++) {
      const luma = lumaAt(raster.rgb, at);
      ink[to] = luma;
      counts[luma]!++;
    }
  }
  const scale = contrastScale(counts);
  for (let i = 0; i < ink.length; i++) ink[i] = scale[ink[i]!]!;
  return { leftPx, topPx, widthPx, heightPx, ink };
}

/** Ink of each luma: its distance from the ground, which is the commonest luma. */
function contrastScale(counts: Uint32Array): Uint8Array {
  let ground = 0;
  for (let luma = 1; luma < 256; luma++) if (counts[luma]! > counts[ground]!) ground = luma;
  const byContrast = new Uint32Array(256);
  let inked = 0;
  for (let luma = 0; luma < 256; luma++) {
    const contrast = Math.abs(luma - ground);
    if (contrast < MIN_CONTRAST) continue;
    byContrast[contrast]! += counts[luma]!;
    inked += counts[luma]!;
  }
  let full = MIN_CONTRAST;
  for (let seen = 0; full < 255; full++) {
    seen += byContrast[full]!;
    if (seen > FULL_INK_SHARE * inked) break;
  }
  return Uint8Array.from({ length: 256 }, (_, luma) =>
    Math.min(255, Math.round((255 * Math.abs(luma - ground)) / full)),
  );
}

/** A piece of ink that hangs together. Sides are relative to its region and belong to it. */
export interface Blob {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The pieces of ink of at least `threshold` that touch, in the order of their first pixels.
 * A higher threshold, at which corners don't count as touching, parts what is printed too close.
 */
export function findBlobs({ ink, widthPx, heightPx }: Ink, threshold: number = INK_THRESHOLD): Blob[] {
  const atCorners = threshold <= INK_THRESHOLD;
  const seen = new Uint8Array(ink.length);
  const blobs: Blob[] = [];
  const stack: number[] = [];
  for (let start = 0; start < ink.length; start++) {
    if (ink[start]! < threshold || seen[start] === 1) continue;
    const x0 = start % widthPx;
    const y0 = (start - x0) / widthPx;
    const blob: Blob = { left: x0, top: y0, right: x0, bottom: y0 };
    seen[start] = 1;
    stack.push(start);
    while (stack.length > 0) {
      const at = stack.pop()!;
      const x = at % widthPx;
      const y = (at - x) / widthPx;
      if (x < blob.left) blob.left = x;
      if (x > blob.right) blob.right = x;
      if (y < blob.top) blob.top = y;
      if (y > blob.bottom) blob.bottom = y;
      const [fromX, toX] = [x > 0 ? -1 : 0, x + 1 < widthPx ? 1 : 0];
      for (let dy = y > 0 ? -1 : 0; dy <= (y + 1 < heightPx ? 1 : 0); dy++) {
        for (let dx = fromX; dx <= toX; dx++) {
          const next = at + dy * widthPx + dx;
          if (seen[next] === 1 || ink[next]! < threshold || (!atCorners && dx !== 0 && dy !== 0)) continue;
          seen[next] = 1;
          stack.push(next);
        }
      }
    }
    blobs.push(blob);
  }
  return blobs;
}
