/**
 * Coloured pixels: those inside the frame that aren't grey, of which any coloured line is made.
 * Owns the search, once a picture; what they are is left to `coloured-ink`.
 */
import type { PlotReading } from "./calibration.ts";
import { endOfEven, wordsOf } from "./even-pixels.ts";
import { colourKey } from "./ink-colour.ts";
import type { Raster } from "./png.ts";

/** Tints below this are the traces of lossy copying. */
const TINT_CHROMA = 8;
/** Share of tinted greys among all that isn't grey: a lossless plot has next to none. */
const LOSSY_SHARE = 0.2;
const LEAST_TINTED = 400;
/** A shade that so many of the tinted pixels have is the ground's; the tints of copying are of many shades. */
const GROUND_SHARE = 0.3;
/** Times a byte: that byte four times. */
const FOUR_BYTES = 0x0101_0101;
/** A picture with more coloured pixels than this is no plot. */
const MOST_PIXELS = 1_500_000;
const FEW_PIXELS = 16_384;

/** Pixels inside the frame that aren't grey. */
export interface Coloured {
  /** Where each lies in `rgb`. */
  pixels: Int32Array;
  /** Largest less smallest channel. */
  chromas: Uint8Array;
}

const NOTHING: Coloured = { pixels: new Int32Array(0), chromas: new Uint8Array(0) };
/** Kept from plot to plot, as large as the most coloured one of them needed: some ten thousand pixels. */
let kept = NOTHING;

/** Makes room for twice as many pixels; false where they are no plot's any more. */
function enlarge(count: number): boolean {
  if (count >= MOST_PIXELS) return false;
  const { pixels, chromas } = kept;
  const room = Math.min(MOST_PIXELS, Math.max(FEW_PIXELS, 2 * count));
  kept = { pixels: new Int32Array(room), chromas: new Uint8Array(room) };
  kept.pixels.set(pixels);
  kept.chromas.set(chromas);
  return true;
}

/** Valid until the next picture is looked at. */
export function listColoured({ rgb, widthPx }: Raster, reading: PlotReading): Coloured {
  const { leftPx, topPx, rightPx, bottomPx } = reading.calibration.plotArea;
  let count = 0;
  // Most of a plot is white, and its watermark of even grey.
  const words = wordsOf(rgb);
  for (let y = topPx + 1; y < bottomPx; y++) {
    const end = 3 * (y * widthPx + rightPx);
    for (let at = 3 * (y * widthPx + leftPx + 1); at < end; at += 3) {
      const green = rgb[at + 1]!;
      const red = rgb[at]!;
      const blue = rgb[at + 2]!;
      if (red === green && green === blue) {
        if (words === undefined || (at & 3) !== 0) continue;
        const next = endOfEven(words, at, end, Math.imul(red, FOUR_BYTES));
        if (next > at) at = next - 3;
        continue;
      }
      if (count === kept.pixels.length && !enlarge(count)) return { pixels: NOTHING.pixels, chromas: NOTHING.chromas };
      kept.pixels[count] = at;
      kept.chromas[count++] = Math.max(red, green, blue) - Math.min(red, green, blue);
    }
  }
  return { pixels: kept.pixels.subarray(0, count), chromas: kept.chromas.subarray(0, count) };
}

/**
 * A lossy copy (a JPEG made a PNG again) leaves faint tints, of many shades, around everything that is drawn. A
 * shade that a good part of them has is that of a tinted ground.
 */
export function isLossy({ rgb }: Raster, { pixels, chromas }: Coloured): boolean {
  const shades = new Map<number, number>();
  let tinted = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (chromas[i]! > TINT_CHROMA) continue;
    tinted++;
    const at = pixels[i]!;
    const shade = colourKey(rgb, at);
    shades.set(shade, (shades.get(shade) ?? 0) + 1);
  }
  const grounds = [...shades.values()]
    .filter((count) => count > LEAST_TINTED && count > GROUND_SHARE * tinted)
    .reduce((sum, count) => sum + count, 0);
  return tinted - grounds > LEAST_TINTED && tinted - grounds > LOSSY_SHARE * (pixels.length - grounds);
}
