/**
 * Rebuilding: looks into every day, mends its record, digitizes what was never read or was read by an older
 * digitizer, and puts all of it into the catalog. What was done before a stop isn't done again: it is in the records.
 */
import type { DayFiles } from "../archive/archive.ts";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { KnownError, ShutDown } from "../model/errors.ts";
import type { Digitizer } from "./digitizer.ts";
import { indexDay, indexMany, type IndexParts } from "./index-day.ts";
import { stitchPending } from "./stitch-pending.ts";

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

/** Days of the record that are stitched at once: nobody is being served meanwhile. */
const STITCH_DAYS = 128;
/** Days whose records are put into the catalog at once. */
const CHUNK_DAYS = 64;

/** Makes records and catalog match the pictures; a damaged day is reported and stops no other. */
export async function rebuild(parts: RebuildParts, options: RebuildOptions = {}): Promise<Rebuilt> {
  const { archive, catalog, log } = parts;
  const { signal, concurrency = 1, onProgress } = options;
  const gone = new Set<Day>(catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }).keys());
  const days: { day: Day; hasPicture: boolean }[] = [];
  for await (const { day, picture } of archive.survey()) {
    days.push({ day, hasPicture: picture !== undefined });
    gone.delete(day);
  }
  for (const day of gone) await indexDay(day, parts);

  const { version, read } = parts.digitizer;
  const mending = { digitizerVersion: version, read, ...(signal && { signal }) };
  const problems: Rebuilt["problems"] = [];
  let done = 0;
  async function mend(queue: Iterable<{ day: Day; hasPicture: boolean }>): Promise<void> {
    for (const { day, hasPicture } of queue) {
      signal?.throwIfAborted();
      try {
        if (hasPicture) await archive.mendRecord(day, mending);
      } catch (error) {
        if (!(error instanceof KnownError) || error instanceof ShutDown) throw error;
        log.warn({ day, err: error }, "this day could not be rebuilt from its picture");
        problems.push({ day, message: error.message });
      }
      onProgress?.(++done, days.length);
    }
  }
  for (let from = 0; from < days.length; from += CHUNK_DAYS) {
    const chunk = days.slice(from, from + CHUNK_DAYS);
    const queue = chunk.values();
    await Promise.all(Array.from({ length: concurrency }, () => mend(queue)));
    const range = { from: chunk[0]!.day, to: chunk.at(-1)!.day };
    const files: DayFiles[] = await Array.fromAsync(archive.survey(range));
    await indexMany(files, parts, { signal });
  }
  await stitchPending(catalog, { signal, daysAtOnce: STITCH_DAYS });
  return { days: days.length + gone.size, problems: problems.sort((a, b) => (a.day < b.day ? -1 : 1)) };
}
