/**
 * The tremor record as GraphQL, REST and the command line all tell it.
 * Owns what a request may ask for, and the values as they go out; `series/` computes them.
 */
import type { Catalog } from "../catalog/catalog.ts";
import { agreeingOf, shownByOf, sliceRecord, type RecordColumns } from "../catalog/packed-day.ts";
import { toSixDigits } from "../catalog/six-digits.ts";
import type { TimeRange } from "../model/series.ts";
import { firstAtOrAfter } from "../series/columns.ts";
import { pickStepMs, resample, stepStart, type StepRequest, type TremorColumns } from "../series/resample.ts";

export interface TremorSeries {
  range: TimeRange;
  stepMs: number;
  points: TremorColumns;
  gaps: TimeRange[];
  /** What the points were made of. */
  samples: RecordColumns;
}

/** A year of ten-minute samples, with some to spare, is held at once; longer answers are streamed. */
export const MOST_STEPS = 60_000;

/** @throws {InvalidRequest} see `pickStepMs` */
export function readTremorSeries(catalog: Pick<Catalog, "readTremor">, request: StepRequest): TremorSeries {
  const stepMs = pickStepMs(request, MOST_STEPS);
  return seriesOf(catalog.readTremor(request.range), request.range, stepMs);
}

/** A thousand rows of ten minutes: short enough that making a piece keeps nobody waiting, or what is held unread small. */
const PIECE_MS = 7 * 86_400_000;

/** A century: more than there is, and a bound for what is streamed. */
const MOST_STREAMED = 100 * 366 * 144;

/** The step of a series that is streamed. @throws {InvalidRequest} see `pickStepMs` */
export function pickStreamedStepMs(request: StepRequest): number {
  return pickStepMs(request, MOST_STREAMED);
}

/** A series in pieces that follow each other, so that its text is never held as a whole. */
export interface StreamedSeries {
  range: TimeRange;
  stepMs: number;
  /** What the pieces are made of: the record as it was when it was asked, whatever comes meanwhile. */
  samples: RecordColumns;
  pieces: Iterable<TremorSeries>;
}

/** @throws {InvalidRequest} see `pickStepMs` */
export function streamTremorSeries(catalog: Pick<Catalog, "readTremor">, request: StepRequest): StreamedSeries {
  const { range } = request;
  const stepMs = pickStreamedStepMs(request);
  const samples = catalog.readTremor(range);
  return { range, stepMs, samples, pieces: piecesOf(samples, range, stepMs) };
}

function* piecesOf(samples: RecordColumns, { startMs, endMs }: TimeRange, stepMs: number): Generator<TremorSeries> {
  const { timesMs } = samples;
  const pieceMs = Math.max(1, Math.floor(PIECE_MS / stepMs)) * stepMs;
  for (let from = 0; from < timesMs.length;) {
    // Each piece begins with a step that has samples: where there is no record, nothing is looked for.
    const firstMs = stepStart(timesMs[from]!, stepMs);
    const range = { startMs: Math.max(firstMs, startMs), endMs: Math.min(firstMs + pieceMs, endMs) };
    const to = firstAtOrAfter(timesMs, range.endMs);
    yield seriesOf(sliceRecord(samples, from, to), range, stepMs);
    from = to;
  }
}

function seriesOf(samples: RecordColumns, range: TimeRange, stepMs: number): TremorSeries {
  const { points, gaps } = resample(samples, range, stepMs);
  return { range, stepMs, points, gaps, samples };
}

/** What is to come isn't missing. */
export function gapsUpTo(gaps: readonly TimeRange[], nowMs: number): TimeRange[] {
  return gaps
    .filter(({ startMs }) => startMs < nowMs)
    .map(({ startMs, endMs }) => ({ startMs, endMs: Math.min(endMs, nowMs) }));
}

/** Of each point: the fewest plots that show, and that agree on, a sample of it. */
export interface Support {
  shownBy: Uint8Array;
  agreeing: Uint8Array;
}

export function supportOf({ samples, points: { timesMs }, stepMs }: TremorSeries): Support {
  const shownBy = new Uint8Array(timesMs.length).fill(255);
  const agreeing = new Uint8Array(timesMs.length).fill(255);
  let point = 0;
  for (let at = 0; at < samples.timesMs.length; at++) {
    while (samples.timesMs[at]! >= timesMs[point]! + stepMs) point++;
    const support = samples.support[at]!;
    shownBy[point] = Math.min(shownBy[point]!, shownByOf(support));
    agreeing[point] = Math.min(agreeing[point]!, agreeingOf(support));
  }
  return { shownBy, agreeing };
}

/** A point as people read it. Amplitudes in mV. */
export interface TremorPoint {
  timeMs: number;
  value: number;
  min: number;
  max: number;
  median: number;
  count: number;
  clipped: boolean;
  agreeing: number;
  shownBy: number;
}

/** All points of a series, by time. */
export function* pointsOf(series: TremorSeries): Generator<TremorPoint> {
  const { points } = series;
  const { agreeing, shownBy } = supportOf(series);
  for (let at = 0; at < points.timesMs.length; at++)
    yield {
      timeMs: points.timesMs[at]!,
      value: toSixDigits(points.rmsMv[at]!),
      min: toSixDigits(points.minMv[at]!),
      max: toSixDigits(points.maxMv[at]!),
      median: toSixDigits(points.medianMv[at]!),
      count: points.count[at]!,
      clipped: points.clipped[at] === 1,
      agreeing: agreeing[at]!,
      shownBy: shownBy[at]!,
    };
}

/** The last samples of the record: those of its last three hours. */
export function readRecent(catalog: Pick<Catalog, "readTremor" | "tremorDays">): RecordColumns {
  const days = catalog.tremorDays();
  const endMs = days === undefined ? 0 : Date.parse(`${days.last}T00:00:00Z`) + 86_400_000;
  const columns = catalog.readTremor({ startMs: endMs - 2 * 86_400_000, endMs });
  const lastMs = columns.timesMs.at(-1) ?? 0;
  return sliceRecord(columns, firstAtOrAfter(columns.timesMs, lastMs - 3 * 3_600_000), columns.timesMs.length);
}
