/** A canvas of whole pixels, for tests that need a frame, a gridline or a band and nothing else. */
import type { Raster } from "../../src/digitizer/png.ts";

export interface Canvas extends Raster {
  /** Fills a rectangle, its right and bottom side included. */
  fill(left: number, top: number, right: number, bottom: number, colour: readonly [number, number, number]): Canvas;
  frame(left: number, top: number, right: number, bottom: number, colour?: readonly [number, number, number]): Canvas;
}

export const BLACK = [0, 0, 0] as const;

export function createCanvas(widthPx: number, heightPx: number): Canvas {
  const rgb = new Uint8Array(3 * widthPx * heightPx).fill(255);
  const canvas: Canvas = {
    widthPx,
    heightPx,
    rgb,
    fill(left, top, right, bottom, colour) {
      for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) rgb.set(colour, 3 * (y * widthPx + x));
      return canvas;
    },
    frame(left, top, right, bottom, colour = BLACK) {
      canvas.fill(left, top, right, top, colour).fill(left, bottom, right, bottom, colour);
      return canvas.fill(left, top, left, bottom, colour).fill(right, top, right, bottom, colour);
    },
  };
  return canvas;
}
