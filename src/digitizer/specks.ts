/**
 * Specks: faint pixels that no line leads through.
 * Pictures with few colours have them, sown over a watermark whose greys were mixed out of tints. One where the curve has
 * a gap would pass for a sample. Lossy copies have stronger ones, where gridlines cross the edges of bands.
 */
import type { Trace } from "./trace.ts";

/** Nothing fainter is more than a line's soft edge, which lies beside stronger ink: at least so strong. */
const FAINT = 0.15;
const FAINT_LOSSY = 0.5;
const BESIDE = 0.3;

/** Clears the faint pixels that touch no stronger ink; not those beside the frame's sides, which may hide that. */
export function clearSpecks({ coverage, columns, rows, tops, bottoms, lossy }: Trace): void {
  const faint = lossy ? FAINT_LOSSY : FAINT;
  for (let column = 2; column < columns - 2; column++) {
    const [top, bottom] = [tops[column]!, bottoms[column]!];
    if (bottom < top) continue;
    let [first, last] = [rows, -1];
    const base = column * rows;
    for (let row = top; row <= bottom; row++) {
      const at = base + row;
      const share = coverage[at]!;
      if (share === 0) continue;
      if (share < faint && !touchesInk(coverage, at, rows)) coverage[at] = 0;
      else {
        if (first === rows) first = row;
        last = row;
      }
    }
    tops[column] = first;
    bottoms[column] = last;
  }
}

function touchesInk(coverage: Float32Array, at: number, rows: number): boolean {
  for (let side = at - rows; side <= at + rows; side += rows)
    for (let beside = side - 1; beside <= side + 1; beside++)
      if (beside !== at && coverage[beside]! >= BESIDE) return true;
  return false;
}
