/**
 * Pens: how plotters turn a line's vertices into pixels.
 * Owns the ink that a line leaves in one column; a pixel's own column and row are its left and upper edge, so that
 * pixel p reaches from p to p + 1.
 */
import { createStroke, findRows } from "./stroke.ts";
import { layStretch } from "./wu-line.ts";

/** Vertices in drawing order, in pixels from the frame's left and top line. */
export interface Polyline {
  /** Rising. */
  columns: Float64Array;
  rows: Float64Array;
  /** 1 where a stretch leads on to the next vertex. */
  joined: Uint8Array;
}

export interface Pen {
  readonly name: string;
  /** Does it draw between whole pixels alone? */
  readonly snaps: boolean;
  /** Does it draw in whole pixels alone from vertices that lie between them? */
  readonly isThin?: boolean;
  /** Does a line that rises begin at its end? */
  readonly isFromTop?: boolean;
  /** Are its vertices' columns, and they alone, the middles of pixels? */
  readonly hasWholeColumns?: boolean;
  /** Thickness in px of GD's line; `undefined` for the other plotters' pens. */
  readonly thickness: number | undefined;
  /** How far ink may reach beside a stretch, in px. */
  readonly reachPx: number;
  /** Where the vertex of a place on the axes lies on the pen's own pixels: 0.5 is the middle of a pixel. */
  readonly offsetPx: number;
  /**
   * Adds the ink of the stretches that start at vertices `from` to `to` in one column.
   * @param ink by row, 0 from `top` to `bottom`, the rows that are asked for
   */
  drawColumn(
    ink: Float32Array,
    top: number,
    bottom: number,
    column: number,
    line: Polyline,
    from: number,
    to: number,
  ): void;
}

/**
 * GD's line: vertices rounded to whole pixels, two-pixel coverage between them, inks blended over each other.
 * @param thickness in px: drawn that often, each time one row lower
 * @param offsetPx 0 for what other plotters draw much like this: in the pixel that a place lies in, not the nearest one
 */
export function createWuPen(thickness: number, offsetPx: number = 0.5): Pen {
  return {
    name: `wu ${thickness}${offsetPx === 0 ? ", corner" : ""}`,
    snaps: true,
    thickness,
    reachPx: thickness,
    offsetPx,
    drawColumn(ink, top, bottom, column, { columns, rows, joined }, from, to) {
      for (let row = top; row <= bottom; row++) ink[row] = 1;
      for (let i = from; i <= to; i++) {
        const next = joined[i] === 1 ? i + 1 : i;
        if (columns[next]! < column || columns[i]! > column) continue;
        for (let shift = 0; shift < thickness; shift++)
          layStretch(ink, top, bottom, column, columns[i]!, rows[i]! + shift, columns[next]!, rows[next]! + shift);
      }
      for (let row = top; row <= bottom; row++) ink[row] = 1 - ink[row]!;
    },
  };
}

/**
 * Lines without anti-aliasing: whole pixels, each the nearest to the line (Bresenham). Of two that are as near, the one
 * further on is drawn.
 * @param isFromTop as GD draws: its steep lines all go downwards
 */
export function createPlainPen(offsetPx: number, isFromTop = false): Pen {
  const stroke = createStroke();
  return {
    name: `plain${isFromTop ? " from the top" : ""}${offsetPx === 0 ? "" : ", middle"}`,
    snaps: true,
    isFromTop,
    thickness: undefined,
    reachPx: 1,
    offsetPx,
    drawColumn(ink, top, bottom, column, { columns, rows, joined }, from, to) {
      for (let i = from; i <= to; i++) {
        const next = joined[i] === 1 ? i + 1 : i;
        const [x1, y1, x2, y2] = [columns[i]!, rows[i]!, columns[next]!, rows[next]!];
        if (x2 < column || x1 > column) continue;
        const isTurned = isFromTop && y1 - y2 > x2 - x1;
        stroke.fromColumn = x1;
        stroke.fromRow = isTurned ? y2 : y1;
        stroke.toColumn = x2;
        stroke.toRow = isTurned ? y1 : y2;
        findRows(stroke, isTurned ? x1 + x2 - column : column);
        for (let row = Math.max(top, stroke.top); row <= Math.min(bottom, stroke.bottom); row++) ink[row] = 1;
      }
    },
  };
}

