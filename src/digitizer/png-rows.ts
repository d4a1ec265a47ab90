/**
 * PNG rows: from filtered bytes to samples, and from samples of any kind to red, green and blue over white.
 * Owns what a row is; `png` finds the rows in the file.
 */
import { PlotRejected } from "../model/errors.ts";
import { samplesOf } from "../model/png-file.ts";

/** What the samples of a picture mean. */
export interface SampleForm {
  bitDepth: number;
  colourType: number;
  /** Red, green, blue of each palette entry. */
  palette: Uint8Array | undefined;
  /** Alpha of each palette entry, or the one colour that is transparent. */
  transparency: Uint8Array | undefined;
}

/** Undoes one row's filter (PNG specification, 9.2). `priorAt` is where the row above lies in `to`; -1: there is none. */
export function unfilterRow(
  filter: number,
  from: Uint8Array,
  fromAt: number,
  to: Uint8Array,
  toAt: number,
  priorAt: number,
  length: number,
  pixelBytes: number,
): void {
  if (filter > 4) throw new PlotRejected("a row of it has an unknown filter");
  if (from === to) to.copyWithin(toAt, fromAt, fromAt + length);
  else to.set(from.subarray(fromAt, fromAt + length), toAt);
  const end = toAt + length;
  if (filter === 0 || (filter === 2 && priorAt < 0)) return;
  if (filter === 2) {
    for (let i = toAt, up = priorAt; i < end; i++, up++) to[i] = to[i]! + to[up]!;
  } else if (filter === 1 || (filter === 4 && priorAt < 0)) {
    for (let i = toAt + pixelBytes; i < end; i++) to[i] = to[i]! + to[i - pixelBytes]!;
  } else if (filter === 3) {
    for (let i = 0; i < length; i++) {
      const left = i < pixelBytes ? 0 : to[toAt + i - pixelBytes]!;
      to[toAt + i] = to[toAt + i]! + ((left + (priorAt < 0 ? 0 : to[priorAt + i]!)) >> 1);
    }
  } else {
    // Channel by channel, so that the two neighbours already read stay at hand.
    for (let channel = 0; channel < pixelBytes; channel++) {
      let left = 0;
      let upLeft = 0;
      for (let i = toAt + channel, above = priorAt + channel; i < end; i += pixelBytes, above += pixelBytes) {
        const up = to[above]!;
        const offLeft = Math.abs(up - upLeft);
        const offUp = Math.abs(left - upLeft);
        const offUpLeft = Math.abs(left + up - 2 * upLeft);
        const nearest = offLeft <= offUp && offLeft <= offUpLeft ? left : offUp <= offUpLeft ? up : upLeft;
        left = (to[i]! + nearest) & 255;
        to[i] = left;
        upLeft = up;
      }
    }
  }
}

export type Paint = (row: Uint8Array, at: number, columns: number, rgb: Uint8Array, to: number, step: number) => void;

/** Lays unfiltered pixels over white. Gamma and colour profiles are left aside: a plot's colours are names. */
export function createPainter({ bitDepth, colourType, palette, transparency }: SampleForm): Paint {
  if (colourType === 3) return paletteOf(palette, transparency, bitDepth);
  const wide = bitDepth === 16;
  const bytesPerChannel = wide ? 2 : 1;
  const largest = 2 ** bitDepth - 1;
  const coloured = (colourType & 2) !== 0;
  const hasAlpha = (colourType & 4) !== 0;
  const keyed = !hasAlpha && transparency !== undefined && transparency.length >= (coloured ? 6 : 2);
  const key = (index: number): number => (keyed ? (transparency[2 * index]! << 8) | transparency[2 * index + 1]! : -1);
  const [key0, key1, key2] = [key(0), key(coloured ? 1 : 0), key(coloured ? 2 : 0)];
  const channels = samplesOf({ colourType });
  return (row, at, columns, rgb, to, step) => {
    const raw = (index: number): number => {
      if (bitDepth < 8)
        return (row[at + ((index * bitDepth) >> 3)]! >> (8 - bitDepth - ((index * bitDepth) & 7))) & largest;
      return wide ? (row[at + 2 * index]! << 8) | row[at + 2 * index + 1]! : row[at + bytesPerChannel * index]!;
    };
    for (let column = 0; column < columns; column++, to += step) {
      const first = column * channels;
      const red = raw(first);
      const green = coloured ? raw(first + 1) : red;
      const blue = coloured ? raw(first + 2) : red;
      const alpha = hasAlpha
        ? raw(first + channels - 1)
        : red === key0 && green === key1 && blue === key2
          ? 0
          : largest;
      rgb[to] = overWhite(red, alpha, largest);
      rgb[to + 1] = overWhite(green, alpha, largest);
      rgb[to + 2] = overWhite(blue, alpha, largest);
    }
  };
}

function paletteOf(palette: Uint8Array | undefined, transparency: Uint8Array | undefined, bitDepth: number): Paint {
  if (palette === undefined || palette.length === 0 || palette.length % 3 !== 0 || palette.length > 768)
    throw new PlotRejected("its palette is missing or malformed");
  const colours = palette.map((value, index) => overWhite(value, transparency?.[Math.floor(index / 3)] ?? 255, 255));
  const mask = 2 ** bitDepth - 1;
  return (row, at, columns, rgb, to, step) => {
    for (let column = 0; column < columns; column++, to += step) {
      const bit = column * bitDepth;
      const entry = 3 * ((row[at + (bit >> 3)]! >> (8 - bitDepth - (bit & 7))) & mask);
      if (entry >= colours.length) throw new PlotRejected("a pixel of it has a colour outside its palette");
      rgb[to] = colours[entry]!;
      rgb[to + 1] = colours[entry + 1]!;
      rgb[to + 2] = colours[entry + 2]!;
    }
  };
}

function overWhite(value: number, alpha: number, largest: number): number {
  if (alpha === largest) return largest === 255 ? value : Math.round((255 * value) / largest);
  return Math.round((255 * (value * alpha + largest * (largest - alpha))) / (largest * largest));
}
