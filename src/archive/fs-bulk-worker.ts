/**
 * A worker thread that is one hand of a bulk writer; `fs-bulk-thread.ts` is its only caller.
 */
import { parentPort } from "node:worker_threads";
import { StoreFailed } from "../model/errors.ts";
import { createBulkHand, type BulkHand } from "./fs-bulk-hand.ts";

/** Which work, and what it is asked with. The base comes with each, as the thread starts before that is known. */
export type BulkQuestion = {
  [Work in keyof BulkHand]: { basePath: string; work: Work; asked: Parameters<BulkHand[Work]> };
}[keyof BulkHand];

/** An error as it crosses threads, which don't keep its class. */
export type BulkAnswer =
  | { done: ReturnType<BulkHand[keyof BulkHand]> }
  | { failed: { message: string; path: string | undefined; errno: string | undefined } };

if (parentPort === null) throw new Error("Cannot start: this file runs as a worker thread only");
const port = parentPort;
let hand: BulkHand | undefined;

port.on("message", (question: BulkQuestion) => port.postMessage(answer(question)));

function answer({ basePath, work, asked }: BulkQuestion): BulkAnswer {
  hand ??= createBulkHand(basePath);
  try {
    const does = hand[work] as (...asked: unknown[]) => ReturnType<BulkHand[keyof BulkHand]>;
    return { done: does(...asked) };
  } catch (error) {
    if (!(error instanceof StoreFailed)) throw error;
    const { message, path, errno } = error;
    return { failed: { message, path, errno } };
  }
}
