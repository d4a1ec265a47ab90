/**
 * Samples as a blob: 8 bytes each in place of a row each.
 * Layout, little endian: a Float64 with the first instant (ms), then for each sample a Uint16 with the steps of
 * ten minutes since the one before, a Float32 with the amplitude in mV and a Uint16 with the clipped flag (bit 15) and
 * the uncertainty (bits 0 to 14, in units of 0.0001 decades).
 */
import { CADENCE_MS, type Sample } from "../model/series.ts";
import { CatalogDamaged } from "./damage.ts";
import { toSixDigits } from "./six-digits.ts";

const HEADER_BYTES = 8;
const SAMPLE_BYTES = 8;
/** Units in a decade. */
const UNCERTAINTY_UNITS = 10_000;
const CLIPPED = 0x8000;

/** @param samples sorted by time, whole `CADENCE_MS` apart, no gap longer than 455 days */
export function packSamples(samples: readonly Sample[]): Uint8Array {
  const bytes = new Uint8Array(samples.length === 0 ? 0 : HEADER_BYTES + SAMPLE_BYTES * samples.length);
  const view = new DataView(bytes.buffer);
  let previousMs = samples[0]?.timeMs ?? 0;
  if (samples.length > 0) view.setFloat64(0, previousMs, true);
  let at = HEADER_BYTES;
  for (const { timeMs, rmsMv, clipped, uncertaintyDecades } of samples) {
    const units = Math.min(CLIPPED - 1, Math.round(uncertaintyDecades * UNCERTAINTY_UNITS));
    view.setUint16(at, Math.round((timeMs - previousMs) / CADENCE_MS), true);
    view.setFloat32(at + 2, rmsMv, true);
    view.setUint16(at + 6, (clipped ? CLIPPED : 0) | units, true);
    previousMs = timeMs;
    at += SAMPLE_BYTES;
  }
  return bytes;
}

/** The inverse of `packSamples`; amplitudes come back to six significant digits. @throws {CatalogDamaged} */
export function unpackSamples(bytes: Uint8Array): Sample[] {
  if (bytes.length === 0) return [];
  if (bytes.length < HEADER_BYTES || (bytes.length - HEADER_BYTES) % SAMPLE_BYTES !== 0)
    throw new CatalogDamaged(`the samples of a plot have ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples: Sample[] = [];
  let timeMs = view.getFloat64(0, true);
  for (let at = HEADER_BYTES; at < bytes.length; at += SAMPLE_BYTES) {
    const flags = view.getUint16(at + 6, true);
    timeMs += view.getUint16(at, true) * CADENCE_MS;
    samples.push({
      timeMs,
      rmsMv: toSixDigits(view.getFloat32(at + 2, true)),
      clipped: flags >= CLIPPED,
      uncertaintyDecades: (flags & (CLIPPED - 1)) / UNCERTAINTY_UNITS,
    });
  }
  return samples;
}
