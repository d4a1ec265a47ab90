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
  scoreOfAny,
  scorePatch,
} from "./glyphs.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { mendByLobes } from "./open-lobes.ts";
import { tighten } from "./patch-cuts.ts";

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

export function scoreOf(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader): Scores {
  if (reader.looksLeft <= 0) return UNREADABLE;
  const { classes, inputs, known } = reader;
  const key = looksOf(reading, patch, band);
  let scores = known.get(key);
  reader.looksLeft -= scores === undefined ? 1 : REMEMBERED;
  if (scores === undefined) {
    measurePatch(reading, patch, band, inputs);
    scores = mendByLobes(logLikelihoods(scorePatch(inputs, classes), classes), reading, patch);
    known.set(key, scores);
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

/** Characters of one shape: which one it is, no cut tells. */
const ALIKE = ["0O", "1Il", "5S", "8B"].map((shape) => [...shape].map((character) => CHARACTERS.indexOf(character)));
const shapeOf: (readonly number[] | undefined)[] = [...CHARACTERS].map((_, c) => ALIKE.find((all) => all.includes(c)));

/** How likely a glyph is of its character's shape: cut through its side, an O that may be a 0 is a sure C. */
function shapeLikelihood({ character, scores, logLikelihood }: Glyph): number {
  const alike = shapeOf[CHARACTERS.indexOf(character)];
  return alike === undefined ? logLikelihood : scoreOfAny(scores, alike);
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
  // A 4 with a foot, cut before its stem, makes a fine minus and a fine 1.
  const isFour = width <= FOUR_WIDTH * lineHeight && split.map(({ character }) => character).join("") === "-1";
  if (isFour && whole.character === "4" && whole.logLikelihood > LEAST_FOUR) return [whole];
  const sum = split.reduce((total, glyph) => total + shapeLikelihood(glyph), 0);
  return split.length > 1 && (width > 1.6 * lineHeight || sum / split.length > shapeLikelihood(whole))
    ? split
    : [whole];
}

export const MAX_SPLIT_COLUMNS = 160;

/** Widths in heights of a capital: an M with serifs is the widest letter. */
export const WIDEST_LETTER = 1.7;
const WIDEST_DIGIT = 1.25;

/** Width in heights of a capital, and the least likelihood of the whole. */
const FOUR_WIDTH = 0.8;
const LEAST_FOUR = -1.5;

/**
 * The best way to cut a patch into characters: dynamic programming over its columns. A cut may pass anywhere: where narrow
 * digits touch, it lies between two columns of much ink.
 */
function splitPatch(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader, widestPx: number): Glyph[] {
  const width = patch.u1 - patch.u0 + 1;
  if (width > MAX_SPLIT_COLUMNS) return [];
  const lineHeight = band.v1 - band.v0 + 1;
  const least = Math.max(2, Math.floor(0.2 * lineHeight));
  const most = Math.min(widestPx, Math.ceil((reader.hasLetters ? WIDEST_LETTER : WIDEST_DIGIT) * lineHeight));
  const best: { score: number; glyph: Glyph | undefined; from: number }[] = Array.from({ length: width + 1 }, () => ({
    score: -Infinity,
    glyph: undefined,
    from: 0,
  }));
  best[0]!.score = 0;
  for (let end = least; end <= width; end++) {
    for (let from = Math.max(0, end - most); from <= end - least; from++) {
      const before = best[from]!;
      if (before.score === -Infinity) continue;
      const piece = tighten(reading, { ...patch, u0: patch.u0 + from, u1: patch.u0 + end - 1 });
      if (piece === undefined) continue;
      const glyph = glyphOf(piece, scoreOf(reading, piece, band, reader));
      const score = before.score + shapeLikelihood(glyph) - 0.4;
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
