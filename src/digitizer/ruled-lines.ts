/**
 * Ruled lines: the long straight strokes of a picture, level and upright: frames, axes and gridlines.
 */
import { endOfEven, WHITE_WORD, wordsOf } from "./even-pixels.ts";
import { lumaAt } from "./ink.ts";
import type { Raster } from "./png.ts";

/** A straight line along a row or a column of the picture. */
export interface RuledLine {
  /** The middle of its stroke: the row of a level line, the column of an upright one. */
  atPx: number;
  thicknessPx: number;
  /** From where to where it goes: columns of a level line, rows of an upright one. */
  fromPx: number;
  toPx: number;
  /** How much darker than its surroundings, in levels of 255. */
  contrast: number;
  /** Share of its length that is drawn: less than 1 where dashed, or hidden by a curve. */
  drawn: number;
}

/** A line must be darker than what lies on both of its sides by this much. Gridlines are faint. */
const MIN_CONTRAST = 9;
/** Lines are looked for up to this thick: the surroundings are taken this far from the middle. */
const SIDE_PX = 2;
/** Samples taken across the picture for each row and column. */
export const SAMPLES = 80;
/** Dashes and crossing curves leave at least this share of a line. */
const MIN_DRAWN = 0.3;
/** Damage takes no more than this share of the picture from a line at once; what follows is as dark, and so many samples long. */
const MOST_DAMAGED = 0.1;
const LEAST_PIECE = 3;
/** So far from a line, at least, another one goes away from it at a corner: a tick mark ends before. */
const CORNER_PX = { from: 3, to: 16 };
/** Of a line that ink hides, at least this share of what is drawn of it must be seen from both sides. */
const LEAST_SEEN = 0.6;
/** The axes take at least this share of the picture's width and height. */
export const MIN_AXIS_SHARE = 0.3;

/** How bright the pixel at a byte of the picture is, from 0 to 255. */
export type Brightness = (rgb: Uint8Array, at: number) => number;

/** The strongest of the three colours: by this measure grey is darker than any saturated band. */
export function valueAt(rgb: Uint8Array, at: number): number {
  return Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
}

/**
 * All long straight lines of one orientation, from the top or the left on.
 * @param withHidden a line goes on where other ink as dark lies on one side of it, such as a curve that runs along it
 */
export function findLines(
  { widthPx, heightPx, rgb }: Raster,
  orientation: "level" | "upright",
  brightnessAt: Brightness = lumaAt,
  withHidden = false,
): RuledLine[] {
  const level = orientation === "level";
  const [along, across] = level ? [widthPx, heightPx] : [heightPx, widthPx];
  const stride = Math.max(1, Math.floor(along / SAMPLES));
  const samples = Math.floor(along / stride);
  // Luma of the sampled points, in the order of the picture's bytes, and which of them aren't white.
  const luma = blankLuma(across * samples);
  const inked = inkedOf(across * samples);
  let inkedCount = 0;
  const [rows, rowStep, columns, columnStep] = level ? [heightPx, 1, samples, stride] : [samples, stride, widthPx, 1];
  // Most of a plot is white: along whole rows it is passed over.
  const words = level ? undefined : wordsOf(rgb);
  for (let row = 0; row < rows; row++) {
    let to = row * columns;
    const start = 3 * row * rowStep * widthPx;
    const end = start + 3 * columns * columnStep;
    for (let at = start; at < end; at += 3 * columnStep, to++) {
      if (words !== undefined && (at & 3) === 0) {
        const next = endOfEven(words, at, end, WHITE_WORD);
        to += (next - at) / 3;
        at = next;
        if (at >= end) break;
      }
      if ((rgb[at]! & rgb[at + 1]! & rgb[at + 2]!) === 255) continue;
      luma[to] = brightnessAt(rgb, at);
      inked[inkedCount++] = to;
    }
  }
  const [stepAlong, stepAcross] = level ? [1, samples] : [widthPx, 1];
  const side = SIDE_PX * stepAcross;
  // How many samples of each line are darker than both of its sides.
  const counts = new Uint16Array(across);
  for (let i = 0; i < inkedCount; i++) {
    const at = inked[i]!;
    const limit = luma[at]! + MIN_CONTRAST;
    if (limit > 255) continue;
    const row = Math.floor(at / columns);
    const atPx = level ? row : at - row * columns;
    if (atPx < SIDE_PX || atPx >= across - SIDE_PX) continue;
    if (luma[at - side]! >= limit && luma[at + side]! >= limit) counts[atPx]!++;
  }
  const lines: RuledLine[] = [];
  const contrast = new Uint8Array(samples);
  for (let atPx = SIDE_PX; atPx < across - SIDE_PX; atPx++) {
    if (counts[atPx]! < MIN_DRAWN * MIN_AXIS_SHARE * samples) continue;
    for (let i = 0, at = atPx * stepAcross; i < samples; i++, at += stepAlong) {
      const darker = Math.min(luma[at - side]!, luma[at + side]!) - luma[at]!;
      contrast[i] = darker >= MIN_CONTRAST ? darker : 0;
    }
    const seen = withHidden ? addHidden(contrast, luma, atPx * stepAcross, stepAlong, side) : Infinity;
    const lumaOf = (sample: number): number => luma[atPx * stepAcross + sample * stepAlong]!;
    const isCorner = (sample: number): boolean => {
      const fromPx = Math.max(0, (sample - 1) * stride);
      const toPx = Math.min(along - 1, (sample + 1) * stride);
      return meetsStroke({ fromPx, toPx, atPx }, lumaOf(sample), across, (alongPx, acrossPx) =>
        brightnessAt(rgb, 3 * (level ? acrossPx * widthPx + alongPx : alongPx * widthPx + acrossPx)),
      );
    };
    const line = lineOf(contrast, lumaOf, isCorner);
    if (line === undefined || seen < LEAST_SEEN * (line.to - line.from + 1) * line.drawn) continue;
    const { from, to } = line;
    lines.push({ ...line, atPx, thicknessPx: 1, fromPx: from * stride, toPx: to * stride });
  }
  return mergeThick(lines);
}

