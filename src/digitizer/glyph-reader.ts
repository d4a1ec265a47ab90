/**
 * Glyph reader: a patch of ink as the character that it is, or as the several that touch in it.
 * Owns alphabets, the memory of patches seen before, and where to cut; lines are `text`'s.
 */
import {
  INPUTS,
  type LineBand,
  measurePatch,
  NO_CHARACTER,
  type Patch,
  type Reading,
  type Scores,
  scorePatch,
} from "./glyphs.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { INK_THRESHOLD } from "./ink.ts";

/** One character as read. */
export interface Glyph extends Patch {
  character: string;
  scores: Scores;
  /** Likelihood of `character` in natural log: 0 is sure. */
  logLikelihood: number;
}

/** Reads characters of one alphabet, and remembers patches that look the same: most come many times in one plot. */
export interface GlyphReader {
  /** Indexes of the characters that may come, and of "no character". What may not come leaves its likelihood to them. */
  classes: Uint8Array;
  hasLetters: boolean;
  inputs: Float64Array;
  known: Map<number, Scores>;
  /** How many patches may still be looked at: noise in place of text must not take for ever. */
  looksLeft: number;
}

/** Enough for some hundred characters that all touch. */
const MAX_LOOKS = 6000;

/** What a patch counts that was seen before: sixty labels whose characters touch are many looks at a few shapes. */
const REMEMBERED = 0.1;

/** Readers remember from plot to plot, which are printed in the same characters, up to this many patches. */
const MAX_KNOWN = 10_000;
const readers = new Map<string, GlyphReader>();

/** The reader of some characters only, by default of all. */
export function glyphReader(alphabet: string = CHARACTERS): GlyphReader {
  let reader = readers.get(alphabet);
  if (reader === undefined) {
    const classes = Uint8Array.from(
      [...alphabet].map((character) => CHARACTERS.indexOf(character)).concat(NO_CHARACTER),
    );
    reader = {
      classes,
      hasLetters: alphabet.includes("M"),
      inputs: new Float64Array(INPUTS),
      known: new Map(),
      looksLeft: 0,
    };
    readers.set(alphabet, reader);
  }
  if (reader.known.size > MAX_KNOWN) reader.known.clear();
  reader.looksLeft = MAX_LOOKS;
  return reader;
}

/** What a character that may not come scores: less likely than any that may. */
const NOT_ALLOWED = -30;
const UNREADABLE: Scores = new Float64Array(CHARACTERS.length + 1).fill(NOT_ALLOWED);

function scoreOf(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader): Scores {
  if (reader.looksLeft <= 0) return UNREADABLE;
  const { classes, inputs, known } = reader;
  const key = looksOf(reading, patch, band);
  let scores = known.get(key);
  reader.looksLeft -= scores === undefined ? 1 : REMEMBERED;
  if (scores === undefined) {
    measurePatch(reading, patch, band, inputs);
    known.set(key, (scores = logLikelihoods(scorePatch(inputs, classes), classes)));
  }
  return scores;
}

/** A number of 53 bits that patches share only when all that the network sees of them is the same. */
function looksOf({ ink, at, stepU, stepV }: Reading, { u0, u1, v0, v1 }: Patch, band: LineBand): number {
  let high = Math.imul(u1 - u0 + 1, 40503) ^ (v1 - v0 + 1);
  let low = Math.imul(v0 - band.v0, 2654435) ^ Math.imul(band.v1 - v1, 69069) ^ (band.v1 - band.v0);
  for (let v = v0; v <= v1; v++) {
    for (let u = u0, from = at + u0 * stepU + v * stepV; u <= u1; u++, from += stepU) {
      const value = ink[from]!;
      high = Math.imul(high ^ value, 16777619);
      low = Math.imul(low + value, 2246822519) ^ (low >>> 13);
    }
  }
  return (high >>> 0) * 2097152 + ((low ^ (low >>> 11)) & 2097151);
}

function logLikelihoods(scores: Scores, classes: Uint8Array): Scores {
  let largest = -Infinity;
  for (const c of classes) largest = Math.max(largest, scores[c]!);
  let sum = 0;
  for (const c of classes) sum += Math.exp(scores[c]! - largest);
  const log = largest + Math.log(sum);
  const likelihoods = new Float64Array(scores.length).fill(NOT_ALLOWED);
  for (const c of classes) likelihoods[c] = scores[c]! - log;
  return likelihoods;
}

function glyphOf(patch: Patch, scores: Scores): Glyph {
  let best = 0;
  for (let c = 1; c < NO_CHARACTER; c++) if (scores[c]! > scores[best]!) best = c;
  return { ...patch, character: CHARACTERS[best]!, scores, logLikelihood: scores[best]! };
}

