/**
 * A worker thread that digitizes one plot after another; `pool.ts` is its only caller.
 */
import { constants, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { PlotRejected } from "../model/errors.ts";
import { digitize } from "./digitize.ts";
import { type PackedReading, packReading } from "./packed-reading.ts";

/** What the worker is started with. */
export interface WorkerSettings {
  inBackground: boolean;
}

/** What the worker is sent, and what it answers, in the order of the tasks. */
export interface WorkerTask {
  png: Uint8Array;
  fetchedMs: number | undefined;
}
export type WorkerAnswer = { read: PackedReading } | { rejected: string };

if (parentPort === null) throw new Error("Cannot start: this file runs as a worker thread only");
const port = parentPort;
// On Linux the priority of «this process» is that of the thread that sets it.
if ((workerData as WorkerSettings).inBackground && process.platform === "linux")
  setPriority(constants.priority.PRIORITY_LOW);

port.on("message", ({ png, fetchedMs }: WorkerTask) => {
  const answered = answer(png, fetchedMs);
  port.postMessage(answered, "read" in answered ? [answered.read.numbers.buffer] : []);
});

function answer(png: Uint8Array, fetchedMs: number | undefined): WorkerAnswer {
  try {
    return { read: packReading(digitize(png, fetchedMs === undefined ? {} : { fetchedMs })) };
  } catch (error) {
    // The pool makes a `PlotRejected` of it again, which names itself in its message.
    if (error instanceof PlotRejected) return { rejected: error.message.replace(/^Plot rejected: /, "") };
    throw error;
  }
}
