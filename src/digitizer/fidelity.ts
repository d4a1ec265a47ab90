/**
 * Fidelity: how well the samples, drawn again, explain the picture.
 * Owns the comparison; tells, where no truth exists, how far to trust a reading.
 */
import type { Fidelity } from "../model/plot.ts";

/** Below this share, either way, samples stay out of the record. */
export const TRUSTED_FIDELITY = 0.9;

/** Compares coverage that is there with coverage redrawn. Both shares are 0 where there is no ink at all. */
export function compareInk(there: Float32Array, redrawn: Float32Array): Fidelity {
  let [shared, inkThere, inkRedrawn] = [0, 0, 0];
  for (let at = 0; at < there.length; at++) {
    const [a, b] = [there[at]!, redrawn[at]!];
    inkThere += a;
    inkRedrawn += b;
    shared += a < b ? a : b;
  }
  return {
    explained: inkThere > 0 ? shared / inkThere : 0,
    present: inkRedrawn > 0 ? shared / inkRedrawn : 0,
  };
}
