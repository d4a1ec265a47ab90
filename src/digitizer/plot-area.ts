/**
 * Plot area: the rectangle inside the axes, wherever it lies, and the straight lines drawn in and at it.
 * Owns lines and where they cross; labels are left to `text`, the curve to `trace`.
 */
import type { PlotArea } from "../model/plot.ts";
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

export interface Frame {
  plotArea: PlotArea;
  framePx: number;
  /** Lines strictly inside the frame. */
  gridRows: RuledLine[];
  gridColumns: RuledLine[];
}

/** A line must be darker than what lies on both of its sides by this much. Gridlines are faint. */
const MIN_CONTRAST = 9;
/** Lines are looked for up to this thick: the surroundings are taken this far from the middle. */
const SIDE_PX = 2;
/** Samples taken across the picture for each row and column. */
const SAMPLES = 80;
/** Dashes and crossing curves leave at least this share of a line. */
const MIN_DRAWN = 0.3;
/** Outside of an axis there is at least this much room. */
const LABEL_ROOM_PX = 12;
/** The axes take at least this share of the picture's width and height. */
const MIN_AXIS_SHARE = 0.3;

/** Finds the frame, or the two axes of a plot that has no more. `undefined` when there are none. */
export function findFrame(raster: Raster): Frame | undefined {
  const rows = findLines(raster, "level");
  const columns = findLines(raster, "upright");
  const plotArea = chooseFrame(raster, rows, columns);
  if (plotArea === undefined) return undefined;
  const { leftPx, rightPx, topPx, bottomPx } = plotArea;
  const isInside = (line: RuledLine, from: number, to: number): boolean => line.atPx > from + 3 && line.atPx < to - 3;
  const covers = (line: RuledLine, from: number, to: number): boolean =>
    Math.min(line.toPx, to) - Math.max(line.fromPx, from) > 0.8 * (to - from);
  const bottom = rows.find((line) => Math.round(line.atPx) === bottomPx);
  return {
    plotArea,
    framePx: Math.max(1, Math.round(bottom?.thicknessPx ?? 1)),
    gridRows: rows.filter((line) => isInside(line, topPx, bottomPx) && covers(line, leftPx, rightPx)),
    gridColumns: columns.filter((line) => isInside(line, leftPx, rightPx) && covers(line, topPx, bottomPx)),
  };
}

