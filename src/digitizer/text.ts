/**
 * Text: the lines of characters in a region of ink, read level or turned.
 * Owns finding, grouping and splitting of glyphs; what the text means is left to `ticks` and `title`.
 */
import { type Glyph, type GlyphReader, readPatch } from "./glyph-reader.ts";
import { type Direction, type LineBand, type Patch, readingOf } from "./glyphs.ts";
import type { Blob, Ink } from "./ink.ts";
import type { PixelBox } from "./png.ts";

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

/** So many digits of a line tell their width, and none is so much wider. */
const FEWEST_DIGITS = 4;
const WIDE_DIGIT = 1.2;

/** Fewer patches than these may be pieces themselves. */
const SURELY_LINE = 3;

/** How far a character's middle may lie off its line, in heights of a capital. */
const OFF_LINE = 0.3;

/** A line that patches are still added to; rows and columns as in its patches. */
interface OpenLine {
  v0: number;
  v1: number;
  end: number;
  height: number;
  patches: Patch[];
}

/** A line's patches before they are read. */
export interface PatchLine {
  band: LineBand;
  patches: Patch[];
}

/**
 * Groups blobs into the lines that they form when read in one direction, by where they start.
 * `lineGap`: the gap that parts two lines beside each other; `offLine`: how far the middle of a raised character lies
 * off its line; both in heights of a capital.
 */
export function groupLines(
  ink: Ink,
  blobs: readonly Blob[],
  direction: Direction,
  lineGap: number = LINE_GAP,
  offLine: number = OFF_LINE,
): PatchLine[] {
  const patches = blobs.map((blob) => toPatch(ink, blob, direction)).sort((a, b) => a.u0 - b.u0 || a.v0 - b.v0);
  const tallest = patches.reduce((most, { v0, v1 }) => Math.max(most, v1 - v0 + 1), 0);
  const open: OpenLine[] = [];
  // Those that a patch may still reach.
  let near: OpenLine[] = [];
  for (const patch of patches) {
    const middle = (patch.v0 + patch.v1) / 2;
    let best: OpenLine | undefined;
    let hasPassed = false;
    for (const line of near) {
      const height = Math.max(line.height, patch.v1 - patch.v0 + 1);
      const gap = patch.u0 - line.end;
      if (gap > lineGap * tallest) hasPassed = true;
      const level = middle > line.v0 - offLine * height && middle < line.v1 + offLine * height;
      if (gap <= lineGap * height && level && (best === undefined || line.end > best.end)) best = line;
    }
    if (hasPassed) near = near.filter(({ end }) => patch.u0 - end <= lineGap * tallest);
    const height = patch.v1 - patch.v0 + 1;
    if (best === undefined) {
      const line = { v0: patch.v0, v1: patch.v1, end: patch.u1, height, patches: [patch] };
      open.push(line);
      near.push(line);
    } else {
      best.patches.push(patch);
      best.end = Math.max(best.end, patch.u1);
      best.v0 = Math.min(best.v0, patch.v0);
      best.v1 = Math.max(best.v1, patch.v1);
      best.height = Math.max(best.height, height);
    }
  }
  return withBrokenStarts(open).map(({ patches }) => ({ patches: joinStacked(patches), band: bandOf(patches) }));
}

/**
 * Gives lines the other piece of a first character that is broken in two, such as a 2 whose thin stroke is too faint: a
 * line that is only as high as its first piece takes what lies above or below it for another line.
 */
function withBrokenStarts(open: readonly OpenLine[]): OpenLine[] {
  const lines = open.filter(({ patches }) => patches.length >= SURELY_LINE);
  const taken = new Set<OpenLine>();
  for (const one of open) {
    const [piece] = one.patches;
    if (piece === undefined || one.patches.length > 1) continue;
    const line = lines.find(
      ({ patches, v0, v1 }) => piece.v0 >= v0 && piece.v1 <= v1 && areStacked(patches[0]!, piece),
    );
    if (line === undefined) continue;
    line.patches.unshift(piece);
    line.patches.sort((a, b) => a.u0 - b.u0 || a.v0 - b.v0);
    taken.add(one);
  }
  return open.filter((line) => !taken.has(line));
}

/** Reads the patches of one line. */
export function readLine(ink: Ink, { patches, band }: PatchLine, direction: Direction, reader: GlyphReader): TextLine {
  const reading = readingOf(ink, direction);
  const read = patches.map((patch) => readPatch(reading, patch, band, reader));
  const widestPx = widestDigitPx(read.flat());
  const glyphs = read.flatMap((own, index) =>
    own.some((glyph) => isDigit(glyph) && widthOf(glyph) > widestPx)
      ? readPatch(reading, patches[index]!, band, reader, widestPx)
      : own,
  );
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

/** Digits are of one width in nearly all fonts: one much wider than most is two that touch. */
function widestDigitPx(glyphs: readonly Glyph[]): number {
  const widths = glyphs.filter((glyph) => isDigit(glyph) && glyph.character !== "1").map(widthOf);
  if (widths.length < FEWEST_DIGITS) return Infinity;
  return Math.floor(WIDE_DIGIT * widths.sort((a, b) => a - b)[widths.length >> 1]!) + 1;
}

function isDigit({ character }: Glyph): boolean {
  return character >= "0" && character <= "9";
}

function widthOf({ u0, u1 }: Glyph): number {
  return u1 - u0 + 1;
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
    if (last !== undefined && areStacked(last, patch)) {
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

/** Do two pieces stand above each other, as those of one character do? */
function areStacked(a: Patch, b: Patch): boolean {
  const shared = Math.min(a.u1, b.u1) - Math.max(a.u0, b.u0) + 1;
  return shared >= 0.6 * (Math.min(a.u1 - a.u0, b.u1 - b.u0) + 1);
}

/** Most digits and capitals share a height; strokes that hang lower and marks that are lower don't set it. */
function bandOf(patches: readonly Patch[]): LineBand {
  const heights = patches.map((patch) => patch.v1 - patch.v0 + 1).sort((a, b) => a - b);
  const tallest = heights.at(-1)!;
  const tall = heights.filter((height) => height >= 0.5 * tallest);
  // Of two, the second may be an exponent, beside a 10 whose digits touch or with its 0.
  const first = patches[0]!.v1 - patches[0]!.v0 + 1;
  const height = tall.length === 2 && tall.includes(first) ? first : tall[Math.floor(0.7 * (tall.length - 1))]!;
  const ofHeight = patches.filter((patch) => Math.abs(patch.v1 - patch.v0 + 1 - height) <= Math.max(1, 0.12 * height));
  const bottoms = ofHeight.map((patch) => patch.v1).sort((a, b) => a - b);
  const v1 = bottoms[Math.floor(bottoms.length / 2)]!;
  return { v0: v1 - height + 1, v1 };
}
