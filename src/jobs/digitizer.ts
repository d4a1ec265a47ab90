/**
 * The digitizer as the jobs use it: a version, and a function that they wait for.
 * Owns how the work is handed to it, so that jobs need not know where it runs.
 */
import { digitize, DIGITIZER_VERSION } from "../digitizer/digitize.ts";
import type { Digitization } from "../model/plot.ts";

export interface Digitizer {
  /** A higher one reads better, so `rebuild` reads again what a lower one has read. */
  version: number;
  /** @throws {PlotRejected} when the bytes aren't a whole PNG; a curve that can't be read is a problem in words */
  read(png: Uint8Array, fetchedMs: number): Promise<Digitization>;
  /** Lets go of what it keeps ready for the next picture, once nobody waits for one. */
  release?(): Promise<void>;
}

export function createDigitizer(): Digitizer {
  return { version: DIGITIZER_VERSION, read: async (png, fetchedMs) => digitize(png, { fetchedMs }) };
}
