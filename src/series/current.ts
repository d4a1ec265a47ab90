/**
 * The tremor now: how high it is, where it is going, and whether what we know is fresh.
 */
import { CADENCE_MS, type Sample } from "../model/series.ts";
import { takeMedian } from "./quantiles.ts";

export type TremorLevel = "LOW" | "MEDIUM" | "HIGH";
export type TremorTrend = "RISING" | "STEADY" | "FALLING";

type RecentSample = Pick<Sample, "timeMs" | "rmsMv" | "clipped">;

export interface CurrentTremor {
  last: RecentSample;
  /** From the last sample to now; 0 where the clocks differ and it lies ahead. */
  ageMs: number;
  level: TremorLevel;
  /** `undefined` when the last three hours hold less than an hour of samples. */
  trend: TremorTrend | undefined;
  /** The trend's slope: 0.1 doubles the amplitude in three hours. */
  decadesPerHour: number | undefined;
  /** The last sample is older than `staleAfterMs`: level and trend are of then, not of now. */
  stale: boolean;
}

export interface CurrentTremorRules {
  /** MEDIUM from `mediumMv` on, HIGH from `highMv` on, LOW below both. */
  mediumMv: number;
  highMv: number;
  /** STEADY up to this slope, both ways. */
  steadyDecadesPerHour: number;
  staleAfterMs: number;
}

/**
 * Quiet tremor wanders by a tenth of its amplitude from sample to sample, which moves a slope over three hours by about
 * 0.01 decades an hour; 0.05 is five times that. Six hours is when DESIGN.md calls a plot stale.
 */
export const CURRENT_TREMOR_RULES: CurrentTremorRules = {
  mediumMv: 1,
  highMv: 4,
  steadyDecadesPerHour: 0.05,
  staleAfterMs: 6 * 3_600_000,
};

const TREND_MS = 3 * 3_600_000;
const LEAST_SAMPLES = 3_600_000 / CADENCE_MS;

/**
 * The limits are compared as 32-bit floats, which is what the record keeps: 2.3 mV there is a hair less than 2.3.
 * @param recent sorted by time, the last three hours at least; `undefined` comes of none
 */
export function currentTremor(
  recent: readonly RecentSample[],
  nowMs: number,
  rules: Partial<CurrentTremorRules> = {},
): CurrentTremor | undefined {
  const { mediumMv, highMv, steadyDecadesPerHour, staleAfterMs } = { ...CURRENT_TREMOR_RULES, ...rules };
  const last = recent.at(-1);
  if (last === undefined) return undefined;
  const ageMs = Math.max(0, nowMs - last.timeMs);
  const reaches = (limitMv: number): boolean => Math.fround(last.rmsMv) >= Math.fround(limitMv);
  const decadesPerHour = slope(recent.filter(({ timeMs }) => timeMs >= last.timeMs - TREND_MS));
  return {
    last,
    ageMs,
    level: reaches(highMv) ? "HIGH" : reaches(mediumMv) ? "MEDIUM" : "LOW",
    trend: decadesPerHour === undefined ? undefined : trendOf(decadesPerHour, steadyDecadesPerHour),
    decadesPerHour,
    stale: ageMs > staleAfterMs,
  };
}

function trendOf(decadesPerHour: number, steady: number): TremorTrend {
  if (Math.abs(decadesPerHour) <= steady) return "STEADY";
  return decadesPerHour > 0 ? "RISING" : "FALLING";
}

/**
 * The slope of log10(mV) in decades an hour: the median of the slopes between all pairs of samples (Theil 1950, Sen
 * 1968), which up to 29 % of wrong samples can't carry off.
 */
function slope(samples: readonly RecentSample[]): number | undefined {
  if (samples.length < LEAST_SAMPLES) return undefined;
  const decades = samples.map(({ rmsMv }) => Math.log10(rmsMv));
  const slopes = samples.flatMap(({ timeMs }, late) =>
    decades
      .slice(0, late)
      .map((earlier, index) => (decades[late]! - earlier) / ((timeMs - samples[index]!.timeMs) / 3_600_000)),
  );
  return takeMedian(Float64Array.from(slopes), slopes.length);
}
