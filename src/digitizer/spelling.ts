/**
 * Spelling: how well a word of ink reads as given letters, whatever it reads as by itself.
 */
import { MAX_SPLIT_COLUMNS, scoreOf, WIDEST_LETTER, type GlyphReader } from "./glyph-reader.ts";
import type { LineBand, Patch, Reading, Scores } from "./glyphs.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { cutColumns, tighten } from "./patch-cuts.ts";

/** Width of an I. */
const LEAST_LETTER_PX = 2;

/** The columns of a word, and how well each part of them reads that hangs together. */
export interface Speller {
  widthPx: number;
  mostPx: number;
  /** Scores of the part that begins at a column and ends before another, by `widthPx + 1` times the first plus the second. */
  parts: ReadonlyMap<number, Scores>;
  /** Columns without ink. */
  isBlank: Uint8Array;
}

/** A word, ready to be spelled. `undefined` where it is too wide for a word. */
export function spellerOf(reading: Reading, word: Patch, band: LineBand, reader: GlyphReader): Speller | undefined {
  const widthPx = word.u1 - word.u0 + 1;
  if (widthPx > MAX_SPLIT_COLUMNS) return undefined;
  const mostPx = Math.ceil(WIDEST_LETTER * (band.v1 - band.v0 + 1));
  const parts = new Map<number, Scores>();
  const columnOf = (u: number): Patch => ({ ...word, u0: word.u0 + u, u1: word.u0 + u });
  const isBlank = Uint8Array.from({ length: widthPx }, (_, u) => (tighten(reading, columnOf(u)) === undefined ? 1 : 0));
  const cuts = cutColumns(reading, word);
  for (let from = 0; from < widthPx; from++) {
    if (isBlank[from] || (from > 0 && cuts[from] === 0 && isBlank[from - 1] === 0)) continue;
    for (let end = from + 1; end <= Math.min(widthPx, from + mostPx) && !isBlank[end - 1]; end++) {
      if (end < from + LEAST_LETTER_PX || (end < widthPx && cuts[end] === 0)) continue;
      const piece = tighten(reading, { ...word, u0: word.u0 + from, u1: word.u0 + end - 1 })!;
      parts.set(from * (widthPx + 1) + end, scoreOf(reading, piece, band, reader));
    }
  }
  return { widthPx, mostPx, parts, isBlank };
}

/** How well a word's columns read as these letters one after the other: log likelihoods, of all and of the worst. */
export function spell(word: Speller, letters: string): { sum: number; least: number } {
  const { widthPx, mostPx, parts, isBlank } = word;
  let sums = new Float64Array(widthPx + 1).fill(-Infinity);
  let least = new Float64Array(widthPx + 1);
  sums[0] = 0;
  for (const letter of letters) {
    const c = CHARACTERS.indexOf(letter);
    const nextSums = new Float64Array(widthPx + 1).fill(-Infinity);
    const nextLeast = new Float64Array(widthPx + 1);
    for (let before = 0; before < widthPx; before++) {
      if (sums[before] === -Infinity) continue;
      let from = before;
      while (isBlank[from]) from++;
      for (let end = from + LEAST_LETTER_PX; end <= Math.min(widthPx, from + mostPx); end++) {
        const score = parts.get(from * (widthPx + 1) + end)?.[c] ?? -Infinity;
        if (sums[before]! + score <= nextSums[end]!) continue;
        nextSums[end] = sums[before]! + score;
        nextLeast[end] = Math.min(least[before]!, score);
      }
    }
    [sums, least] = [nextSums, nextLeast];
  }
  return { sum: sums[widthPx]!, least: least[widthPx]! };
}
