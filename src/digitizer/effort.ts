/**
 * Effort: how much work the searches for samples may still take on one picture, lest a messy one take minutes.
 * Counted in pixels drawn again, before a search begins or while it goes on, and never by a clock, so that every machine
 * gives the same reading.
 */

export interface Effort {
  /** Pixels that may still be drawn; each takes a few nanoseconds. A search that began may end a little below 0. */
  left: number;
}

/** The dearest of some 800 drawn plots of up to 1600 px takes less than two thirds of it, a published one a thousandth. */
export const MOST_EFFORT = 600_000_000;

/** Spends so much on a search; false, and nothing is spent, where less is left. */
export function spend(effort: Effort, pixels: number): boolean {
  if (pixels > effort.left) return false;
  effort.left -= pixels;
  return true;
}