/**
 * A patch as one character, or as several where they touch and read better apart, or where it is wider than any
 * character of its line.
 */
export function readPatch(
  reading: Reading,
  patch: Patch,
  band: LineBand,
  reader: GlyphReader,
  widestPx = Infinity,
): Glyph[] {
  const whole = glyphOf(patch, scoreOf(reading, patch, band, reader));
  const width = patch.u1 - patch.u0 + 1;
  const lineHeight = band.v1 - band.v0 + 1;
  const narrow = width < 0.45 * lineHeight;
  if (narrow || (whole.logLikelihood > -0.7 && width <= widestPx)) return [whole];
  const split = splitPatch(reading, patch, band, reader, widestPx);
  if (width > widestPx) return split.length > 1 ? split : [whole];
  const sum = split.reduce((total, glyph) => total + glyph.logLikelihood, 0);
  return split.length > 1 && (width > 1.6 * lineHeight || sum / split.length > whole.logLikelihood) ? split : [whole];
}

const MAX_SPLIT_COLUMNS = 160;

/** Widths in heights of a capital: an M with serifs is the widest letter. */
const WIDEST_LETTER = 1.7;
const WIDEST_DIGIT = 1.25;
/** Width of an I. */
const LEAST_LETTER_PX = 2;

/** The best way to cut a patch into characters: dynamic programming over its columns. */
function splitPatch(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader, widestPx: number): Glyph[] {
  const width = patch.u1 - patch.u0 + 1;
  if (width > MAX_SPLIT_COLUMNS) return [];
  const lineHeight = band.v1 - band.v0 + 1;
  const least = Math.max(2, Math.floor(0.2 * lineHeight));
  const most = Math.min(widestPx, Math.ceil((reader.hasLetters ? WIDEST_LETTER : WIDEST_DIGIT) * lineHeight));
  const cuts = cutColumns(reading, patch);
  const best: { score: number; glyph: Glyph | undefined; from: number }[] = Array.from({ length: width + 1 }, () => ({
    score: -Infinity,
    glyph: undefined,
    from: 0,
  }));
  best[0]!.score = 0;
  for (let end = least; end <= width; end++) {
    if (end < width && cuts[end] === 0) continue;
    for (let from = Math.max(0, end - most); from <= end - least; from++) {
      const before = best[from]!;
      if (before.score === -Infinity) continue;
      const piece = tighten(reading, { ...patch, u0: patch.u0 + from, u1: patch.u0 + end - 1 });
      if (piece === undefined) continue;
      const glyph = glyphOf(piece, scoreOf(reading, piece, band, reader));
      const score = before.score + glyph.logLikelihood - 0.4;
      if (score > best[end]!.score) best[end] = { score, glyph, from };
    }
  }
  const glyphs: Glyph[] = [];
  for (let end = width; end > 0; end = best[end]!.from) {
    const glyph = best[end]!.glyph;
    if (glyph === undefined) return [];
    glyphs.unshift(glyph);
  }
  return glyphs;
}

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

/** Columns before which a cut may pass: those with no more ink than a neighbour. */
function cutColumns(reading: Reading, patch: Patch): Uint8Array {
  const width = patch.u1 - patch.u0 + 1;
  const sums = new Float64Array(width);
  for (let u = 0; u < width; u++)
    for (let v = patch.v0; v <= patch.v1; v++)
      sums[u]! += reading.ink[reading.at + (patch.u0 + u) * reading.stepU + v * reading.stepV]!;
  const cuts = new Uint8Array(width + 1);
  for (let u = 1; u < width; u++) {
    const lowHere = sums[u]! <= sums[Math.max(0, u - 1)]! || sums[u]! <= sums[Math.min(width - 1, u + 1)]!;
    if (lowHere) cuts[u] = 1;
  }
  return cuts;
}

/** The patch without rows and columns that hold no ink. */
function tighten(reading: Reading, patch: Patch): Patch | undefined {
  let { u0, u1, v0, v1 } = { u0: patch.u1 + 1, u1: patch.u0 - 1, v0: patch.v1 + 1, v1: patch.v0 - 1 };
  for (let u = patch.u0; u <= patch.u1; u++)
    for (let v = patch.v0; v <= patch.v1; v++) {
      if (reading.ink[reading.at + u * reading.stepU + v * reading.stepV]! < INK_THRESHOLD) continue;
      if (u < u0) u0 = u;
      if (u > u1) u1 = u;
      if (v < v0) v0 = v;
      if (v > v1) v1 = v;
    }
  return u1 < u0 ? undefined : { u0, u1, v0, v1 };
}
