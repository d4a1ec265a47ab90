/** Weights: the network of `glyphs.ts`, unpacked from the bytes that `train.ts` wrote. */
import { CHARACTERS, HIDDEN, PACKED } from "./weights-data.ts";

export { CHARACTERS, HIDDEN };

function unpack({ scale, packed }: { scale: number; packed: string }): Float64Array {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return Float64Array.from(new Int8Array(bytes.buffer), (value) => value * scale);
}

export const WEIGHTS = {
  first: unpack(PACKED.first),
  firstBias: unpack(PACKED.firstBias),
  second: unpack(PACKED.second),
  secondBias: unpack(PACKED.secondBias),
};
