/**
 * The line as GD draws it (gdImageAALine): from one whole pixel to another, each step shared by two pixels.
 * Owns how much of a column's pixels one stretch covers; inks of several stretches blend over each other.
 */

/**
 * Lays a stretch over one column: multiplies what is left uncovered of its pixels.
 * @param uncovered by row; rows outside of `top` to `bottom` are skipped
 */
export function layStretch(
  uncovered: Float32Array,
  top: number,
  bottom: number,
  column: number,
  fromColumn: number,
  fromRow: number,
  toColumn: number,
  toRow: number,
): void {
  const across = toColumn - fromColumn;
  const down = toRow - fromRow;
  if (across === 0 || (down === 0 && column >= fromColumn && column <= toColumn)) {
    layRun(uncovered, top, bottom, Math.min(fromRow, toRow), Math.max(fromRow, toRow));
  } else if (Math.abs(down) < across) {
    if (column < fromColumn || column > toColumn) return;
    const row = fromRow + (down * (column - fromColumn)) / across;
    const above = Math.floor(row);
    const share = row - above;
    if (above >= top && above <= bottom) uncovered[above]! *= share;
    if (share > 0 && above + 1 >= top && above + 1 <= bottom) uncovered[above + 1]! *= 1 - share;
  } else {
    // Steep: row by row, each shared by the two columns beside the line.
    const perRow = across / down;
    let first = Math.max(top, Math.min(fromRow, toRow));
    let last = Math.min(bottom, Math.max(fromRow, toRow));
    // Between neighbouring columns, as most samples are, all rows come near both.
    if (across > 1) {
      const rowA = fromRow + (column - 1 - fromColumn) / perRow;
      const rowB = fromRow + (column + 1 - fromColumn) / perRow;
      first = Math.max(first, Math.ceil(Math.min(rowA, rowB)));
      last = Math.min(last, Math.floor(Math.max(rowA, rowB)));
    }
    for (let row = first; row <= last; row++) {
      const away = Math.abs(fromColumn + (row - fromRow) * perRow - column);
      if (away < 1) uncovered[row]! *= away;
    }
  }
}

/** Covers the pixels from one row to another wholly. */
export function layRun(uncovered: Float32Array, top: number, bottom: number, from: number, to: number): void {
  for (let row = Math.max(top, from); row <= Math.min(bottom, to); row++) uncovered[row] = 0;
}
