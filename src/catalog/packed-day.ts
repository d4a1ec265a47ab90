/**
 * A day of the tremor record as a blob: five bytes a sample.
 * Layout, in this machine's own byte order (the catalog never leaves it): 144 Float32, one for each ten minutes of the
 * UTC day, with the amplitude in mV (below zero where it is clipped, 0 where no plot shows it); then 144 bytes with how
 * many plots show it (upper four bits, 15 stands for more) and how many of these agree (lower four).
 */
import { CADENCE_MS } from "../model/series.ts";
import type { SampleColumns } from "../series/columns.ts";
import type { ConsensusSample } from "../series/consensus.ts";

/** The record's samples, with how many plots speak for each. */
export interface RecordColumns extends SampleColumns {
  /** How many plots show the instant, and how many of them agree; from 1 to 15. */
  shownBy: Uint8Array;
  agreeing: Uint8Array;
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

/** @param rows by day, each with a blob that `packDay` made */
export function unpackDays(rows: readonly { day: number; samples: Uint8Array }[]): RecordColumns {
  const most = rows.length * STEPS;
  const timesMs = new Float64Array(most);
  const rmsMv = new Float64Array(most);
  const clipped = new Uint8Array(most);
  const shownBy = new Uint8Array(most);
  const agreeing = new Uint8Array(most);
  let count = 0;
  for (const { day, samples } of rows) {
    const values = toFloats(samples);
    const support = samples.subarray(STEPS * 4);
    for (let step = 0; step < STEPS; step++) {
      const value = values[step]!;
      if (value === 0) continue;
      timesMs[count] = day * DAY_MS + step * CADENCE_MS;
      rmsMv[count] = value < 0 ? -value : value;
      clipped[count] = value < 0 ? 1 : 0;
      shownBy[count] = support[step]! >> 4;
      agreeing[count] = support[step]! & MOST;
      count++;
    }
  }
  return sliceRecord({ timesMs, rmsMv, clipped, shownBy, agreeing }, 0, count);
}

/** A part of the columns, as views into the same memory. */
export function sliceRecord(columns: RecordColumns, from: number, to: number): RecordColumns {
  return {
    timesMs: columns.timesMs.subarray(from, to),
    rmsMv: columns.rmsMv.subarray(from, to),
    clipped: columns.clipped.subarray(from, to),
    shownBy: columns.shownBy.subarray(from, to),
    agreeing: columns.agreeing.subarray(from, to),
  };
}

function toFloats(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Float32Array(buffer, byteOffset, STEPS);
}
