/**
 * Ink: how much of each pixel of a region is text rather than ground, whatever the two colours are.
 * Owns contrast, and the pieces that hang together; what they mean is left to `text`.
 */
import { endOfEven, evenWords, wordsOf } from "./even-pixels.ts";
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

/** The ink in a region, which is cut to the picture, and to what is sound of it. */
export function inkOf(raster: Raster, region: PixelBox): Ink {
  const { rgb } = raster;
  const { leftPx, topPx, widthPx, heightPx, contrast } = soundPart(raster, {
    leftPx: Math.max(0, region.leftPx),
    topPx: Math.max(0, region.topPx),
    rightPx: Math.min(raster.widthPx - 1, region.rightPx),
    bottomPx: Math.min(raster.heightPx - 1, region.bottomPx),
  });
  const { scale, groundAt } = contrast;
  const ink = new Uint8Array(widthPx * heightPx);
  // Most of every margin is ground.
  const [first, second, third] = evenWords(rgb, groundAt);
  const words = wordsOf(rgb);
  for (let y = 0, to = 0; y < heightPx; y++) {
    const start = 3 * ((topPx + y) * raster.widthPx + leftPx);
    const end = start + 3 * widthPx;
    for (let at = start; at < end; at += 3) {
      if (words !== undefined && (at & 3) === 0) {
        const next = endOfEven(words, at, end, first, second, third);
        to += (next - at) / 3;
        at = next;
        if (at >= end) break;
      }
      ink[to++] = scale[lumaAt(rgb, at)]!;
    }
  }
  return { leftPx, topPx, widthPx, heightPx, ink };
}

/** How far damage reaches into the picture, and the share of a row or column there that it takes. */
const MOST_DAMAGED_PX = 24;
const DAMAGED_SHARE = 0.5;

/** A region without the stained rows and columns along the picture's own edges, and its contrast. */
function soundPart(raster: Raster, region: PixelBox) {
  const measure = ({ leftPx, topPx, rightPx, bottomPx }: PixelBox) => {
    const [widthPx, heightPx] = [Math.max(0, rightPx - leftPx + 1), Math.max(0, bottomPx - topPx + 1)];
    return { leftPx, topPx, widthPx, heightPx, contrast: contrastOf(raster, leftPx, topPx, widthPx, heightPx) };
  };
  const whole = measure(region);
  const { scale } = whole.contrast;
  const damaged = (isEdge: boolean, fromPx: number, step: number, isLevel: boolean): number => {
    let count = 0;
    while (isEdge && count <= MOST_DAMAGED_PX && isStained(raster, region, scale, fromPx + step * count, isLevel))
      count++;
    return count <= MOST_DAMAGED_PX ? count : 0;
  };
  const { leftPx, topPx, rightPx, bottomPx } = region;
  const sound = {
    topPx: topPx + damaged(topPx === 0, topPx, 1, true),
    bottomPx: bottomPx - damaged(bottomPx === raster.heightPx - 1, bottomPx, -1, true),
    leftPx: leftPx + damaged(leftPx === 0, leftPx, 1, false),
    rightPx: rightPx - damaged(rightPx === raster.widthPx - 1, rightPx, -1, false),
  };
  const isWhole =
    sound.topPx === topPx && sound.bottomPx === bottomPx && sound.leftPx === leftPx && sound.rightPx === rightPx;
  return isWhole ? whole : measure(sound);
}

