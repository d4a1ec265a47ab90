/**
 * A thread that glances at days beside the caller, so that a verification has two processors for its reading and hashing.
 * For commands alone: whoever serves meanwhile has better use for the second one.
 */
import * as nodeModule from "node:module";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { DayFiles, SoundDay } from "../archive/archive.ts";
import type { GlanceSettings } from "./glance-worker.ts";

export interface GlanceThread extends AsyncDisposable {
  /** As `Archive.glance`, of some days at once; answers come in the order of the questions. */
  glance(days: readonly DayFiles[]): Promise<(SoundDay | undefined)[]>;
}

/** `undefined` where there is but one processor. Closing it ends the thread; what it hadn't answered yet is rejected. */
export function openGlanceThread(
  basePath: string,
  { processors = availableParallelism() } = {},
): GlanceThread | undefined {
  if (processors < 2) return undefined;
  const worker = new Worker(new URL("./glance-worker.ts", import.meta.url), {
    workerData: { basePath } satisfies GlanceSettings,
    env: { ...process.env, ...compileCache() },
  });
  worker.unref();
  const asked: PromiseWithResolvers<(SoundDay | undefined)[]>[] = [];
  let lost: Error | undefined;
  worker.on("message", (sound: (SoundDay | undefined)[]) => {
    asked.shift()?.resolve(sound);
    if (asked.length === 0) worker.unref();
  });
  const lose = (cause: unknown): void => {
    lost ??= new Error("Lost the thread that reads", { cause });
    for (const { reject } of asked.splice(0)) reject(lost);
  };
  worker.on("error", lose);
  worker.on("exit", (code) => lose(`exit code ${code}`));

  return {
    glance(days) {
      if (lost !== undefined) return Promise.reject(lost);
      const answer = Promise.withResolvers<(SoundDay | undefined)[]>();
      asked.push(answer);
      worker.ref();
      worker.postMessage(days);
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}

/** A thread uses the program's cache of compiled modules only where its environment names it. Deno has a cache of its own. */
function compileCache(): { NODE_COMPILE_CACHE?: string } {
  const folder = "getCompileCacheDir" in nodeModule ? nodeModule.getCompileCacheDir() : undefined;
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: folder };
}
