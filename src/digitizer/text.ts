/**
 * Text: the lines of characters in a region of ink, read level or turned.
 * Owns finding, grouping and splitting of glyphs; what the text means is left to `ticks` and `title`.
 */
import type { PixelBox } from "./pixel-box.ts";
import {
  type Direction,
  INPUTS,
  type LineBand,
  measurePatch,
  NO_CHARACTER,
  type Patch,
  type Reading,
  readingOf,
  type Scores,
  scorePatch,
} from "./glyphs.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import type { Blob, Ink } from "./ink.ts";

/** One character as read. */
export interface Glyph extends Patch {
  character: string;
  scores: Scores;
  /** Likelihood of `character` in natural log: 0 is sure. */
  logLikelihood: number;
}

export interface TextLine {
  direction: Direction;
  /** In pixels of the picture. */
  box: PixelBox;
  /** Height of its capitals and digits. */
  heightPx: number;
  band: LineBand;
  glyphs: Glyph[];
  /** Its characters, a blank for each gap as wide as one. */
  text: string;
  /** Mean of its characters' log likelihood: near 0 where it was read well. */
  confidence: number;
}

/** A gap between two words of one line, in heights of a capital; a wider one parts two lines. */
const WORD_GAP = 0.34;
const LINE_GAP = 1.7;

/** A line's patches before they are read. */
export interface PatchLine {
  band: LineBand;
  patches: Patch[];
}

/**
 * Groups blobs into the lines that they form when read in one direction, by where they start.
 * `lineGap`: the gap that parts two lines beside each other, in heights of a capital.
 */
export function groupLines(
  ink: Ink,
  blobs: readonly Blob[],
  direction: Direction,
  lineGap: number = LINE_GAP,
): PatchLine[] {
  const patches = blobs.map((blob) => toPatch(ink, blob, direction)).sort((a, b) => a.u0 - b.u0 || a.v0 - b.v0);
  const open: { v0: number; v1: number; end: number; height: number; patches: Patch[] }[] = [];
  for (const patch of patches) {
    const middle = (patch.v0 + patch.v1) / 2;
    let best: (typeof open)[number] | undefined;
    for (const line of open) {
      const height = Math.max(line.height, patch.v1 - patch.v0 + 1);
      const near = patch.u0 - line.end <= lineGap * height;
      const level = middle > line.v0 - 0.3 * height && middle < line.v1 + 0.3 * height;
      if (near && level && (best === undefined || line.end > best.end)) best = line;
    }
    const height = patch.v1 - patch.v0 + 1;
    if (best === undefined) open.push({ v0: patch.v0, v1: patch.v1, end: patch.u1, height, patches: [patch] });
    else {
      best.patches.push(patch);
      best.end = Math.max(best.end, patch.u1);
      best.v0 = Math.min(best.v0, patch.v0);
      best.v1 = Math.max(best.v1, patch.v1);
      best.height = Math.max(best.height, height);
    }
  }
  return open.map((line) => ({ patches: joinStacked(line.patches), band: bandOf(line.patches) }));
}

/** Reads the patches of one line. */
export function readLine(ink: Ink, { patches, band }: PatchLine, direction: Direction, reader: GlyphReader): TextLine {
  const reading = readingOf(ink, direction);
  const glyphs: Glyph[] = [];
  for (const patch of patches) glyphs.push(...readPatch(reading, patch, band, reader));
  const heightPx = band.v1 - band.v0 + 1;
  let text = "";
  let sum = 0;
  glyphs.forEach((glyph, index) => {
    const gap = index === 0 ? 0 : glyph.u0 - glyphs[index - 1]!.u1 - 1;
    text += (gap > WORD_GAP * heightPx ? " " : "") + glyph.character;
    sum += glyph.logLikelihood;
  });
  return {
    direction,
    heightPx,
    band,
    glyphs,
    text,
    confidence: glyphs.length === 0 ? -Infinity : sum / glyphs.length,
    box: boxOf(ink, patches, direction),
  };
}

function toPatch(ink: Ink, blob: Blob, direction: Direction): Patch {
  if (direction === "level") return { u0: blob.left, u1: blob.right, v0: blob.top, v1: blob.bottom };
  if (direction === "upwards")
    return { u0: ink.heightPx - 1 - blob.bottom, u1: ink.heightPx - 1 - blob.top, v0: blob.left, v1: blob.right };
  return { u0: blob.top, u1: blob.bottom, v0: ink.widthPx - 1 - blob.right, v1: ink.widthPx - 1 - blob.left };
}

