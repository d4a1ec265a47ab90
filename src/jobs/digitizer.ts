/**
 * The digitizer as the jobs use it: a version, and a function that they wait for.
 * Owns how the work is handed to it, so that jobs need not know where it runs.
 */
import { availableParallelism } from "node:os";
import type { Logger } from "pino";
import { orAborted } from "../archive/or-aborted.ts";
import { openDigitizerPool, type DigitizerPool } from "../digitizer/pool.ts";
import { DIGITIZER_VERSION } from "../digitizer/version.ts";
import { PlotRejected } from "../model/errors.ts";
import type { Digitization, FetchedPlot } from "../model/plot.ts";
import { checkPng } from "../model/png.ts";

export interface Digitizer {
  /** A higher one reads better, so `rebuild` reads again what a lower one has read. */
  version: number;
  /** @throws {PlotRejected} when the bytes aren't a whole PNG; a curve that can't be read is a problem in words */
  read(png: Uint8Array, fetchedMs: number): Promise<Digitization>;
  /** Pictures to be read at once, so that no thread waits for its caller. Default: 1. */
  atOnce?: number;
  /** Lets go of what it keeps ready for the next picture, once nobody waits for one. */
  release?(): Promise<void>;
}

/** A picture that is read no faster than this is kept unread; published plots take some 20 ms. */
const LONGEST_READING_MS = 60_000;

/** A plot that can't be read is kept all the same, so a failing digitizer costs the reading and no picture. */
export async function readLeniently(
  { png, fetchedMs }: Pick<FetchedPlot, "png" | "fetchedMs">,
  { digitizer, log }: { digitizer: Digitizer; log: Logger },
): Promise<Digitization | undefined> {
  try {
    return await inTime(digitizer.read(png, fetchedMs));
  } catch (error) {
    log.error({ err: error }, "the plot could not be read; it is kept unread");
    await digitizer.release?.();
    return undefined;
  }
}

/**
 * @throws what the reading throws, or that it took too long, or why nobody waits for it any more: then it goes on until the
 *   digitizer is let go of
 */
export async function inTime(reading: Promise<Digitization>, signal?: AbortSignal): Promise<Digitization> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const limit = setTimeout(
    () => reject(new Error(`not read within ${LONGEST_READING_MS / 1000} s`)),
    LONGEST_READING_MS,
  );
  try {
    return await orAborted(Promise.race([reading, late]), signal);
  } finally {
    clearTimeout(limit);
  }
}

/** A picture that the digitizer refuses is one with a problem, so that the record says that it needs no second try. */
export async function readOrSay(png: Uint8Array, fetchedMs: number, digitizer: Digitizer): Promise<Digitization> {
  try {
    return await digitizer.read(png, fetchedMs);
  } catch (error) {
    if (!(error instanceof PlotRejected)) throw error;
    const { widthPx, heightPx } = checkPng(png);
    const nothing = { station: undefined, title: undefined, calibration: undefined, window: undefined };
    return {
      version: digitizer.version,
      widthPx,
      heightPx,
      ...nothing,
      samples: [],
      gaps: [],
      joins: [],
      fidelity: undefined,
      trusted: false,
      problems: [error.message],
    };
  }
}

export function createDigitizer(): Digitizer {
  return {
    version: DIGITIZER_VERSION,
    // Most commands read no plot.
    read: async (png, fetchedMs) => (await import("../digitizer/digitize.ts")).digitize(png, { fetchedMs }),
  };
}

/** A digitizer for long work: its threads read while the caller goes on. */
export interface ThreadedDigitizer extends Digitizer, AsyncDisposable {
  atOnce: number;
}

const MOST_THREADS = 4;

/**
 * Starts no thread before the first picture comes.
 * @param options.inBackground its threads wait for whoever else wants the processor
 */
export function openThreadedDigitizer(
  threads: number = Math.min(MOST_THREADS, availableParallelism()),
  { inBackground = false } = {},
): ThreadedDigitizer {
  let pool: DigitizerPool | undefined;
  async function release(): Promise<void> {
    const open = pool;
    pool = undefined;
    await open?.[Symbol.asyncDispose]();
  }
  return {
    // One that is read and one at hand for each, and one that the caller is at.
    atOnce: 2 * threads + 1,
    version: DIGITIZER_VERSION,
    read: (png, fetchedMs) => (pool ??= openDigitizerPool({ workers: threads, inBackground })).read(png, fetchedMs),
    release,
    [Symbol.asyncDispose]: release,
  };
}
