/** A pace: holds long reading back to a number of bytes a second, so that whoever is served meanwhile isn't hurt. */
import { setTimeout as pauseFor } from "node:timers/promises";

export interface PaceOptions {
  bytesPerSecond: number | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds; handed in by tests, as `pause` is. */
  now?: () => number;
  pause?: (ms: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** Shorter pauses cost more than they give. */
const SHORTEST_PAUSE_MS = 5;

/** @returns what is called with the bytes of each read; it resolves when the next one may begin */
export function createPace({
  bytesPerSecond,
  signal,
  now = performance.now.bind(performance),
  pause = wait,
}: PaceOptions) {
  const startedMs = now();
  let bytes = 0;
  return async (read: number): Promise<void> => {
    if (bytesPerSecond === undefined) return;
    bytes += read;
    const earlyMs = startedMs + (bytes / bytesPerSecond) * 1000 - now();
    if (earlyMs >= SHORTEST_PAUSE_MS) await pause(earlyMs, signal);
  };
}

/** It keeps the process: a command has nothing else open meanwhile, and would end in the middle. Whoever stops it has the signal. */
const wait = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  pauseFor(ms, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
