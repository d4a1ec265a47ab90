/**
 * A thread that glances at days beside the caller, so that a verification has two processors for its reading and hashing.
 * For commands alone: whoever serves meanwhile has better use for the second one.
 */
import { availableParallelism } from "node:os";
import type { DayFiles, SoundDay } from "../archive/archive.ts";
import { openAskedThread } from "../archive/asked-thread.ts";
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
  const thread = openAskedThread<readonly DayFiles[], (SoundDay | undefined)[]>(
    new URL("./glance-worker.ts", import.meta.url),
    { basePath } satisfies GlanceSettings,
  );
  return { glance: (days) => thread.ask(days), [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose]() };
}
