/**
 * Redraw costs: how far a column, drawn again as GD draws it, is from the picture.
 */
import type { Run } from "./crowds.ts";
import type { Trace } from "./trace.ts";
import { layRun, layStretch } from "./wu-line.ts";

/** Ink that a sample hidden behind the frame must explain at the least. */
const HIDDEN_COST = 0.1;

/** Costs of redrawn columns: squared differences of coverage, summed over the rows. */
export interface Redraw {
  /**
   * One column, with the stretch that leads into its samples and the one that leads on. NaN: there is none.
   * @param run what its samples cover, if that is more than from the first one to the last
   */
  column(
    column: number,
    enterRow: number,
    leaveRow: number,
    fromColumn: number,
    fromRow: number,
    toColumn: number,
    toRow: number,
    run?: Run,
  ): number;
  /** All columns strictly between two that hold samples. */
  between(fromColumn: number, fromRow: number, toColumn: number, toRow: number): number;
}

export function createRedraw({ coverage, rows, columns, tops, bottoms }: Trace, thickness: number): Redraw {
  const uncovered = new Float32Array(rows).fill(1);
  /** Squared ink of each column: its cost when left blank. */
  const blank = new Float64Array(columns);
  for (let column = 0; column < columns; column++)
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++)
      blank[column]! += coverage[at]! * coverage[at]!;
  const settle = (column: number, top: number, bottom: number): number => {
    const base = column * rows;
    let cost = blank[column]!;
    for (let row = top; row <= bottom; row++) {
      const redrawn = 1 - uncovered[row]!;
      cost += redrawn * (redrawn - 2 * coverage[base + row]!);
      uncovered[row] = 1;
    }
    return cost;
  };
  return {
    column(column, enterRow, leaveRow, fromColumn, fromRow, toColumn, toRow, run) {
      if (column <= 0 || column >= columns - 1) return Number.isNaN(enterRow) ? 0 : HIDDEN_COST;
      const upper = run?.top ?? Math.min(enterRow, leaveRow);
      const lower = run?.bottom ?? Math.max(enterRow, leaveRow);
      let [top, bottom] = [upper, lower];
      if (fromRow < top) top = fromRow;
      if (fromRow > bottom) bottom = fromRow;
      if (toRow < top) top = toRow;
      if (toRow > bottom) bottom = toRow;
      top = Math.max(1, top);
      bottom = Math.min(rows - 2, bottom + thickness - 1);
      for (let k = 0; k < thickness; k++) {
        layRun(uncovered, top, bottom, upper + k, lower + k);
        if (fromColumn < column && !Number.isNaN(fromRow))
          layStretch(uncovered, top, bottom, column, fromColumn, fromRow + k, column, enterRow + k);
        if (toColumn > column && !Number.isNaN(toRow))
          layStretch(uncovered, top, bottom, column, column, leaveRow + k, toColumn, toRow + k);
      }
      return settle(column, top, bottom);
    },
    between(fromColumn, fromRow, toColumn, toRow) {
      const top = Math.max(1, Math.min(fromRow, toRow));
      const bottom = Math.min(rows - 2, Math.max(fromRow, toRow) + thickness - 1);
      let cost = 0;
      if (Number.isNaN(fromRow + toRow)) {
        for (let column = fromColumn + 1; column < toColumn; column++) cost += blank[column]!;
        return cost;
      }
      const perColumn = (toRow - fromRow) / (toColumn - fromColumn);
      const reach = Math.abs(perColumn) + 1;
      for (let column = fromColumn + 1; column < toColumn; column++) {
        // Of a long stretch only the rows where it comes near this column.
        const row = fromRow + perColumn * (column - fromColumn);
        const first = Math.max(top, Math.floor(row - reach));
        const last = Math.min(bottom, Math.ceil(row + reach) + thickness - 1);
        for (let k = 0; k < thickness; k++)
          layStretch(uncovered, first, last, column, fromColumn, fromRow + k, toColumn, toRow + k);
        cost += settle(column, first, last);
      }
      return cost;
    },
  };
}
