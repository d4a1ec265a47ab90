/**
 * Specks: faint pixels that no line leads through.
 * Pictures with few colours have them, sown over a watermark whose greys were mixed out of tints. One where the curve has
 * a gap would pass for a sample. Lossy copies have stronger ones, where gridlines cross the edges of bands.
 */
import type { Trace } from "./trace.ts";

/** Nothing fainter is more than a line's soft edge, which lies beside stronger ink: at least so strong. */
const FAINT = 0.15;
const BESIDE = 0.3;
/** Those of lossy copies are as strong as this, and so far from any other; steep strokes are smeared as much, but not alone. */
const FAINT_LOSSY = 0.5;
const ALONE_PX = 2;

/** Clears the faint pixels that touch no stronger ink; not those beside the frame's sides, which may hide that. */
export function clearSpecks({ coverage, columns, rows, tops, bottoms, lossy }: Trace): void {
  for (let column = 2; column < columns - 2; column++) {
    const [top, bottom] = [tops[column]!, bottoms[column]!];
    if (bottom < top) continue;
    let [first, last] = [rows, -1];
    const base = column * rows;
    for (let row = top; row <= bottom; row++) {
      const at = base + row;
      const share = coverage[at]!;
      if (share === 0) continue;
      const isSpeck =
        share < FAINT
          ? !hasInkWithin(1, coverage, at, rows, BESIDE)
          : lossy && share < FAINT_LOSSY && !hasInkWithin(ALONE_PX, coverage, at, rows, FAINT);
      if (isSpeck) coverage[at] = 0;
      else {
        if (first === rows) first = row;
        last = row;
      }
    }
    tops[column] = first;
    bottoms[column] = last;
  }
}

/** Is there ink of at least so much within some pixels, other than the pixel's own? */
function hasInkWithin(px: number, coverage: Float32Array, at: number, rows: number, least: number): boolean {
  for (let side = at - px * rows; side <= at + px * rows; side += rows)
    for (let beside = side - px; beside <= side + px; beside++)
      if (beside !== at && coverage[beside]! >= least) return true;
  return false;
}
