/**
 * INGV as a source of plots: asks its server for a newer one, politely, and takes only a whole PNG.
 * Owns tries, pauses and time limits; what a single answer means stands in download.ts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { InvalidRequest, SourceUnavailable } from "../model/errors.ts";
import type { FetchedPlot, PlotVersion } from "../model/plot.ts";
import { checkPng } from "../model/png.ts";
import { download, FailedTry, whyNotFetchable, type Downloaded } from "./download.ts";
import { createFetch, type Fetch } from "./http.ts";

export interface PlotSource {
  /**
   * The plot as it is now; `undefined` when the server still has the version that we have seen.
   * Calls beside a running one wait for their turn.
   * @throws {PlotRejected} when what came isn't a whole PNG
   * @throws {SourceUnavailable} when nothing came
   * @throws the signal's reason, at once, when it is aborted
   */
  findNewer(seen: PlotVersion | undefined, signal?: AbortSignal): Promise<FetchedPlot | undefined>;
}

interface SourceLimits {
  connectMs: number;
  /** For one try, from its request to the last byte. */
  tryMs: number;
  /** For all tries and the pauses between them. */
  runMs: number;
}

export interface IngvOptions {
  /** http or https. */
  url: string;
  /** Of this program, for the User-Agent. */
  version: string;
  /** ms since 1970. */
  clock: () => number;
  /** Default: our own, which keeps `limits.connectMs`. */
  fetch?: Fetch;
  /** Resolves after the pause, rejects as soon as the signal is aborted. */
  pause?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  /** Aborts after a time. */
  timeout?: (ms: number) => AbortSignal;
  /** From 0 to 1. */
  random?: () => number;
  limits?: Partial<SourceLimits>;
}

const MAX_TRIES = 3;
/** Pauses after the first and the second try, each give or take a quarter, so that clients don't march in step. */
const PAUSES_MS = [2_000, 8_000] as const;
const MAX_RETRY_AFTER_MS = 120_000;
const LIMITS: SourceLimits = { connectMs: 10_000, tryMs: 30_000, runMs: 180_000 };

/** @throws {InvalidRequest} when the URL isn't one that we fetch from */
export function createIngvSource(options: IngvOptions): PlotSource {
  const limits = { ...LIMITS, ...options.limits };
  const { url, clock, fetch = createFetch(limits), random = Math.random } = options;
  const pause = options.pause ?? ((ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }));
  const startTimeout = options.timeout ?? ((ms: number) => AbortSignal.timeout(ms));
  const userAgent = `etna-archive/${options.version}`;
  const parsed = URL.parse(url);
  const problem = parsed === null ? "no URL" : whyNotFetchable(parsed);
  if (problem !== undefined) throw new InvalidRequest(`Cannot fetch plots: found ${problem}`);

  async function runTries(seen: PlotVersion | undefined, signal: AbortSignal): Promise<Downloaded | undefined> {
    const deadlineMs = clock() + limits.runMs;
    for (let tries = 1; ; tries++) {
      const tryMs = Math.max(0, Math.min(limits.tryMs, deadlineMs - clock()));
      const timeout = startTimeout(tryMs);
      try {
        return await download(url, seen, { fetch, userAgent, clock, signal: AbortSignal.any([signal, timeout]) });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof FailedTry)) throw error;
        const reason = timeout.aborted ? `no whole answer within ${tryMs / 1000} s` : error.message;
        const pauseMs = pauseAfter({ tries, reason, cause: error, deadlineMs });
        await pause(pauseMs, signal).catch(() => signal.throwIfAborted());
      }
    }
  }

  /** How long to wait before the next try, or the error that ends the run. */
  function pauseAfter(failed: { tries: number; reason: string; cause: FailedTry; deadlineMs: number }): number {
    const { tries, reason, cause, deadlineMs } = failed;
    const nowMs = clock();
    const askedMs = (cause.comeBackMs ?? nowMs) - nowMs;
    const ownMs = (PAUSES_MS[tries - 1] ?? 0) * (0.75 + random() / 2);
    const pauseMs = Math.max(askedMs, ownMs);
    const late = nowMs + pauseMs >= deadlineMs;
    if (tries < MAX_TRIES && askedMs <= MAX_RETRY_AFTER_MS && !late) return pauseMs;
    const tried = `after ${tries} ${tries === 1 ? "try" : "tries"}`;
    const asked = askedMs > 0 ? `; it asked to come back at ${new Date(nowMs + askedMs).toISOString()}` : "";
    throw new SourceUnavailable(`No plot from ${url} ${tried}: ${reason}${asked}`, { cause });
  }

  let lastTurn: Promise<void> = Promise.resolve();
  return {
    async findNewer(seen, signal = new AbortController().signal) {
      signal.throwIfAborted();
      const before = lastTurn;
      const turn = Promise.withResolvers<void>();
      lastTurn = before.then(() => turn.promise);
      try {
        await unlessAborted(before, signal);
        const downloaded = await runTries(seen, signal);
        if (downloaded === undefined) return undefined;
        const fetchedMs = clock();
        checkPng(downloaded.bytes);
        return { png: downloaded.bytes, sourceUrl: url, fetchedMs, version: downloaded.version };
      } finally {
        turn.resolve();
      }
    },
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason as Error);
  signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", onAbort));
}
