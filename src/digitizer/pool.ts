/**
 * A pool of worker threads that digitize: many plots at once, and none of them on the caller's thread.
 * Owns the threads and the queue; each plot is read by `digitize` as it would be alone.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { PlotRejected } from "../model/errors.ts";
import type { Digitization } from "../model/plot.ts";
import type { WorkerAnswer, WorkerSettings, WorkerTask } from "./digitize-worker.ts";
import { unpackReading } from "./packed-reading.ts";

export interface DigitizerPool extends AsyncDisposable {
  /**
   * Reads a plot as `digitize` does. First come, first served; a pool without work keeps no process alive.
   * @throws {PlotRejected} when the bytes aren't a whole PNG
   */
  read(png: Uint8Array, fetchedMs?: number): Promise<Digitization>;
}

export interface PoolOptions {
  /** Threads at most, each started when it is first needed; default: one a processor, at most `MAX_WORKERS`. */
  workers?: number;
  /** Threads that wait for whoever else wants the processor. */
  inBackground?: boolean;
}

/** A thread needs some 30 MB and 50 ms to start; more of them seldom pay. */
const MAX_WORKERS = 4;
/** Tasks that a thread has at hand: the one it reads, and the next one, so that it never waits for its caller. */
const TASKS_AT_HAND = 2;
/** Where no more than so many a thread wait, each has one at hand: the next one might wait long behind it while others rest. */
const FEW_WAITING = 4;

/** What a reading leaves behind is collected once in a few plots, and then there is little left of it to keep. */
const YOUNG_MB = 32;

interface Task extends PromiseWithResolvers<Digitization>, WorkerTask {}

interface Thread {
  worker: Worker;
  /** Sent and not yet answered, in the order they were sent. */
  atHand: Task[];
}

/** Opens a pool. Closing it ends its threads; what they hadn't answered yet is rejected. */
export function openDigitizerPool({
  workers = Math.min(MAX_WORKERS, availableParallelism()),
  inBackground = false,
}: PoolOptions = {}): DigitizerPool {
  const waiting: Task[] = [];
  const threads = new Set<Thread>();

  function startThread(): Thread {
    const worker = new Worker(new URL("./digitize-worker.ts", import.meta.url), {
      workerData: { inBackground } satisfies WorkerSettings,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const thread: Thread = { worker, atHand: [] };
    threads.add(thread);
    worker.on("message", (answer: WorkerAnswer) => {
      const task = thread.atHand.shift();
      if (thread.atHand.length === 0) worker.unref();
      if ("read" in answer) task?.resolve(unpackReading(answer.read));
      else task?.reject(new PlotRejected(answer.rejected));
      sendNext();
    });
    const lose = (cause: unknown): void => {
      if (!threads.delete(thread)) return;
      for (const task of thread.atHand) task.reject(new Error("Lost a digitizer thread", { cause }));
      sendNext();
    };
    worker.on("error", lose);
    worker.on("exit", (code) => lose(`exit code ${code}`));
    return thread;
  }

  function sendNext(): void {
    while (waiting.length > 0) {
      let thread = [...threads].sort((a, b) => a.atHand.length - b.atHand.length)[0];
      if (thread === undefined || (thread.atHand.length > 0 && threads.size < workers)) thread = startThread();
      if (thread.atHand.length >= (waiting.length > FEW_WAITING * workers ? TASKS_AT_HAND : 1)) return;
      const task = waiting.shift()!;
      thread.atHand.push(task);
      thread.worker.ref();
      thread.worker.postMessage({ png: task.png, fetchedMs: task.fetchedMs } satisfies WorkerTask);
    }
  }

  return {
    read(png, fetchedMs) {
      const task: Task = { ...Promise.withResolvers<Digitization>(), png, fetchedMs };
      waiting.push(task);
      sendNext();
      return task.promise;
    },
    async [Symbol.asyncDispose]() {
      const open = [...threads];
      threads.clear();
      const closed = new Error("The digitizer pool was closed");
      for (const task of [...waiting.splice(0), ...open.flatMap(({ atHand }) => atHand)]) task.reject(closed);
      await Promise.all(open.map(({ worker }) => worker.terminate()));
    },
  };
}
