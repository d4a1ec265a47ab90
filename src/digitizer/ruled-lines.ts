/**
 * Ruled lines: the long straight strokes of a picture, level and upright: frames, axes and gridlines.
 * Owns what makes a line; the points that it is told by are `line-samples`', from where to where it goes `line-stretch`'s.
 */
import { sampleLines, type Brightness, type LineSamples, type Orientation } from "./line-samples.ts";
import { findStretch, MIN_AXIS_SHARE, MIN_CONTRAST, MIN_DRAWN } from "./line-stretch.ts";
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

/** Lines are looked for up to this thick: the surroundings are taken this far from the middle. */
const SIDE_PX = 2;
/** So far from a line, at least, another one goes away from it at a corner: a tick mark ends before. */
const CORNER_PX = { from: 3, to: 16 };
/** Of a line that ink hides, at least this share of what is drawn of it must be seen from both sides. */
const LEAST_SEEN = 0.6;

/**
 * All long straight lines of one orientation, from the top or the left on.
 * @param withHidden a line goes on where other ink as dark lies on one side of it, such as a curve that runs along it
 */
export function findLines(
  raster: Raster,
  orientation: Orientation,
  brightnessAt: Brightness,
  withHidden: boolean,
): RuledLine[] {
  const { widthPx, heightPx, rgb } = raster;
  const level = orientation === "level";
  const [along, across] = level ? [widthPx, heightPx] : [heightPx, widthPx];
  const sampled = sampleLines(raster, orientation, brightnessAt);
  const { luma, samples, stridePx, stepAlong, stepAcross } = sampled;
  const side = SIDE_PX * stepAcross;
  const counts = countDarker(sampled, level, across);
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
      const fromPx = Math.max(0, (sample - 1) * stridePx);
      const toPx = Math.min(along - 1, (sample + 1) * stridePx);
      return meetsStroke({ fromPx, toPx, atPx }, lumaOf(sample), across, (alongPx, acrossPx) =>
        brightnessAt(rgb, 3 * (level ? acrossPx * widthPx + alongPx : alongPx * widthPx + acrossPx)),
      );
    };
    const line = findStretch(contrast, lumaOf, isCorner);
    if (line === undefined || seen < LEAST_SEEN * (line.to - line.from + 1) * line.drawn) continue;
    const { from, to } = line;
    lines.push({ ...line, atPx, thicknessPx: 1, fromPx: from * stridePx, toPx: to * stridePx });
  }
  return mergeThick(lines);
}

/** How many samples of each line are darker than both of its sides. */
function countDarker({ luma, inked, stepAlong, stepAcross }: LineSamples, level: boolean, across: number): Uint16Array {
  const counts = new Uint16Array(across);
  const side = SIDE_PX * stepAcross;
  for (const at of inked) {
    const limit = luma[at]! + MIN_CONTRAST;
    if (limit > 255) continue;
    const atPx = level ? Math.floor(at / stepAcross) : at % stepAlong;
    if (atPx < SIDE_PX || atPx >= across - SIDE_PX) continue;
    if (luma[at - side]! >= limit && luma[at + side]! >= limit) counts[atPx]!++;
  }
  return counts;
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