/** All long straight lines of one orientation, from the top or the left on. */
export function findLines({ widthPx, heightPx, rgb }: Raster, orientation: "level" | "upright"): RuledLine[] {
  const level = orientation === "level";
  const [along, across] = level ? [widthPx, heightPx] : [heightPx, widthPx];
  const stride = Math.max(1, Math.floor(along / SAMPLES));
  const samples = Math.floor(along / stride);
  // Luma of the sampled points, in the order of the picture's bytes.
  const luma = new Uint8Array(across * samples);
  const [rows, rowStep, columns, columnStep] = level ? [heightPx, 1, samples, stride] : [samples, stride, widthPx, 1];
  for (let row = 0, to = 0; row < rows; row++)
    for (let column = 0, at = 3 * row * rowStep * widthPx; column < columns; column++, at += 3 * columnStep)
      luma[to++] = lumaAt(rgb, at);
  const [stepAlong, stepAcross] = level ? [1, samples] : [widthPx, 1];
  const side = SIDE_PX * stepAcross;
  // How many samples of each line are darker than both of its sides; counted in the order of memory.
  const counts = new Uint16Array(across);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at++) {
      const atPx = level ? row : column;
      if (atPx < SIDE_PX || atPx >= across - SIDE_PX) continue;
      const limit = luma[at]! + MIN_CONTRAST;
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
    const line = lineOf(contrast);
    if (line === undefined) continue;
    const { from, to } = line;
    lines.push({ ...line, atPx, thicknessPx: 1, fromPx: from * stride, toPx: to * stride });
  }
  return mergeThick(lines);
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
function lineOf(contrast: Uint8Array): Stretch | undefined {
  const holed = longestStretch(contrast, Math.max(4, Math.floor(contrast.length / 25)));
  if (holed === undefined || holed.to - holed.from < MIN_AXIS_SHARE * contrast.length) return undefined;
  const solid = longestStretch(contrast, 2);
  return solid !== undefined && solid.to - solid.from > 0.75 * (holed.to - holed.from) ? solid : holed;
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

/** Neighbouring rows of one thick or blurred stroke become one line, at their middle by contrast. */
function mergeThick(raw: readonly RuledLine[]): RuledLine[] {
  const lines: RuledLine[] = [];
  for (let i = 0; i < raw.length;) {
    let end = i + 1;
    while (end < raw.length && raw[end]!.atPx - raw[end - 1]!.atPx <= 1) end++;
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

/**
 * The rectangle whose sides are the axes. The bottom and the left axis must meet; a top and a right side are taken where
 * there are lines, else the axes' own ends. Of several, the one with the strongest sides, then the largest.
 */
function chooseFrame(raster: Raster, rows: RuledLine[], columns: RuledLine[]): PlotArea | undefined {
  const { widthPx, heightPx } = raster;
  // Lines are sampled, so their ends are known to a sample or so.
  const slack = Math.max(6, 0.015 * widthPx, Math.max(widthPx, heightPx) / SAMPLES + 3);
  const bottoms = rows.filter((row) => row.atPx > 0.35 * heightPx && row.drawn > 0.7);
  const lefts = columns.filter((column) => column.atPx < 0.6 * widthPx && column.drawn > 0.7);
  let best: { score: number; plotArea: PlotArea } | undefined;
  for (const bottom of bottoms) {
    for (const left of lefts) {
      if (!reaches(bottom, left.atPx, slack) || !reaches(left, bottom.atPx, slack)) continue;
      const right = columns.findLast((line) => isOpposite(line, left, bottom, MIN_AXIS_SHARE * widthPx, slack));
      const top = rows.find((line) => isOpposite(line, bottom, left, -MIN_AXIS_SHARE * heightPx, slack));
      const plotArea = {
        leftPx: Math.round(left.atPx),
        bottomPx: Math.round(bottom.atPx),
        rightPx: Math.round(right?.atPx ?? endOf(raster, bottom, "level")),
        topPx: Math.round(top?.atPx ?? endOf(raster, left, "upright")),
      };
      const area = ((plotArea.rightPx - plotArea.leftPx) * (plotArea.bottomPx - plotArea.topPx)) / (widthPx * heightPx);
      // Labels need room outside of the axes: what has none is likelier a border around the whole picture.
      const isBorder = left.atPx <= LABEL_ROOM_PX || bottom.atPx >= heightPx - LABEL_ROOM_PX;
      const sides = bottom.contrast + left.contrast + 0.3 * ((right?.contrast ?? 0) + (top?.contrast ?? 0));
      const score = sides + 60 * area - (isBorder ? 1000 : 0);
      if (best === undefined || score > best.score) best = { score, plotArea };
    }
  }
  return best?.plotArea ?? chooseCutFrame(rows, columns, slack);
}

/** The frame of a picture that was cut off left of it, or within: its other three sides. */
function chooseCutFrame(rows: RuledLine[], columns: RuledLine[], slack: number): PlotArea | undefined {
  const right = columns.findLast((column) => column.drawn > 0.7);
  if (right === undefined) return undefined;
  const isSide = (row: RuledLine, endPx: number): boolean =>
    row.drawn > 0.7 &&
    row.fromPx <= slack &&
    Math.abs(row.toPx - right.atPx) <= slack &&
    Math.abs(row.atPx - endPx) <= slack;
  const top = rows.find((row) => isSide(row, right.fromPx));
  const bottom = rows.findLast((row) => isSide(row, right.toPx));
  if (top === undefined || bottom === undefined || top === bottom) return undefined;
  const [topPx, bottomPx] = [Math.round(top.atPx), Math.round(bottom.atPx)];
  return { leftPx: 0, rightPx: Math.round(right.atPx), topPx, bottomPx };
}

function reaches(line: RuledLine, atPx: number, slackPx: number): boolean {
  return line.fromPx <= atPx + slackPx && line.toPx >= atPx - slackPx;
}

/** Is this the frame's line opposite to an axis, at the end of the other axis? */
function isOpposite(line: RuledLine, axis: RuledLine, other: RuledLine, leastPx: number, slackPx: number): boolean {
  const away = leastPx > 0 ? line.atPx - axis.atPx >= leastPx : line.atPx - axis.atPx <= leastPx;
  const asStrong = line.contrast > 0.5 * axis.contrast && line.drawn > 0.7;
  return (
    away && asStrong && reaches(other, line.atPx, slackPx) && line.toPx - line.fromPx > 0.8 * (axis.toPx - axis.fromPx)
  );
}

/** Where an axis without a frame around it ends, to the pixel: the right end of a level one, the top of an upright one. */
function endOf({ widthPx, rgb }: Raster, axis: RuledLine, orientation: "level" | "upright"): number {
  const at = Math.round(axis.atPx);
  const [near, far, step] = orientation === "level" ? [axis.toPx, widthPx - 1, 1] : [axis.fromPx, 0, -1];
  const lumaOf = (along: number): number =>
    lumaAt(rgb, 3 * (orientation === "level" ? at * widthPx + along : along * widthPx + at));
  const own = lumaOf(near);
  let end = near;
  while (end !== far && Math.abs(lumaOf(end + step) - own) < axis.contrast / 2) end += step;
  return end;
}