/** Is most of a region's row or column ink? No line of text is. */
function isStained(
  { rgb, widthPx }: Raster,
  { leftPx, topPx, rightPx, bottomPx }: PixelBox,
  scale: Uint8Array,
  atPx: number,
  isLevel: boolean,
): boolean {
  const [from, to, most] = isLevel ? [leftPx, rightPx, bottomPx] : [topPx, bottomPx, rightPx];
  if (atPx > most || to < from) return false;
  let inked = 0;
  for (let along = from; along <= to; along++) {
    const at = 3 * (isLevel ? atPx * widthPx + along : along * widthPx + atPx);
    if (scale[lumaAt(rgb, at)]! >= INK_THRESHOLD) inked++;
  }
  return inked > DAMAGED_SHARE * (to - from + 1);
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
  let [white, whiteAt] = [0, 0];
  for (let y = 0, x = 0; y < heightPx; y++, x -= widthPx) {
    const start = 3 * ((topPx + y) * rasterPx + leftPx);
    for (; x < widthPx; x += LUMA_STEP) {
      const at = start + 3 * x;
      if ((rgb[at]! & rgb[at + 1]! & rgb[at + 2]!) === 255) {
        white++;
        whiteAt = at;
        continue;
      }
      const luma = lumaAt(rgb, at);
      counts[luma]!++;
      places[luma] = at;
    }
  }
  counts[255] = white;
  places[255] = whiteAt;
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

/** A region in more pieces than this, those of one piece that were found apart included, is noise. */
const MOST_PIECES = 100_000;

/**
 * The pieces of ink of at least `threshold` that touch, in the order of their first pixels.
 * A higher threshold, at which corners don't count as touching, parts what is printed too close.
 * None where there are too many of them to be anything but noise.
 * Row by row: a run of inked pixels belongs to the piece of those that it touches in the row above.
 */
export function findBlobs({ ink, widthPx, heightPx }: Ink, threshold: number = INK_THRESHOLD): Blob[] {
  const reach = threshold <= INK_THRESHOLD ? 1 : 0;
  const words = new Uint32Array(ink.buffer, 0, ink.length >> 2);
  const blobs: Blob[] = [];
  /** Of each piece, the earlier one that it turned out to be part of; itself where there is none. */
  const partOf: number[] = [];
  const whole = (piece: number): number => {
    // Each step halves the way for the next who asks, since a comb's teeth make a chain as long as itself.
    while (partOf[piece] !== piece) piece = partOf[piece] = partOf[partOf[piece]!]!;
    return piece;
  };
  // Runs of this row and of the one above: first pixel, last pixel, piece.
  let above = new Int32Array(3 * Math.ceil(widthPx / 2));
  let runs = new Int32Array(above.length);
  let aboveCount = 0;
  for (let y = 0; y < heightPx; y++) {
    const start = y * widthPx;
    const end = start + widthPx;
    let count = 0;
    let next = 0;
    for (let at = start; at < end; at++) {
      // Most of a margin is blank: four pixels at a time.
      if ((at & 3) === 0) {
        while (at + 4 <= end && words[at >> 2] === 0) at += 4;
        if (at >= end) break;
      }
      if (ink[at]! < threshold) continue;
      const left = at - start;
      while (at + 1 < end && ink[at + 1]! >= threshold) at++;
      const right = at - start;
      let own = -1;
      while (next < aboveCount && above[next + 1]! < left - reach) next += 3;
      for (let run = next; run < aboveCount && above[run]! <= right + reach; run += 3) {
        const other = whole(above[run + 2]!);
        if (own >= 0 && own !== other) partOf[Math.max(own, other)] = Math.min(own, other);
        own = own < 0 ? other : Math.min(own, other);
      }
      if (own < 0) {
        own = blobs.length;
        if (own === MOST_PIECES) return [];
        partOf.push(own);
        blobs.push({ left, top: y, right, bottom: y });
      } else {
        const blob = blobs[own]!;
        if (left < blob.left) blob.left = left;
        if (right > blob.right) blob.right = right;
        blob.bottom = y;
      }
      runs[count] = left;
      runs[count + 1] = right;
      runs[count + 2] = own;
      count += 3;
    }
    [above, runs] = [runs, above];
    aboveCount = count;
  }
  for (let piece = blobs.length - 1; piece > 0; piece--) {
    if (partOf[piece] === piece) continue;
    const [blob, into] = [blobs[piece]!, blobs[partOf[piece]!]!];
    into.left = Math.min(into.left, blob.left);
    into.right = Math.max(into.right, blob.right);
    into.bottom = Math.max(into.bottom, blob.bottom);
  }
  return blobs.filter((_, piece) => partOf[piece] === piece);
}
