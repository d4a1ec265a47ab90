/**
 * A thread that writes what a restore has read, so that one processor reads and proves while another writes.
 */
import { availableParallelism } from "node:os";
import { StoreFailed } from "../model/errors.ts";
import { openAskedThread } from "./asked-thread.ts";
import { createBulkWriter, type BulkWriter, type NewFile } from "./fs-bulk.ts";
import type { BulkAnswer, BulkQuestion, BulkSettings } from "./fs-bulk-worker.ts";

/**
 * Writes on a thread of its own, or on the caller's where there is but one processor. Closing it ends the thread.
 * The bytes that it is handed are its own from then on.
 */
export function openBulkThread(
  basePath: string,
  { processors = availableParallelism() } = {},
): BulkWriter & AsyncDisposable {
  if (processors < 2) return { ...createBulkWriter(basePath), [Symbol.asyncDispose]: async () => {} };
  const thread = openAskedThread<BulkQuestion, BulkAnswer>(new URL("./fs-bulk-worker.ts", import.meta.url), {
    basePath,
  } satisfies BulkSettings);

  async function ask(question: BulkQuestion, transfer: ArrayBuffer[] = []): Promise<NewFile[]> {
    const answer = await thread.ask(question, transfer);
    if ("left" in answer) return answer.left;
    const { message, path, errno } = answer.failed;
    throw new StoreFailed(message, { ...(path !== undefined && { path }), ...(errno !== undefined && { errno }) });
  }

  return {
    putNew: (files) => ask(files, files.flatMap(ownBuffer)),
    settle: async () => void (await ask("settle")),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  };
}

/** What is a view into more than these bytes is copied. */
function ownBuffer({ bytes: { buffer, byteLength } }: NewFile): ArrayBuffer[] {
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
}
