/**
 * What inside the frame is no curve: the rest of a thick frame; legends, stamps and other text.
 * Text stands alone, so a box with ink that leads out of it is no text, but a stretch of curve that looks like some.
 */
import type { PixelBox } from "./png.ts";
import type { PlotReading } from "./calibration.ts";
import type { Trace } from "./trace.ts";

/** Ink on a box's rim that leads out of it; less is the noise of a lossy copy. */
const LEADING_INK = 0.3;

/** A line of the frame that is thicker than its middle tells reaches so far in, and is drawn nearly whole. */
export const FRAME_REST_PX = 2;
const FRAME_DRAWN = 0.9;

/** Clears what a thick frame in the curve's own colour leaves along the plot area's sides. */
export function clearFrame(trace: Trace): void {
  const { coverage, columns, rows } = trace;
  const [right, bottom] = [columns - 2, rows - 2];
  for (let depth = 0; depth < FRAME_REST_PX; depth++) {
    for (const column of [1 + depth, right - depth]) {
      let inked = 0;
      for (let row = 1; row <= bottom; row++) if (coverage[column * rows + row]! > LEADING_INK) inked++;
      if (inked > FRAME_DRAWN * bottom) clear(trace, { leftPx: column, rightPx: column, topPx: 1, bottomPx: bottom });
    }
    for (const row of [1 + depth, bottom - depth]) {
      let inked = 0;
      for (let column = 1; column <= right; column++) if (coverage[column * rows + row]! > LEADING_INK) inked++;
      if (inked > FRAME_DRAWN * right) clear(trace, { leftPx: 1, rightPx: right, topPx: row, bottomPx: row });
    }
  }
}

/** Clears the boxes of text that stand alone. */
export function clearText(trace: Trace, { calibration, textBoxes }: PlotReading): void {
  const { leftPx, topPx } = calibration.plotArea;
  for (const box of textBoxes) {
    const own = {
      leftPx: Math.max(0, box.leftPx - leftPx),
      rightPx: Math.min(trace.columns - 1, box.rightPx - leftPx),
      topPx: Math.max(0, box.topPx - topPx),
      bottomPx: Math.min(trace.rows - 1, box.bottomPx - topPx),
    };
    if (own.leftPx <= own.rightPx && own.topPx <= own.bottomPx && standsAlone(trace, own)) clear(trace, own);
  }
}

function standsAlone({ coverage, columns, rows }: Trace, { leftPx, rightPx, topPx, bottomPx }: PixelBox): boolean {
  const inked = (column: number, row: number): boolean =>
    column >= 0 && column < columns && row >= 0 && row < rows && coverage[column * rows + row]! > LEADING_INK;
  for (let column = leftPx - 1; column <= rightPx + 1; column++)
    if (inked(column, topPx - 1) || inked(column, bottomPx + 1)) return false;
  for (let row = topPx; row <= bottomPx; row++) if (inked(leftPx - 1, row) || inked(rightPx + 1, row)) return false;
  return true;
}

function clear({ coverage, rows, tops, bottoms }: Trace, { leftPx, rightPx, topPx, bottomPx }: PixelBox): void {
  for (let column = leftPx; column <= rightPx; column++) {
    const base = column * rows;
    coverage.fill(0, base + topPx, base + bottomPx + 1);
    while (tops[column]! <= bottoms[column]! && coverage[base + tops[column]!] === 0) tops[column]!++;
    while (bottoms[column]! >= tops[column]! && coverage[base + bottoms[column]!] === 0) bottoms[column]!--;
    if (bottoms[column]! < tops[column]!) [tops[column], bottoms[column]] = [rows, -1];
  }
}