/** Samples of a line as dark as those seen from both sides, and seen from one. @returns how many were seen from both */
function addHidden(contrast: Uint8Array, luma: Uint8Array, startAt: number, along: number, side: number): number {
  let [sum, seen] = [0, 0];
  for (let i = 0; i < contrast.length; i++) {
    if (contrast[i] === 0) continue;
    sum += luma[startAt + i * along]!;
    seen++;
  }
  for (let i = 0, at = startAt; i < contrast.length; i++, at += along) {
    const darker = Math.max(luma[at - side]!, luma[at + side]!) - luma[at]!;
    const isAsDark = Math.abs(luma[at]! - sum / seen) < MIN_CONTRAST;
    if (contrast[i] === 0 && isAsDark && darker >= MIN_CONTRAST) contrast[i] = darker;
  }
  return seen;
}

/** Kept from plot to plot, up to so many samples: fresh memory costs more than to clear it. */
const KEPT_SAMPLES = 1_000_000;
let kept = new Uint8Array(0);
let keptInked = new Int32Array(0);

/** White all over; valid until the next lines are looked for. */
function blankLuma(samples: number): Uint8Array {
  if (samples > KEPT_SAMPLES) return new Uint8Array(samples).fill(255);
  if (kept.length < samples) kept = new Uint8Array(samples);
  return kept.subarray(0, samples).fill(255);
}

/** Room for as many places; valid as long. */
function inkedOf(samples: number): Int32Array {
  if (samples > KEPT_SAMPLES) return new Int32Array(samples);
  if (keptInked.length < samples) keptInked = new Int32Array(samples);
  return keptInked;
}

interface Stretch {
  from: number;
  to: number;
  contrast: number;
  drawn: number;
}

/**
 * The longest stretch of a line, counted in samples. Dashes and a crossing curve leave holes; but where it is solid for
 * most of its length, what lies beyond a hole is something else, such as a label in the same row.
 */
function lineOf(
  contrast: Uint8Array,
  lumaOf: (sample: number) => number,
  isCorner: (sample: number) => boolean,
): Stretch | undefined {
  const isLong = (line: Stretch | undefined): line is Stretch =>
    line !== undefined && line.to - line.from >= MIN_AXIS_SHARE * contrast.length;
  const solid = longestStretch(contrast, 2);
  const mended = solid && overDamage(contrast, solid, lumaOf, isCorner);
  const holed = longestStretch(contrast, Math.max(4, Math.floor(contrast.length / 25)));
  if (isLong(mended) && (!isLong(holed) || mended.to - mended.from > 0.75 * (holed.to - holed.from))) return mended;
  return isLong(holed) ? holed : undefined;
}

