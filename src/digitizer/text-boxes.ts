/**
 * Text inside the frame: legends, stamps and the like are not curve.
 */
import type { PlotReading } from "./calibration.ts";

/** Tells whether a pixel lies in a legend, a stamp or other text inside the frame. */
export function createTextTest({ textBoxes }: PlotReading): (x: number, y: number) => boolean {
  if (textBoxes.length === 0) return () => false;
  return (x, y) => textBoxes.some((box) => x >= box.leftPx && x <= box.rightPx && y >= box.topPx && y <= box.bottomPx);
}
