/**
 * A reading as it goes from one thread to another: its thousand samples as one block of numbers that is handed over,
 * since copying them one by one would keep the receiving thread busy for a tenth of the time that reading took.
 */
import type { Digitization } from "../model/plot.ts";

export interface PackedReading {
  reading: Omit<Digitization, "samples">;
  /** Time, amplitude, uncertainty and whether it is clipped, sample after sample. */
  numbers: Float64Array<ArrayBuffer>;
}

const NUMBERS = 4;

export function packReading({ samples, ...reading }: Digitization): PackedReading {
  const numbers = new Float64Array(NUMBERS * samples.length);
  for (const [k, { timeMs, rmsMv, uncertaintyDecades, clipped }] of samples.entries())
    numbers.set([timeMs, rmsMv, uncertaintyDecades, clipped ? 1 : 0], NUMBERS * k);
  return { reading, numbers };
}

export function unpackReading({ reading, numbers }: PackedReading): Digitization {
  const samples = Array.from({ length: numbers.length / NUMBERS }, (_, k) => ({
    timeMs: numbers[NUMBERS * k]!,
    rmsMv: numbers[NUMBERS * k + 1]!,
    clipped: numbers[NUMBERS * k + 3] === 1,
    uncertaintyDecades: numbers[NUMBERS * k + 2]!,
  }));
  return { ...reading, samples };
}
