/**
 * Threads that write what a restore brings back, so that all processors read, prove and write.
 */
import { availableParallelism } from "node:os";
import { StoreFailed } from "../model/errors.ts";
import { openAskedThread } from "./asked-thread.ts";
import { createBulkWriter, type BulkWriter, type FarHand } from "./fs-bulk.ts";
import type { BulkHand, NewFile } from "./fs-bulk-hand.ts";
import type { BulkAnswer, BulkQuestion } from "./fs-bulk-worker.ts";

/** With the caller's own; more of them wait for one disk. */
const MOST_THREADS = 4;

export interface BulkThreads extends AsyncDisposable {
  writerFor(basePath: string): BulkWriter;
}

/**
 * Writes on the caller's thread and on one of its own for each further processor. They start at once, before it is known
 * where to write, as that takes its time. Closing ends them.
 * The bytes that the writer is handed are its own from then on.
 */
export function startBulkThreads({ processors = availableParallelism() } = {}): BulkThreads {
  const file = new URL("./fs-bulk-worker.ts", import.meta.url);
  const threads = Array.from({ length: Math.min(processors, MOST_THREADS) - 1 }, () =>
    openAskedThread<BulkQuestion, BulkAnswer>(file, undefined),
  );

  function toHand(thread: (typeof threads)[number], basePath: string): FarHand {
    async function ask<Work extends keyof BulkHand>(
      work: Work,
      asked: Parameters<BulkHand[Work]>,
      transfer: ArrayBuffer[] = [],
    ): Promise<ReturnType<BulkHand[Work]>> {
      const answer = await thread.ask({ basePath, work, asked } as BulkQuestion, transfer);
      if ("done" in answer) return answer.done as ReturnType<BulkHand[Work]>;
      const { message, path, errno } = answer.failed;
      throw new StoreFailed(message, { ...(path !== undefined && { path }), ...(errno !== undefined && { errno }) });
    }
    return {
      put: (stage, files) => ask("put", [stage, files], files.flatMap(ownBuffer)),
      copy: (stage, from, days) => ask("copy", [stage, from, days]),
    };
  }

  return {
    writerFor: (basePath) =>
      createBulkWriter(
        basePath,
        threads.map((thread) => toHand(thread, basePath)),
      ),
    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map((thread) => thread[Symbol.asyncDispose]()));
    },
  };
}

/** What is a view into more than these bytes is copied. */
function ownBuffer({ bytes: { buffer, byteLength } }: NewFile): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
