/**
 * Strokes: whole pixels from one to another, each the nearest to a straight line. Of two that are as near, the one further
 * on is taken.
 */

/** From pixel to pixel, each nearest to the straight line between. */
export interface Stroke {
  fromColumn: number;
  fromRow: number;
  toColumn: number;
  toRow: number;
  /** First and last row in the column that `findRows` was asked for. */
  top: number;
  bottom: number;
}

export function createStroke(): Stroke {
  return { fromColumn: 0, fromRow: 0, toColumn: 0, toRow: 0, top: 0, bottom: 0 };
}

/** Finds a stroke's rows in one of its columns. It goes on along its longer side, and along the other whenever half a pixel is full. */
export function findRows(stroke: Stroke, column: number): void {
  const { fromColumn, fromRow, toColumn, toRow } = stroke;
  const across = toColumn - fromColumn;
  const down = Math.abs(toRow - fromRow);
  const passed = column - fromColumn;
  let first = 0;
  let last = down;
  if (down <= across) first = last = across === 0 ? 0 : Math.floor((passed * down) / across + 0.5);
  else if (across > 0) {
    first = Math.max(0, Math.ceil(((passed - 0.5) * down) / across));
    last = Math.min(down, Math.ceil(((passed + 0.5) * down) / across) - 1);
  }
  stroke.top = toRow > fromRow ? fromRow + first : fromRow - last;
  stroke.bottom = toRow > fromRow ? fromRow + last : fromRow - first;
}