/**
 * A solid line with what goes on as solid and as dark beyond a hole: damage, such as white spots on a frame, broke it. But
 * where either ends at a corner, there is no hole: it is the frame, and another box in line with it.
 */
function overDamage(
  contrast: Uint8Array,
  solid: Stretch,
  lumaOf: (sample: number) => number,
  isCorner: (sample: number) => boolean,
): Stretch {
  const own = lumaOf((solid.from + solid.to) >> 1);
  const mostHole = Math.floor(MOST_DAMAGED * contrast.length);
  const endOf = (start: number, step: 1 | -1): number => {
    let end = start;
    let length = 0;
    for (let at = end + step; Math.abs(at - end) <= mostHole + LEAST_PIECE && at in contrast; at += step) {
      length = contrast[at] !== 0 && Math.abs(lumaOf(at) - own) < MIN_CONTRAST ? length + 1 : 0;
      if (length < LEAST_PIECE) continue;
      if (length === LEAST_PIECE && Math.abs(at - end) > LEAST_PIECE)
        if (isCorner(end) || isCorner(at - step * (LEAST_PIECE - 1))) break;
      end = at;
    }
    return end;
  };
  const [from, to] = [endOf(solid.from, -1), endOf(solid.to, 1)];
  const drawn = contrast.subarray(from, to + 1).reduce((sum, darker) => sum + (darker > 0 ? 1 : 0), 0);
  return { ...solid, from, to, drawn: drawn / (to - from + 1) };
}

/** Does a stroke as dark as a line, such as a frame's other side, begin or end at it there? */
function meetsStroke(
  { fromPx, toPx, atPx }: Pick<RuledLine, "fromPx" | "toPx" | "atPx">,
  own: number,
  across: number,
  lumaAtPx: (alongPx: number, acrossPx: number) => number,
): boolean {
  const isStroke = (alongPx: number, step: 1 | -1): boolean => {
    for (let away = CORNER_PX.from; away <= CORNER_PX.to; away++) {
      const acrossPx = atPx + step * away;
      if (acrossPx < 0 || acrossPx >= across) return false;
      if (Math.abs(lumaAtPx(alongPx, acrossPx) - own) >= MIN_CONTRAST) return false;
    }
    return true;
  };
  for (let px = fromPx; px <= toPx; px++) if (isStroke(px, 1) || isStroke(px, -1)) return true;
  return false;
}

function longestStretch(contrast: Uint8Array, maxHole: number): Stretch | undefined {
  let best: Stretch | undefined;
  for (let from = 0; from < contrast.length; from++) {
    if (contrast[from] === 0) continue;
    let to = from;
    let count = 0;
    let sum = 0;
    for (let i = from; i < contrast.length && i - to <= maxHole; i++) {
      if (contrast[i] === 0) continue;
      to = i;
      count++;
      sum += contrast[i]!;
    }
    const drawn = count / (to - from + 1);
    if (drawn >= MIN_DRAWN && (best === undefined || to - from > best.to - best.from))
      best = { from, to, contrast: sum / count, drawn };
    from = to;
  }
  return best;
}

/**
 * Neighbouring rows of one thick or blurred stroke become one line, at their middle by contrast. A turned label in line
 * with the frame's side is no part of it.
 */
function mergeThick(raw: readonly RuledLine[]): RuledLine[] {
  const lines: RuledLine[] = [];
  for (let i = 0; i < raw.length;) {
    let end = i + 1;
    while (end < raw.length && isBeside(raw[end - 1]!, raw[end]!)) end++;
    const group = raw.slice(i, end);
    const strongest = group.reduce((best, line) =>
      line.contrast * line.drawn > best.contrast * best.drawn ? line : best,
    );
    const core = group.filter((line) => line.contrast * line.drawn > 0.35 * strongest.contrast * strongest.drawn);
    const weight = core.reduce((sum, line) => sum + line.contrast, 0);
    lines.push({
      ...strongest,
      atPx: core.reduce((sum, line) => sum + line.contrast * line.atPx, 0) / weight,
      thicknessPx: weight / strongest.contrast,
    });
    i = end;
  }
  return lines;
}

function isBeside(line: RuledLine, next: RuledLine): boolean {
  return next.atPx - line.atPx <= 1 && next.fromPx <= line.toPx && line.fromPx <= next.toPx;
}