/** A stroke of real width between real places: each pixel takes the share of its area that the stroke covers. */
export function createAreaPen(widthPx: number, offsetPx: number, hasWholeColumns = false): Pen {
  const half = widthPx / 2;
  /** A round end, as a square one of the same area. */
  const cap = (half * Math.PI) / 4;
  /** By row, how far to the right a column is already covered. */
  let covered = new Float32Array(0);
  return {
    name: `area ${widthPx}${offsetPx === 0 ? "" : ", middle"}${hasWholeColumns ? ", whole columns" : ""}`,
    snaps: false,
    hasWholeColumns,
    thickness: undefined,
    reachPx: half * Math.SQRT2,
    offsetPx,
    drawColumn(ink, top, bottom, column, { columns, rows, joined }, from, to) {
      if (covered.length < ink.length) covered = new Float32Array(ink.length);
      for (let row = top; row <= bottom; row++) covered[row] = column;
      for (let i = from; i <= to; i++) {
        const next = joined[i] === 1 ? i + 1 : i;
        const x1 = columns[i]!;
        const y1 = rows[i]!;
        const x2 = columns[next]!;
        const y2 = rows[next]!;
        const across = x2 - x1;
        const down = y2 - y1;
        const steep = Math.abs(down);
        const length = Math.sqrt(across * across + down * down);
        if (length > 0 && steep <= across) {
          // Shallow: what lies in this column is a slanted bar.
          const start = i > 0 && joined[i - 1] === 1 ? x1 : x1 - cap;
          const end = joined[next] === 1 ? x2 : x2 + cap;
          const left = Math.max(start, column);
          const right = Math.min(end, column + 1);
          if (right <= left) continue;
          const middle = y1 + (((left + right) / 2 - x1) * down) / across;
          const high = (half * length) / across;
          const slant = (steep * (right - left)) / across / 2;
          const a = middle - high;
          const b = middle + high;
          const last = Math.min(bottom, Math.floor(b + slant));
          for (let row = Math.max(top, Math.floor(a - slant)); row <= last; row++) {
            const share = overlap(row, a, b, slant);
            const begin = Math.max(left, covered[row]!);
            if (share <= 0 || right <= begin) continue;
            ink[row]! += share * (right - begin);
            if (share > 0.5) covered[row] = right;
          }
          continue;
        }
        const upper = down > 0 ? y1 : y2;
        const lower = down > 0 ? y2 : y1;
        const low = upper - cap;
        const high = lower + cap;
        const wide = length === 0 ? half : (half * length) / steep;
        const perRow = length === 0 ? 0 : across / down;
        const slant = Math.abs(perRow) / 2;
        let first = Math.max(top, Math.floor(low));
        let last = Math.min(bottom, Math.floor(high));
        if (perRow !== 0) {
          // Of a stretch over several columns only the rows where it comes near this one.
          const a = y1 + (column - wide - slant - x1) / perRow - 0.5;
          const b = y1 + (column + 1 + wide + slant - x1) / perRow - 0.5;
          const nearest = Math.min(a, b);
          const furthest = Math.max(a, b);
          if (nearest > upper) first = Math.max(first, Math.floor(nearest));
          if (furthest < lower - 1) last = Math.min(last, Math.ceil(furthest));
        }
        for (let row = first; row <= last; row++) {
          const share = Math.min(high, row + 1) - Math.max(low, row);
          if (share <= 0) continue;
          const at = Math.min(lower, Math.max(upper, row + 0.5));
          const middle = x1 + (at - y1) * perRow;
          // The stroke's slanted sides, averaged over the row, leave the column more softly than its middle does.
          const start = Math.max(column, covered[row]!, middle - wide);
          const end = Math.min(column + 1, middle + wide);
          if (end <= start) {
            if (slant > 0) ink[row]! += share * softShare(column, middle, wide, slant, covered[row]!);
            continue;
          }
          ink[row]! += share * (end - start);
          if (share > 0.5) covered[row] = end;
        }
      }
    },
  };
}

/** Share of a pixel row between `a` and `b` when both are smeared by a slant to either side. */
function overlap(row: number, a: number, b: number, slant: number): number {
  if (slant < 0.02) return Math.max(0, Math.min(b, row + 1) - Math.max(a, row));
  return below(row + 1 - a, slant) - below(row - a, slant) - below(row + 1 - b, slant) + below(row - b, slant);
}

/** Integral of an edge that rises from 0 at `-slant` to 1 at `slant`. */
function below(at: number, slant: number): number {
  if (at <= -slant) return 0;
  if (at >= slant) return at;
  return ((at + slant) * (at + slant)) / (4 * slant);
}

function softShare(column: number, middle: number, wide: number, slant: number, covered: number): number {
  if (covered > column) return 0;
  return Math.max(0, overlap(column, middle - wide, middle + wide, slant));
}

/** Which stretches may leave ink in a column; ask for columns in rising order. */
export function createReach(line: Polyline, pen: Pen): (column: number) => { from: number; to: number } {
  const { columns } = line;
  let from = 0;
  let to = -1;
  return (column) => {
    while (to + 1 < columns.length && columns[to + 1]! < column + 1 + pen.reachPx) to++;
    while (from < to && columns[from + 1]! < column - pen.reachPx) from++;
    return { from, to };
  };
}
