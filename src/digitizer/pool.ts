/**
 * Batches: many plots digitized by a few worker threads.
 * Owns the threads and the order of things; each plot is read by `digitize` as it would be alone.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Digitization } from "../model/plot.ts";

/** One plot of a batch. `key` is the caller's own name for it. */
export interface PoolJob<K> {
  key: K;
  png: Uint8Array;
  fetchedMs?: number;
}

/** What came of a job: a reading, or why the bytes were refused. */
export type PoolResult<K> =
  | { key: K; reading: Digitization; rejected?: undefined }
  | { key: K; reading?: undefined; rejected: string };

export interface PoolOptions {
  /** Threads; default: one a processor, at most `MAX_WORKERS`. */
  workers?: number;
  signal?: AbortSignal;
  /** Called after each plot with how many are done. */
  onProgress?: (done: number) => void;
}

/** What a worker is sent, and what it answers, in the order of the tasks. */
export interface WorkerTask {
  png: Uint8Array;
  fetchedMs: number | undefined;
}
export type WorkerAnswer = { reading: Digitization } | { rejected: string };

/** A thread needs some 30 MB and 50 ms to start; more of them seldom pay. */
const MAX_WORKERS = 4;
/** Tasks that a thread has at hand: the one it reads, and the next one, so that it never waits for its caller. */
const TASKS_AT_HAND = 2;

/**
 * Digitizes plots in worker threads and yields each as it is done, in no fixed order. Jobs are taken from `jobs` only
 * as threads come free, so that a long archive is never held in memory. Ending the loop early ends the threads.
 * @throws the signal's reason when it is aborted; whatever `jobs` throws
 */
export async function* digitizeAll<K>(
  jobs: Iterable<PoolJob<K>> | AsyncIterable<PoolJob<K>>,
  { workers = Math.min(MAX_WORKERS, availableParallelism()), signal, onProgress }: PoolOptions = {},
): AsyncGenerator<PoolResult<K>> {
  signal?.throwIfAborted();
  const queue = Symbol.asyncIterator in jobs ? jobs[Symbol.asyncIterator]() : jobs[Symbol.iterator]();
  const threads: Thread<K>[] = [];
  const finished: PoolResult<K>[] = [];
  // Settled by whatever comes next: an answer, a thread's death, the signal.
  let news = Promise.withResolvers<void>();
  const fail = (error: unknown): void => {
    news.promise.catch(() => {});
    news.reject(error);
  };
  const abort = (): void => fail(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const deliver = (result: PoolResult<K>): void => {
    finished.push(result);
    news.resolve();
  };
  try {
    let [started, done, exhausted] = [0, 0, false];
    for (;;) {
      while (!exhausted && started - done - finished.length < Math.max(1, workers) * TASKS_AT_HAND) {
        const next = await queue.next();
        signal?.throwIfAborted();
        if (next.done === true) {
          exhausted = true;
          break;
        }
        let thread = threads.toSorted((a, b) => a.atHand() - b.atHand())[0];
        if (thread === undefined || (thread.atHand() > 0 && threads.length < workers)) {
          thread = startThread(deliver, fail);
          threads.push(thread);
        }
        thread.take(next.value);
        started++;
      }
      const result = finished.shift();
      if (result !== undefined) {
        done++;
        onProgress?.(done);
        yield result;
        signal?.throwIfAborted();
        continue;
      }
      if (exhausted && started === done) return;
      await news.promise;
      news = Promise.withResolvers();
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    await Promise.all(threads.map((thread) => thread.end()));
    await queue.return?.();
  }
}

interface Thread<K> {
  take(job: PoolJob<K>): void;
  atHand(): number;
  end(): Promise<unknown>;
}

function startThread<K>(deliver: (result: PoolResult<K>) => void, fail: (error: unknown) => void): Thread<K> {
  const worker = new Worker(new URL("./digitize-worker.ts", import.meta.url));
  const keys: K[] = [];
  worker.on("message", (answer: WorkerAnswer) => {
    const key = keys.shift()!;
    deliver("reading" in answer ? { key, reading: answer.reading } : { key, rejected: answer.rejected });
  });
  worker.on("error", fail);
  worker.on("exit", (code) => fail(new Error(`A digitizer thread ended with code ${code}`)));
  return {
    take({ key, png, fetchedMs }) {
      keys.push(key);
      worker.postMessage({ png, fetchedMs } satisfies WorkerTask);
    },
    atHand: () => keys.length,
    end() {
      worker.removeAllListeners();
      return worker.terminate();
    },
  };
}
