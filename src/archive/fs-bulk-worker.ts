/**
 * A worker thread that writes many new files of a folder; `fs-bulk-thread.ts` is its only caller.
 */
import { parentPort, workerData } from "node:worker_threads";
import { StoreFailed } from "../model/errors.ts";
import { createBulkWriter, type NewFile } from "./fs-bulk.ts";

/** What the worker is started with. */
export interface BulkSettings {
  basePath: string;
}

/** Files to be put, or the word that those before are to be settled. */
export type BulkQuestion = readonly NewFile[] | "settle";

/** An error as it crosses threads, which don't keep its class. */
export type BulkAnswer =
  | { left: NewFile[] }
  | { failed: { message: string; path: string | undefined; errno: string | undefined } };

if (parentPort === null) throw new Error("Cannot start: this file runs as a worker thread only");
const port = parentPort;
const writer = createBulkWriter((workerData as BulkSettings).basePath);

port.on("message", async (asked: BulkQuestion) => port.postMessage(await answer(asked)));

async function answer(asked: BulkQuestion): Promise<BulkAnswer> {
  try {
    if (asked !== "settle") return { left: await writer.putNew(asked) };
    await writer.settle();
    return { left: [] };
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    const { message, path, errno } = error;
    return { failed: { message, path, errno } };
  }
}
