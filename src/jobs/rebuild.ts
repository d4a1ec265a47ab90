/**
 * Rebuilding: looks into every day, mends its record, digitizes what was never read or was read by an older
 * digitizer, and puts all of it into the catalog.
 */
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { KnownError } from "../model/errors.ts";
import type { Digitizer } from "./digitizer.ts";
import { indexDay, type IndexParts } from "./index-day.ts";

export interface RebuildParts extends IndexParts {
  digitizer: Digitizer;
}

export interface Rebuilt {
  days: number;
  /** What could not be rebuilt, in words. */
  problems: { day: Day; message: string }[];
}

export interface RebuildOptions {
  signal?: AbortSignal;
  /** Days that are worked on at once. */
  concurrency?: number;
  onProgress?: (done: number, total: number) => void;
}

/** Makes records and catalog match the pictures, day by day; a damaged day is reported and stops no other. */
export async function rebuild(parts: RebuildParts, options: RebuildOptions = {}): Promise<Rebuilt> {
  const { archive, catalog, log } = parts;
  const { signal, concurrency = 1, onProgress } = options;
  const days = new Set<Day>(catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }).keys());
  for await (const { day } of archive.survey()) days.add(day);

  const { version, read } = parts.digitizer;
  const mending = { digitizerVersion: version, read, ...(signal && { signal }) };
  const problems: Rebuilt["problems"] = [];
  const queue = [...days].sort().values();
  let done = 0;
  async function work(): Promise<void> {
    for (const day of queue) {
      signal?.throwIfAborted();
      try {
        if (await archive.exists(day)) await archive.mendRecord(day, mending);
      } catch (error) {
        if (!(error instanceof KnownError)) throw error;
        log.warn({ day, err: error }, "this day could not be rebuilt from its picture");
        problems.push({ day, message: error.message });
      }
      await indexDay(day, parts);
      onProgress?.(++done, days.size);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return { days: days.size, problems: problems.sort((a, b) => (a.day < b.day ? -1 : 1)) };
}