/** The picture's pixels that a line covers. */
function boxOf(ink: Ink, patches: readonly Patch[], direction: Direction): PixelBox {
  const u0 = Math.min(...patches.map((patch) => patch.u0));
  const u1 = Math.max(...patches.map((patch) => patch.u1));
  const v0 = Math.min(...patches.map((patch) => patch.v0));
  const v1 = Math.max(...patches.map((patch) => patch.v1));
  const [right, bottom] = [ink.leftPx + ink.widthPx - 1, ink.topPx + ink.heightPx - 1];
  if (direction === "level")
    return { leftPx: ink.leftPx + u0, rightPx: ink.leftPx + u1, topPx: ink.topPx + v0, bottomPx: ink.topPx + v1 };
  if (direction === "upwards")
    return { leftPx: ink.leftPx + v0, rightPx: ink.leftPx + v1, topPx: bottom - u1, bottomPx: bottom - u0 };
  return { leftPx: right - v1, rightPx: right - v0, topPx: ink.topPx + u0, bottomPx: ink.topPx + u1 };
}

/** Joins the pieces of one character that stand above each other, as in `:` and `i`. */
function joinStacked(patches: readonly Patch[]): Patch[] {
  const joined: Patch[] = [];
  for (const patch of patches) {
    const last = joined.at(-1);
    const shared = last === undefined ? 0 : Math.min(last.u1, patch.u1) - Math.max(last.u0, patch.u0) + 1;
    const narrower = last === undefined ? 1 : Math.min(last.u1 - last.u0, patch.u1 - patch.u0) + 1;
    if (last !== undefined && shared >= 0.6 * narrower) {
      joined[joined.length - 1] = {
        u0: Math.min(last.u0, patch.u0),
        u1: Math.max(last.u1, patch.u1),
        v0: Math.min(last.v0, patch.v0),
        v1: Math.max(last.v1, patch.v1),
      };
    } else joined.push(patch);
  }
  return joined;
}

/** Most digits and capitals share a height; strokes that hang lower and marks that are lower don't set it. */
function bandOf(patches: readonly Patch[]): LineBand {
  const heights = patches.map((patch) => patch.v1 - patch.v0 + 1).sort((a, b) => a - b);
  const tallest = heights.at(-1)!;
  const tall = heights.filter((height) => height >= 0.5 * tallest);
  const height = tall[Math.floor(0.7 * (tall.length - 1))]!;
  const ofHeight = patches.filter((patch) => Math.abs(patch.v1 - patch.v0 + 1 - height) <= Math.max(1, 0.12 * height));
  const bottoms = ofHeight.map((patch) => patch.v1).sort((a, b) => a - b);
  const v1 = bottoms[Math.floor(bottoms.length / 2)]!;
  return { v0: v1 - height + 1, v1 };
}

/** Reads characters of one alphabet, and remembers patches that look the same: most come many times in one plot. */
export interface GlyphReader {
  /** Indexes of the characters that may come, and of "no character". What may not come leaves its likelihood to them. */
  classes: Uint8Array;
  inputs: Float64Array;
  known: Map<number, Scores>;
}

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
    reader = { classes, inputs: new Float64Array(INPUTS), known: new Map() };
    readers.set(alphabet, reader);
  }
  if (reader.known.size > MAX_KNOWN) reader.known.clear();
  return reader;
}

function scoreOf(reading: Reading, patch: Patch, band: LineBand, { classes, inputs, known }: GlyphReader): Scores {
  const key = looksOf(reading, patch, band);
  let scores = known.get(key);
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

/** What a character that may not come scores: less likely than any that may. */
const NOT_ALLOWED = -30;

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

/** A patch as one character, or as several where they touch and read better apart. */
function readPatch(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader): Glyph[] {
  const whole = glyphOf(patch, scoreOf(reading, patch, band, reader));
  const width = patch.u1 - patch.u0 + 1;
  const lineHeight = band.v1 - band.v0 + 1;
  const narrow = width < 0.45 * lineHeight;
  if (narrow || whole.logLikelihood > -0.7) return [whole];
  const split = splitPatch(reading, patch, band, reader);
  const sum = split.reduce((total, glyph) => total + glyph.logLikelihood, 0);
  return split.length > 1 && (width > 1.6 * lineHeight || sum / split.length > whole.logLikelihood) ? split : [whole];
}

const MAX_SPLIT_COLUMNS = 160;

/** The best way to cut a patch into characters: dynamic programming over its columns. */
function splitPatch(reading: Reading, patch: Patch, band: LineBand, reader: GlyphReader): Glyph[] {
  const width = patch.u1 - patch.u0 + 1;
  if (width > MAX_SPLIT_COLUMNS) return [];
  const lineHeight = band.v1 - band.v0 + 1;
  const least = Math.max(2, Math.floor(0.2 * lineHeight));
  const most = Math.ceil(1.25 * lineHeight);
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
      if (reading.ink[reading.at + u * reading.stepU + v * reading.stepV]! < 92) continue;
      if (u < u0) u0 = u;
      if (u > u1) u1 = u;
      if (v < v0) v0 = v;
      if (v > v1) v1 = v;
    }
  return u1 < u0 ? undefined : { u0, u1, v0, v1 };
}
