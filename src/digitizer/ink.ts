/**
 * Ink: how much of each pixel of a region is text rather than ground, whatever the two colours are.
 * Owns contrast, and the pieces that hang together; what they mean is left to `text`.
 */
import type { PixelBox, Raster } from "./png.ts";

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
/** Keeps thin strokes whole that are drawn faintly. */
export const FAINT_INK_THRESHOLD = 55;
/** Parts characters that touch. */
export const CLOSE_INK_THRESHOLD = 165;
/** Less contrast to the ground than this is a watermark or the noise of a lossy copy. */
const MIN_CONTRAST = 48;
/** Full ink is the contrast that this share of all inked pixels doesn't exceed, so that stray dots don't set it. */
const FULL_INK_SHARE = 0.85;

const LUMA_STEP = 7;

/** Weights of red, green and blue in 256ths: near to what the eye sees (Rec. 601). */
export function lumaAt(rgb: Uint8Array, at: number): number {
  return (77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8;
}

/** The ink in a region, which is cut to the picture. */
export function inkOf(raster: Raster, region: PixelBox): Ink {
  const { rgb } = raster;
  const leftPx = Math.max(0, region.leftPx);
  const topPx = Math.max(0, region.topPx);
  const widthPx = Math.max(0, Math.min(raster.widthPx - 1, region.rightPx) - leftPx + 1);
  const heightPx = Math.max(0, Math.min(raster.heightPx - 1, region.bottomPx) - topPx + 1);
  const ink = new Uint8Array(widthPx * heightPx);
  const { scale, groundAt } = contrastOf(raster, leftPx, topPx, widthPx, heightPx);
  const [first, second, third] = wordsOfGround(rgb, groundAt);
  // Most of every margin is ground: four such pixels are three words, where the bytes lie at whole words.
  const words = new Uint32Array(rgb.buffer, rgb.byteOffset & ~3, rgb.byteOffset % 4 === 0 ? rgb.length >> 2 : 0);
  for (let y = 0, to = 0; y < heightPx; y++) {
    const start = 3 * ((topPx + y) * raster.widthPx + leftPx);
    const end = start + 3 * widthPx;
    for (let at = start; at < end;) {
      if ((at & 3) === 0) {
        let word = at >> 2;
        while (at + 12 <= end && words[word] === first && words[word + 1] === second && words[word + 2] === third) {
          word += 3;
          at += 12;
          to += 4;
        }
        if (at >= end) break;
      }
      ink[to++] = scale[(77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8]!;
      at += 3;
    }
  }
  return { leftPx, topPx, widthPx, heightPx, ink };
}

/** Four pixels of the ground's colour, as words. */
function wordsOfGround(rgb: Uint8Array, groundAt: number): Uint32Array {
  return new Uint32Array(Uint8Array.from({ length: 12 }, (_, i) => rgb[groundAt + (i % 3)]!).buffer);
}

/**
 * The ink of each luma: its distance from the ground, which is the commonest luma. Where a pixel of the ground begins.
 * A part of the pixels tells, in steps that no letter repeats in.
 */
function contrastOf(
  { rgb, widthPx: rasterPx }: Raster,
  leftPx: number,
  topPx: number,
  widthPx: number,
  heightPx: number,
): { scale: Uint8Array; groundAt: number } {
  const counts = new Uint32Array(256);
  const places = new Uint32Array(256);
  for (let y = 0, x = 0; y < heightPx; y++, x -= widthPx) {
    const start = 3 * ((topPx + y) * rasterPx + leftPx);
    for (; x < widthPx; x += LUMA_STEP) {
      const luma = lumaAt(rgb, start + 3 * x);
      counts[luma]!++;
      places[luma] = start + 3 * x;
    }
  }
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
  const scale = new Uint8Array(256);
  for (let luma = 0; luma < 256; luma++)
    scale[luma] = Math.min(255, Math.round((255 * Math.abs(luma - ground)) / full));
  return { scale, groundAt: places[ground]! };
}

/** A piece of ink that hangs together. Sides are relative to its region and belong to it. */
export interface Blob {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Kept from region to region, up to so many pixels: fresh memory costs more than to clear it. */
const KEPT_PIXELS = 1_000_000;
let kept = new Uint8Array(0);

/** Zero for each pixel; valid until the next pieces are looked for. */
function blankMarks(pixels: number): Uint8Array {
  if (pixels > KEPT_PIXELS) return new Uint8Array(pixels);
  if (kept.length < pixels) return (kept = new Uint8Array(pixels));
  return kept.subarray(0, pixels).fill(0);
}

/**
 * The pieces of ink of at least `threshold` that touch, in the order of their first pixels.
 * A higher threshold, at which corners don't count as touching, parts what is printed too close.
 */
export function findBlobs({ ink, widthPx, heightPx }: Ink, threshold: number = INK_THRESHOLD): Blob[] {
  const atCorners = threshold <= INK_THRESHOLD;
  const seen = blankMarks(ink.length);
  const blobs: Blob[] = [];
  const stack: number[] = [];
  const visit = (at: number): void => {
    if (seen[at] === 1 || ink[at]! < threshold) return;
    seen[at] = 1;
    stack.push(at);
  };
  const words = new Uint32Array(ink.buffer, 0, ink.length >> 2);
  for (let start = 0; start < ink.length; start++) {
    // Most of a margin is blank: four pixels at a time.
    if ((start & 3) === 0) {
      let word = start >> 2;
      while (words[word] === 0) word++;
      start = 4 * word;
    }
    if (start >= ink.length) break;
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
      const left = x > 0;
      const right = x + 1 < widthPx;
      if (left) visit(at - 1);
      if (right) visit(at + 1);
      if (y > 0) {
        visit(at - widthPx);
        if (left && atCorners) visit(at - widthPx - 1);
        if (right && atCorners) visit(at - widthPx + 1);
      }
      if (y + 1 < heightPx) {
        visit(at + widthPx);
        if (left && atCorners) visit(at + widthPx - 1);
        if (right && atCorners) visit(at + widthPx + 1);
      }
    }
    blobs.push(blob);
  }
  return blobs;
}
