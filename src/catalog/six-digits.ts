/**
 * Amplitudes to six significant digits, which is far below what a pixel can tell (1.7 %).
 * Kept as 32-bit floats, they come back as they were before only when they are rounded.
 */

/** 0.41200000047 becomes 0.412. */
export function toSixDigits(value: number): number {
  const size = Math.abs(value);
  // Dividing by a power of ten gives just the number that the digits spell, and is much quicker than spelling them.
  if (size >= 0.01 && size < 1000) {
    const scale = size < 0.1 ? 1e7 : size < 1 ? 1e6 : size < 10 ? 1e5 : size < 100 ? 1e4 : 1e3;
    return Math.round(value * scale) / scale;
  }
  return Number(value.toPrecision(6));
}
