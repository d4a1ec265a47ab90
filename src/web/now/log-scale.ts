/** A logarithmic scale over whole decades: where an amplitude lies on it. */

export interface LogScale {
  minMv: number;
  maxMv: number;
  /** From 0 at its least to 1 at its greatest amplitude, and held there beyond. */
  partOf(mv: number): number;
  /** 1, 2 and 5 of each decade, both ends included. */
  ticks: readonly number[];
}

/** The decades that the published plots have, and more where the amplitudes need them. */
export function createLogScale(amplitudesMv: Iterable<number>): LogScale {
  let [minMv, maxMv] = [0.1, 10];
  for (const mv of amplitudesMv) {
    while (mv > 0 && mv < minMv) minMv /= 10;
    while (mv < Infinity && mv > maxMv) maxMv *= 10;
  }
  const decades = Math.round(Math.log10(maxMv / minMv));
  const ticks = Array.from({ length: decades }, (_, at) => [1, 2, 5].map((of) => rounded(of * minMv * 10 ** at)));
  return {
    minMv: rounded(minMv),
    maxMv: rounded(maxMv),
    partOf: (mv) => Math.min(1, Math.max(0, Math.log10(mv / minMv) / decades)),
    ticks: [...ticks.flat(), rounded(maxMv)],
  };
}

const rounded = (mv: number): number => Number(mv.toPrecision(6));
