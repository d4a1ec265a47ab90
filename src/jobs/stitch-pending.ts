/**
 * Stitching what waits: brings the tremor record up to what the readings say, newest days first.
 * Owns that nobody is kept waiting for it: between two stretches of days other work has its turn.
 */
import { setImmediate } from "node:timers/promises";
import type { Catalog } from "../catalog/catalog.ts";

export interface StitchOptions {
  signal?: AbortSignal | undefined;
  /** Longer stretches cost less in all, and keep the event loop for longer: some 0.6 ms a day. */
  daysAtOnce?: number;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

/** A plot that came touches 23 days, so that its samples are there after one stretch. Each looks at the plots of 23 days more. */
const DAYS_AT_ONCE = 32;

/** May be stopped at any time: what waits is written down, and the next call goes on with it. */
export async function stitchPending(
  catalog: Pick<Catalog, "judgeFiling" | "stitchDays" | "countUnstitched">,
  { signal, daysAtOnce = DAYS_AT_ONCE, onProgress }: StitchOptions = {},
): Promise<void> {
  if (catalog.countUnstitched() === 0) return;
  catalog.judgeFiling();
  const total = catalog.countUnstitched();
  for (let left = total; left > 0;) {
    await setImmediate();
    signal?.throwIfAborted();
    left = catalog.stitchDays(daysAtOnce);
    onProgress?.(Math.max(0, total - left), total);
  }
}
