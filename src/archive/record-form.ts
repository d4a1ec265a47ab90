/**
 * The form that a record must have, as a zod schema: what is in the file, within which limits.
 * Owns what a sound record may say; `record-file.ts` writes and reads it.
 */
import { z } from "zod";
import { Day, dayStartMs, FIRST_DAY, LAST_DAY } from "../model/day.ts";
import { CADENCE_MS } from "../model/series.ts";
import { RECORD_VERSION } from "./record.ts";

const Instant = z.iso.datetime().transform((text) => Date.parse(text));
export const Range = z
  .object({ start: Instant, end: Instant })
  .transform(({ start, end }) => ({ startMs: start, endMs: end }));
const AxisFound = z.enum(["labels", "assumed"]);

/** No plot of tremor shows an amplitude beyond these, mV. */
const LEAST_MV = 1e-6;
const MOST_MV = 1e6;
/** No plot shows more than a month. */
const LONGEST_MS = 32 * 86_400_000;
/** Instants are written to the millisecond, so that two steps may be off by one each. */
const ROUNDING_MS = 2;
/** Of the years 0001 to 9999, with a month to spare at either end for what is reckoned around them. */
const FIRST_MS = dayStartMs(FIRST_DAY) + LONGEST_MS;
const LAST_MS = dayStartMs(LAST_DAY) - LONGEST_MS;
const AxisInstant = z.number().min(FIRST_MS).max(LAST_MS);

/** At least one number, all of them from `least` to `most`: looked at in one go, since a record holds two thousand. */
function numbers(least: number, most: number) {
  const isWithin = (value: unknown): boolean => typeof value === "number" && value >= least && value <= most;
  return z.custom<number[]>(
    (value) => Array.isArray(value) && value.length > 0 && value.every(isWithin),
    `need numbers from ${least} to ${most}`,
  );
}

/** Samples that follow each other every ten minutes, as columns of one length. */
export const Run = z
  .object({
    start: Instant,
    rmsMv: numbers(LEAST_MV, MOST_MV),
    uncertaintyDecades: numbers(0, Number.MAX_VALUE),
    /** Positions within the run at which the curve ran out of the plot. */
    clipped: z.array(z.int().nonnegative()).optional(),
  })
  .refine((run) => run.rmsMv.length === run.uncertaintyDecades.length, "columns of different length");

export const Calibration = z.object({
  plotArea: z.object({ leftPx: z.number(), topPx: z.number(), rightPx: z.number(), bottomPx: z.number() }),
  time: z.object({
    found: AxisFound,
    originMs: z.number(),
    msPerPx: z.number(),
    startMs: AxisInstant,
    endMs: AxisInstant,
    residualPx: z.number(),
  }),
  amplitude: z.object({
    found: AxisFound,
    scale: z.enum(["log", "linear"]),
    atRow0: z.number(),
    perPx: z.number(),
    minMv: z.number(),
    maxMv: z.number(),
    residualPx: z.number(),
  }),
});

export const Reading = z.object({
  digitizerVersion: z.int().nonnegative(),
  widthPx: z.number(),
  heightPx: z.number(),
  station: z.string().optional(),
  title: z.string().optional(),
  calibration: Calibration.optional(),
  window: Range.optional(),
  samples: z.array(Run).refine(isOneSeries, "runs that aren't one series of ten-minute steps within 32 days"),
  gaps: z.array(Range),
  joins: z.array(
    z
      .object({ start: Instant, end: Instant, startMv: z.number(), endMv: z.number() })
      .transform(({ start, end, startMv, endMv }) => ({ startMs: start, endMs: end, startMv, endMv })),
  ),
  fidelity: z.object({ explained: z.number(), present: z.number() }).optional(),
  trusted: z.boolean(),
  problems: z.array(z.string()),
});

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `version` is looked at before all else, so that a newer record is refused as just that. */
export const RecordFile = z.object({
  version: z.literal(RECORD_VERSION),
  day: Day,
  picture: z.object({
    sha256: Sha256,
    sizeBytes: z.int().positive(),
    gzipSha256: Sha256.optional(),
    widthPx: z.int().positive(),
    heightPx: z.int().positive(),
  }),
  source: z
    .object({
      url: z.string(),
      fetchedAt: Instant,
      etag: z.string().optional(),
      lastModified: z.string().optional(),
    })
    .optional(),
  stale: z.boolean(),
  reading: Reading.optional(),
});

/** One run after the other, on one grid of ten-minute steps (which need not lie on whole ten minutes). */
function isOneSeries(runs: readonly z.output<typeof Run>[]): boolean {
  const [first] = runs;
  if (first === undefined) return true;
  let nextMs = first.start;
  for (const { start, rmsMv } of runs) {
    const offGridMs = Math.abs(start - first.start - Math.round((start - first.start) / CADENCE_MS) * CADENCE_MS);
    if (start < nextMs - ROUNDING_MS || offGridMs > ROUNDING_MS) return false;
    nextMs = start + rmsMv.length * CADENCE_MS;
  }
  return first.start >= FIRST_MS && nextMs <= LAST_MS && nextMs - first.start <= LONGEST_MS;
}
