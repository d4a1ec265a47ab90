/**
 * Labels: the text beside the axes, cut out and turned upright.
 * Owns where labels are and which way they are read; what they say is left to `time-labels` and `amplitude-labels`.
 */
import type { PlotArea } from "../model/plot.ts";
import type { Direction } from "./glyphs.ts";
import { type Blob, findBlobs, type Ink, inkOf } from "./ink.ts";
import type { Raster } from "./png.ts";
import { type Glyph, type GlyphReader } from "./glyph-reader.ts";
import { groupLines, type PatchLine, readLine, type TextLine } from "./text.ts";
import { readTimeLabels } from "./time-labels.ts";

/** A label and the column or row that it marks, by its own middle. */
export interface AxisLabel {
  atPx: number;
  glyphs: readonly Glyph[];
  lines: readonly TextLine[];
}

export interface AxisLabels {
  labels: AxisLabel[];
  /** Middles of the tick marks that stick out of the frame. */
  marksPx: number[];
}

/** Marks of the axis are no thicker than this, and no longer than this share of the picture. */
const MAX_MARK_PX = 3;
const MAX_MARK_LENGTH_PX = 14;
/** Larger pieces of ink are no text, and more of them are noise. */
const MAX_CHARACTER_PX = 200;
const MAX_CHARACTERS = 2500;
/** Dates that read this well (mean log likelihood) aren't upside down. */
const SURE_DIRECTION = -0.1;
/** The ends of amplitude labels lie within so many px: they are set flush, but for a last character's own width. */
const END_SPREAD_PX = 7;
/** No label's middle lies further below its tick, which is the frame's lower line at the lowest. */
const MOST_BELOW_FRAME_PX = 5;
/** Share of a usual character's length that a cut one must still have. */
const LEFT_OF_CUT = 0.5;
/** How far damage reaches into the picture; on the left, what is taller than any character is damage, too. */
const EDGE_PX = 6;
const MOST_ALONG_LEFT_PX = 24;
/** The middle of an exponent lies so far above its base, in heights of a capital. */
const EXPONENT_RAISED = 0.45;
/** Two lines of a level label start within so many heights of a capital. */
const BESIDE_AXIS = 2.5;
/** From one character to the next, in heights of a capital. */
const CHARACTER_WIDTH = 0.75;
/** A gap between two words, or between two lines of level labels, is wider. */
const WORD_GAP = 0.34;
/** No capital is lower: what is, such as a level label's 1 taken for a turned one, has no room for several characters. */
const MIN_CAPITAL_PX = 5;
/** Level labels may stand close to each other: a gap this wide, in heights of a capital, parts them. */
export const LABEL_GAP = 1.05;

/** The ink under the time axis. */
export function inkBelow(raster: Raster, area: PlotArea, framePx: number): Ink {
  return inkOf(raster, {
    leftPx: 0,
    rightPx: raster.widthPx - 1,
    topPx: area.bottomPx + Math.ceil(framePx / 2) + 1,
    bottomPx: raster.heightPx - 1,
  });
}

/**
 * The labels under the time axis, level or turned, of one line or two.
 * `threshold`: see `findBlobs`; `gap`: what parts two level labels, in heights of a capital.
 */
export function findTimeLabels(
  ink: Ink,
  reader: GlyphReader,
  { threshold, gap }: { threshold: number; gap: number },
): AxisLabels {
  const { marks, text } = partMarks(ink, findBlobs(ink, threshold), "below");
  const level = groupLines(ink, text, "level", gap);
  const upwards = groupLines(ink, text, "upwards");
  const turned = longLines(upwards) > longLines(besideAxis(level));
  const labels = turned ? readTurned(ink, text, upwards, reader) : readLevel(ink, level, reader);
  return { labels, marksPx: marks.map((mark) => ink.leftPx + middleOfMark(ink, mark, "below")) };
}

