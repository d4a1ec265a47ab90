/**
 * Where a patch of ink may be cut into characters, and what is left of a piece without its blank rows and columns.
 */
import type { Patch, Reading } from "./glyphs.ts";
import { INK_THRESHOLD } from "./ink.ts";

/** Columns before which a cut may pass: those with no more ink than a neighbour. */
export function cutColumns(reading: Reading, patch: Patch): Uint8Array {
  const width = patch.u1 - patch.u0 + 1;
  const sums = new Float64Array(width);
  for (let u = 0; u < width; u++)
    for (let v = patch.v0; v <= patch.v1; v++)
      sums[u]! += reading.ink[reading.at + (patch.u0 + u) * reading.stepU + v * reading.stepV]!;
  const cuts = new Uint8Array(width + 1);
  for (let u = 1; u < width; u++) {
    const lowHere = sums[u]! <= sums[Math.max(0, u - 1)]! || sums[u]! <= sums[Math.min(width - 1, u + 1)]!;
    if (lowHere) cuts[u] = 1;
  }
  return cuts;
}

/** The patch without rows and columns that hold no ink. */
export function tighten(reading: Reading, patch: Patch): Patch | undefined {
  let { u0, u1, v0, v1 } = { u0: patch.u1 + 1, u1: patch.u0 - 1, v0: patch.v1 + 1, v1: patch.v0 - 1 };
  for (let u = patch.u0; u <= patch.u1; u++)
    for (let v = patch.v0; v <= patch.v1; v++) {
      if (reading.ink[reading.at + u * reading.stepU + v * reading.stepV]! < INK_THRESHOLD) continue;
      if (u < u0) u0 = u;
      if (u > u1) u1 = u;
      if (v < v0) v0 = v;
      if (v > v1) v1 = v;
    }
  return u1 < u0 ? undefined : { u0, u1, v0, v1 };
}
