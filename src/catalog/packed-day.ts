/**
 * A day of the tremor record as a blob: five bytes a sample.
 * Layout, in this machine's own byte order (the catalog never leaves it): 144 Float32, one for each ten minutes of the
 * UTC day, with the amplitude in mV (below zero where it is clipped, 0 where no plot shows it); then 144 bytes with how
 * many plots show it (upper four bits, 15 stands for more) and how many of these agree (lower four).
 */
import { CADENCE_MS } from "../model/series.ts";
import type { SampleColumns } from "../series/columns.ts";
import type { ConsensusSample } from "../series/consensus.ts";
import { CatalogDamaged } from "./damage.ts";

/** The record's samples, with how many plots speak for each. */
export interface RecordColumns extends SampleColumns {
  /** Upper four bits: plots that show the instant; lower four: those that agree. 15 stands for more. */
  support: Uint8Array;
}

export const DAY_MS = 86_400_000;
const STEPS = DAY_MS / CADENCE_MS;
const MOST = 15;

/** @param samples all of this day; `undefined` comes of none */
export function packDay(samples: readonly ConsensusSample[], day: number): Uint8Array | undefined {
  if (samples.length === 0) return undefined;
  const values = new Float32Array(STEPS);
  const support = new Uint8Array(STEPS);
  for (const { timeMs, rmsMv, clipped, shownBy, agreeing } of samples) {
    const step = Math.round((timeMs - day * DAY_MS) / CADENCE_MS);
    values[step] = clipped ? -rmsMv : rmsMv;
    support[step] = (Math.min(shownBy, MOST) << 4) | Math.min(agreeing, MOST);
  }
  const bytes = new Uint8Array(values.byteLength + STEPS);
  bytes.set(new Uint8Array(values.buffer));
  bytes.set(support, values.byteLength);
  return bytes;
}

/** @param rows by day, each a day and the blob that `packDay` made @throws {CatalogDamaged} where one has another length */
export function unpackDays(
  rows: readonly (readonly [day: number, samples: Uint8Array, ...rest: unknown[]])[],
): RecordColumns {
  const most = rows.length * STEPS;
  const timesMs = new Float64Array(most);
  const rmsMv = new Float64Array(most);
  const clipped = new Uint8Array(most);
  const support = new Uint8Array(most);
  let count = 0;
  for (const [day, samples] of rows) {
    const values = toFloats(samples);
    const startMs = day * DAY_MS;
    for (let step = 0; step < STEPS; step++) {
      const value = values[step]!;
      if (value === 0) continue;
      timesMs[count] = startMs + step * CADENCE_MS;
      rmsMv[count] = value < 0 ? -value : value;
      if (value < 0) clipped[count] = 1;
      support[count] = samples[STEPS * 4 + step]!;
      count++;
    }
  }
  return sliceRecord({ timesMs, rmsMv, clipped, support }, 0, count);
}

/** A part of the columns, as views into the same memory. */
export function sliceRecord(columns: RecordColumns, from: number, to: number): RecordColumns {
  return {
    timesMs: columns.timesMs.subarray(from, to),
    rmsMv: columns.rmsMv.subarray(from, to),
    clipped: columns.clipped.subarray(from, to),
    support: columns.support.subarray(from, to),
  };
}

/** How many plots show a sample. */
export function shownByOf(support: number): number {
  return support >> 4;
}

/** How many of them agree. */
export function agreeingOf(support: number): number {
  return support & MOST;
}

function toFloats(bytes: Uint8Array): Float32Array {
  if (bytes.length !== STEPS * 5)
    throw new CatalogDamaged(`a day of the record has ${bytes.length} bytes, need ${STEPS * 5}`);
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(buffer, byteOffset, STEPS);
}