/** The labels left of the amplitude axis, all of which end at the same column. */
export function findAmplitudeLabels(raster: Raster, area: PlotArea, framePx: number, reader: GlyphReader): AxisLabels {
  const ink = inkOf(raster, {
    leftPx: 0,
    rightPx: area.leftPx - Math.ceil(framePx / 2) - 1,
    topPx: 0,
    bottomPx: Math.min(raster.heightPx - 1, area.bottomPx + 14),
  });
  const { marks, text } = partMarks(ink, findBlobs(ink), "left");
  // The first turned time label, at the frame's corner, reaches into this region, and further right than any label here.
  const lowest = area.bottomPx + MOST_BELOW_FRAME_PX - ink.topPx;
  const lines = groupLines(ink, text, "level", undefined, EXPONENT_RAISED).filter(
    ({ band }) => band.v0 + band.v1 <= 2 * lowest,
  );
  const end = Math.max(...lines.map((line) => endOf(line)));
  const labels = lines
    .filter((line) => endOf(line) >= end - END_SPREAD_PX)
    .map((patches) => {
      const line = readLine(ink, patches, "level", reader);
      return { atPx: ink.topPx + (line.band.v0 + line.band.v1) / 2, glyphs: line.glyphs, lines: [line] };
    });
  return { labels, marksPx: marks.map((mark) => ink.topPx + middleOfMark(ink, mark, "left")) };
}

/** Characters in lines long enough to be a date. */
function longLines(lines: readonly PatchLine[]): number {
  return lines.reduce((sum, line) => sum + (charactersOf(line) >= 4 ? charactersOf(line) : 0), 0);
}

/**
 * How many characters a line has: its patches, or what has room in the longest word where they touch. Not in the whole
 * line: of two lines of level labels, each two characters above each other would have room for four turned ones.
 */
function charactersOf({ patches, band }: PatchLine): number {
  const capitalPx = Math.max(MIN_CAPITAL_PX, band.v1 - band.v0 + 1);
  let [longestPx, startPx, endPx] = [0, -Infinity, -Infinity];
  for (const { u0, u1 } of patches) {
    if (u0 - endPx - 1 > WORD_GAP * capitalPx) startPx = u0;
    endPx = Math.max(endPx, u1);
    longestPx = Math.max(longestPx, endPx - startPx + 1);
  }
  return Math.max(patches.length, Math.floor(longestPx / (CHARACTER_WIDTH * capitalPx)));
}

/** The lines next to the axis: a stamp further down is no label. */
function besideAxis(lines: readonly PatchLine[]): PatchLine[] {
  const top = Math.min(...lines.map(({ band }) => band.v0));
  return lines.filter(({ band }) => band.v0 <= top + BESIDE_AXIS * (band.v1 - band.v0 + 1));
}

function endOf({ patches }: PatchLine): number {
  return Math.max(...patches.map((patch) => patch.u1));
}

/** Parts the short strokes that touch the axis from the text. */
function partMarks(ink: Ink, blobs: readonly Blob[], side: "below" | "left"): { marks: Blob[]; text: Blob[] } {
  const marks: Blob[] = [];
  const text: Blob[] = [];
  const atEdge: Blob[] = [];
  for (const blob of blobs) {
    const width = blob.right - blob.left + 1;
    const height = blob.bottom - blob.top + 1;
    const [thickness, length] = side === "below" ? [width, height] : [height, width];
    const touches = side === "below" ? blob.top === 0 : blob.right === ink.widthPx - 1;
    if (touches && thickness <= MAX_MARK_PX && length <= MAX_MARK_LENGTH_PX) marks.push(blob);
    else if (!touches && Math.max(width, height) <= MAX_CHARACTER_PX) (isAtEdge(ink, blob) ? atEdge : text).push(blob);
  }
  if (side === "below" && areCharacters(ink, atEdge, text)) text.push(...atEdge);
  return { marks, text: text.length <= MAX_CHARACTERS ? text : [] };
}

/** Stray ink along the picture's own left or lower edge would join the labels into one. */
function isAtEdge({ heightPx }: Ink, { left, right, top, bottom }: Blob): boolean {
  const isTorn = right < EDGE_PX || bottom - top >= MOST_ALONG_LEFT_PX;
  return (left === 0 && isTorn) || (bottom === heightPx - 1 && heightPx - top <= EDGE_PX);
}

/**
 * Turned labels that reach to the lower edge have characters there, each under others; damage lies anywhere. Of cut ones
 * half must be left: of less than half, a 2 is easily taken for a 1.
 */
