/**
 * A worker thread that digitizes one plot after another; `pool.ts` is its only caller.
 */
import { parentPort } from "node:worker_threads";
import { PlotRejected } from "../model/errors.ts";
import { digitize } from "./digitize.ts";
import type { WorkerAnswer, WorkerTask } from "./pool.ts";

if (parentPort === null) throw new Error("Cannot start: this file runs as a worker thread only");
const port = parentPort;

port.on("message", ({ png, fetchedMs }: WorkerTask) => {
  port.postMessage(answer(png, fetchedMs));
});

function answer(png: Uint8Array, fetchedMs: number | undefined): WorkerAnswer {
  try {
    return { reading: digitize(png, fetchedMs === undefined ? {} : { fetchedMs }) };
  } catch (error) {
    // The pool makes a `PlotRejected` of it again, which names itself in its message.
    if (error instanceof PlotRejected) return { rejected: error.message.replace(/^Plot rejected: /, "") };
    throw error;
  }
}
