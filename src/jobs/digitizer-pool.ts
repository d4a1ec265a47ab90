/**
 * The digitizer for long work: plots are read by worker threads, while the caller goes on with others.
 * Owns the way from a caller's picture to a thread and of the reading back.
 */
import { availableParallelism } from "node:os";
import { DIGITIZER_VERSION } from "../digitizer/digitize.ts";
import { digitizeAll, type PoolJob } from "../digitizer/pool.ts";
import { PlotRejected, ShutDown } from "../model/errors.ts";
import type { Digitization } from "../model/plot.ts";
import type { Digitizer } from "./digitizer.ts";

export interface DigitizerPool extends Digitizer, AsyncDisposable {
  /** Plots that are read at once. */
  workers: number;
}

const MOST_WORKERS = 4;

type Asked = PoolJob<PromiseWithResolvers<Digitization>>;

/** Starts no thread before the first picture comes. Closing it ends the threads; whoever still waits gets `ShutDown`. */
export function openDigitizerPool(workers: number = Math.min(MOST_WORKERS, availableParallelism())): DigitizerPool {
  const asked: Asked[] = [];
  const idle: ((job: Asked | undefined) => void)[] = [];
  const stopping = new AbortController();
  let running: Promise<unknown> | undefined;

  function next(): Promise<Asked | undefined> {
    const job = asked.shift();
    return job !== undefined || stopping.signal.aborted
      ? Promise.resolve(job)
      : new Promise((resolve) => idle.push(resolve));
  }

  /** One thread. Each has a batch of its own, whose end is the pool's: a batch of several would wait to be full. */
  async function work(): Promise<void> {
    let current: Asked | undefined;
    async function* jobs(): AsyncGenerator<Asked> {
      for (current = await next(); current !== undefined; current = await next()) yield current;
    }
    while (!stopping.signal.aborted) {
      try {
        for await (const { key, reading, rejected } of digitizeAll(jobs(), { workers: 1, signal: stopping.signal })) {
          if (reading === undefined) key.reject(new PlotRejected(rejected));
          else key.resolve(reading);
          current = undefined;
        }
        return;
      } catch (error) {
        // A thread that died takes its picture's reading with it; the next picture gets a new one.
        current?.key.reject(stopping.signal.aborted ? stopped() : error);
      }
    }
  }

  return {
    workers,
    version: DIGITIZER_VERSION,
    read(png, fetchedMs) {
      if (stopping.signal.aborted) return Promise.reject(stopped());
      const job = { key: Promise.withResolvers<Digitization>(), png, fetchedMs };
      const thread = idle.shift();
      if (thread === undefined) asked.push(job);
      else thread(job);
      running ??= Promise.all(Array.from({ length: workers }, work));
      return job.key.promise;
    },
    async release() {
      // A thread that is asked for nothing ends.
      for (const thread of idle.splice(0)) thread(undefined);
      await running;
      running = undefined;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      for (const { key } of asked.splice(0)) key.reject(stopped());
      for (const thread of idle.splice(0)) thread(undefined);
      await running;
    },
  };
}

const stopped = (): ShutDown => new ShutDown("The program is stopping; the picture was not read");