function areCharacters({ widthPx, heightPx }: Ink, atEdge: readonly Blob[], text: readonly Blob[]): boolean {
  const under = new Uint8Array(widthPx);
  for (const { left, right } of text) under.fill(1, Math.max(0, left - 1), right + 2);
  const lengthOf = ({ top, bottom }: Blob): number => bottom - top + 1;
  const usual = text.map(lengthOf).sort((a, b) => a - b)[text.length >> 1] ?? 0;
  return (
    Math.max(...atEdge.map(lengthOf)) >= LEFT_OF_CUT * usual &&
    atEdge.every(({ left, right, bottom }) => bottom === heightPx - 1 && !under.subarray(left, right + 1).includes(0))
  );
}

/** The middle of a mark by its ink, so that one blurred over two pixels lies between them. */
function middleOfMark({ ink, widthPx }: Ink, mark: Blob, side: "below" | "left"): number {
  let sum = 0;
  let weighted = 0;
  for (let y = mark.top; y <= mark.bottom; y++)
    for (let x = mark.left; x <= mark.right; x++) {
      const value = ink[y * widthPx + x]!;
      sum += value;
      weighted += value * (side === "below" ? x : y);
    }
  return weighted / sum;
}

function readTurned(ink: Ink, text: readonly Blob[], upwards: readonly PatchLine[], reader: GlyphReader): AxisLabel[] {
  const up = confidenceOf(ink, upwards, "upwards", reader);
  const downwards = up >= SURE_DIRECTION ? [] : groupLines(ink, text, "downwards");
  const direction = up >= confidenceOf(ink, downwards, "downwards", reader) ? "upwards" : "downwards";
  const lines = (direction === "upwards" ? upwards : downwards).filter((line) => charactersOf(line) >= 3);
  const offAxis = (line: PatchLine): number => (direction === "upwards" ? -endOf(line) : line.patches[0]!.u0);
  const nearest = Math.min(...lines.map(offAxis));
  return lines
    .filter((line) => line.patches.length >= 3 || offAxis(line) <= nearest + 2 * (line.band.v1 - line.band.v0 + 1))
    .map((patches) => {
      const line = readLine(ink, patches, direction, reader);
      return { atPx: columnOfBand(ink, line), glyphs: line.glyphs, lines: [line] };
    })
    .sort((a, b) => a.atPx - b.atPx);
}

function columnOfBand(ink: Ink, { band, direction }: TextLine): number {
  const middle = (band.v0 + band.v1) / 2;
  return ink.leftPx + (direction === "downwards" ? ink.widthPx - 1 - middle : middle);
}

/** How well the longest lines read as dates in a direction: upside down, 8, 0, H and / look much the same. */
function confidenceOf(ink: Ink, lines: readonly PatchLine[], direction: Direction, reader: GlyphReader): number {
  if (lines.length === 0) return -Infinity;
  const longest = [...lines].sort((a, b) => b.patches.length - a.patches.length).slice(0, 4);
  const labels = longest.map((line, index) => ({ atPx: index, glyphs: readLine(ink, line, direction, reader).glyphs }));
  return readTimeLabels(labels, 2000)[0]?.confidence ?? -Infinity;
}

/** Level labels: a second line under a label belongs to it. */
function readLevel(ink: Ink, lines: readonly PatchLine[], reader: GlyphReader): AxisLabel[] {
  const read = lines
    .filter(({ patches }) => patches.length >= 2)
    .map((line) => readLine(ink, line, "level", reader))
    .sort((a, b) => a.box.topPx - b.box.topPx);
  const top = read[0];
  if (top === undefined) return [];
  const first = read.filter((line) => line.box.topPx < top.box.topPx + 0.7 * top.heightPx);
  const below = read.filter((line) => !first.includes(line) && line.box.topPx < top.box.bottomPx + 1.5 * top.heightPx);
  return first
    .map((line) => {
      const middle = middleOf(line);
      const second = below.find((other) => Math.abs(middleOf(other) - middle) < 4);
      const both = second === undefined ? [line] : [line, second];
      return {
        atPx: both.reduce((sum, one) => sum + middleOf(one), 0) / both.length,
        glyphs: both.flatMap((one) => one.glyphs),
        lines: both,
      };
    })
    .sort((a, b) => a.atPx - b.atPx);
}

function middleOf({ box }: TextLine): number {
  return (box.leftPx + box.rightPx) / 2;
}
