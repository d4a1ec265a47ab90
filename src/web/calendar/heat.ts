/** How amplitudes become steps of colour: ten to a decade, on the scale of the published plots or a longer one. */
import type { Peak } from "../language/format.ts";
import { createLogScale, type LogScale } from "../now/log-scale.ts";

export interface DayMax extends Peak {
  timestamp: string;
}

export interface DayHeat {
  /** `undefined` where no plot shows the day. */
  max: DayMax | undefined;
  /** Known share of the day, from 0 to 1. */
  coverage: number;
}

export interface Heat {
  scale: LogScale;
  /** From 0 to `HEAT_STEPS` - 1; `undefined` where nothing is known. */
  stepOf(maxMv: number | undefined): number | undefined;
}

export const HEAT_STEPS = 20;

export function createHeat(days: Iterable<DayHeat>): Heat {
  const amplitudes = [...days].flatMap(({ max }) => max?.value ?? []);
  const scale = createLogScale(amplitudes);
  return {
    scale,
    stepOf: (maxMv) =>
      maxMv === undefined ? undefined : Math.min(HEAT_STEPS - 1, Math.floor(scale.partOf(maxMv) * HEAT_STEPS)),
  };
}
