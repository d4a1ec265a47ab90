/** What colours the pixels on the gridlines have. */
import type { PlotReading } from "./calibration.ts";
import { colourKey } from "./ink-colour.ts";
import type { Raster } from "./png.ts";

/**
 * How often each colour is seen on them, by its key.
 * @param counts is asked of a pixel, by the place of its red in `rgb` and its row
 */
export function countGridlineColours(
  { rgb, widthPx }: Raster,
  { calibration, gridColumnsPx, gridRowsPx }: PlotReading,
  counts: (at: number, row: number) => boolean,
): Map<number, number> {
  const { leftPx, topPx, rightPx, bottomPx } = calibration.plotArea;
  const seen = new Map<number, number>();
  const look = (column: number, row: number): void => {
    const at = 3 * (row * widthPx + column);
    if (!counts(at, row)) return;
    const key = colourKey(rgb, at);
    seen.set(key, (seen.get(key) ?? 0) + 1);
  };
  for (const column of gridColumnsPx) for (let row = topPx + 1; row < bottomPx; row++) look(column, row);
  for (const row of gridRowsPx) for (let column = leftPx + 1; column < rightPx; column++) look(column, row);
  return seen;
}
