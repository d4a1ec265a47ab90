/**
 * The curve as vertices on the picture, and the picture that a plotter makes of them.
 * Owns redrawing; who finds the vertices, and how well they fit, is told elsewhere.
 */
import { layStretch } from "./wu-line.ts";

/** How a plotter turns vertices into pixels. */
export interface Pen {
  /** `wu`: GD's line between whole pixels. */
  kind: "wu";
  /** Thickness in px. */
  widthPx: number;
}

/** Vertices in drawing order; columns and rows count from the frame's left and top line. */
export interface Polyline {
  columns: Float64Array;
  rows: Float64Array;
  /** 1 where a stretch leads on to the next vertex. */
  joined: Uint8Array;
}

/** The coverage, column by column, that the pen leaves inside a frame of this size. */
export function drawPolyline(line: Polyline, pen: Pen, columns: number, rows: number): Float32Array {
  const ink = new Float32Array(columns * rows).fill(1);
  const count = line.columns.length;
  for (let i = 0; i < count; i++) {
    const last = line.joined[i] === 1 ? i + 1 : i;
    const from = line.columns[i]!;
    const to = line.columns[last]!;
    for (let column = Math.max(1, from); column <= Math.min(columns - 2, to); column++) {
      const uncovered = ink.subarray(column * rows, (column + 1) * rows);
      for (let shift = 0; shift < pen.widthPx; shift++)
        layStretch(uncovered, 1, rows - 2, column, from, line.rows[i]! + shift, to, line.rows[last]! + shift);
    }
  }
  for (let at = 0; at < ink.length; at++) ink[at] = 1 - ink[at]!;
  return ink;
}
