/**
 * A worker thread that glances at days of a folder, some at a time; `glance-thread.ts` is its only caller.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { DayFiles, SoundDay } from "../archive/archive.ts";
import { eagerFileSystem } from "../archive/eager-file-system.ts";
import { createFsStore } from "../archive/fs-store.ts";
import { createGlance } from "../archive/glance-at-day.ts";

/** What the worker is started with. */
export interface GlanceSettings {
  basePath: string;
}

if (parentPort === null) throw new Error("Cannot start: this file runs as a worker thread only");
const port = parentPort;
const { basePath } = workerData as GlanceSettings;
const glance = createGlance(createFsStore({ basePath, fs: eagerFileSystem }));

port.on("message", async (days: DayFiles[]) => {
  const sound: (SoundDay | undefined)[] = [];
  for (const files of days) sound.push(await glance(files));
  port.postMessage(sound);
});
