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

/** What a worker is sent, and what it answers. */
export interface WorkerTask {
  png: Uint8Array;
  fetchedMs: number | undefined;
}
export type WorkerAnswer = { reading: Digitization } | { rejected: string };

/** A thread needs some 30 MB and 50 ms to start; more of them seldom pay. */
const MAX_WORKERS = 4;

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
  const threads: Worker[] = [];
  const idle: Worker[] = [];
  const running = new Map<Worker, Promise<{ thread: Worker; result: PoolResult<K> }>>();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = (): void => aborted.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    let done = 0;
    for (let exhausted = false; !exhausted || running.size > 0;) {
      while (!exhausted && running.size < Math.max(1, workers)) {
        const next = await Promise.race([queue.next(), aborted.promise]);
        if (next.done === true) {
          exhausted = true;
          break;
        }
        let thread = idle.pop();
        if (thread === undefined) {
          thread = startThread();
          threads.push(thread);
        }
        running.set(thread, run(thread, next.value));
      }
      if (running.size === 0) break;
      const { thread, result } = await Promise.race([...running.values(), aborted.promise]);
      running.delete(thread);
      idle.push(thread);
      onProgress?.(++done);
      yield result;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    for (const task of running.values()) task.catch(() => {});
    await Promise.all(threads.map((thread) => thread.terminate()));
    await queue.return?.();
  }
}

function startThread(): Worker {
  const thread = new Worker(new URL("./digitize-worker.ts", import.meta.url));
  thread.unref();
  return thread;
}

async function run<K>(thread: Worker, { key, png, fetchedMs }: PoolJob<K>) {
  const answered = Promise.withResolvers<WorkerAnswer>();
  const exited = (code: number): void => answered.reject(new Error(`A digitizer thread ended with code ${code}`));
  thread.once("message", answered.resolve);
  thread.once("error", answered.reject);
  thread.once("exit", exited);
  thread.ref();
  try {
    thread.postMessage({ png, fetchedMs } satisfies WorkerTask);
    const answer = await answered.promise;
    const result: PoolResult<K> =
      "reading" in answer ? { key, reading: answer.reading } : { key, rejected: answer.rejected };
    return { thread, result };
  } finally {
    thread.unref();
    thread.off("message", answered.resolve);
    thread.off("error", answered.reject);
    thread.off("exit", exited);
  }
}
