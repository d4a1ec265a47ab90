/**
 * Cut sides: a plot may go on beyond where its picture ends, or under a strip of one colour or of noise.
 * Owns what tells such an end from that of an axis.
 */
import { colourKey } from "./ink-colour.ts";
import { lumaAt } from "./ink.ts";
import type { Raster } from "./png.ts";

/** A line that is blended over two columns has ended so far beyond its end. */
const BESIDE_PX = 2;
/** More than this share of a column of noise differs so much, in levels, from the pixels above: some eight in ten do. */
const NOISE_SHARE = 0.6;
const NOISE_STEP = 16;

/** How many of a picture's columns, from its left, are no strip of noise over its right: lines seem to go on in noise. */
export function shownWidth(raster: Raster): number {
  let shownPx = raster.widthPx;
  while (shownPx > 1 && isNoise(raster, shownPx - 1)) shownPx--;
  return shownPx;
}

/**
 * Does what is shown end at a column, or is all that follows of one colour from the picture's top to its bottom, and not
 * that of its margins? Any of these may be damaged, too, but hardly all at once.
 */
export function isCutAt({ rgb, widthPx, heightPx }: Raster, column: number, shownPx: number): boolean {
  const next = column + BESIDE_PX;
  if (next >= shownPx) return true;
  const colour = colourKey(rgb, 3 * next);
  for (let row = 1; row < heightPx; row++) if (colourKey(rgb, 3 * (row * widthPx + next)) !== colour) return false;
  return [0, heightPx - 1].every((row) =>
    [0, column >> 1].every((beside) => colourKey(rgb, 3 * (row * widthPx + beside)) !== colour),
  );
}

/** Do nearly all pixels of a column differ from those above them? Text and hatching leave as many that don't. */
function isNoise({ rgb, widthPx, heightPx }: Raster, column: number): boolean {
  let differing = 0;
  for (let row = 1; row < heightPx; row++) {
    const at = 3 * (row * widthPx + column);
    if (Math.abs(lumaAt(rgb, at) - lumaAt(rgb, at - 3 * widthPx)) >= NOISE_STEP) differing++;
  }
  return differing > NOISE_SHARE * heightPx;
}
