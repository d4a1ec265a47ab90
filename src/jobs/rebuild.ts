/**
 * Rebuilding: looks into every day, mends its record, digitizes what was never read or was read by an older
 * digitizer, and puts all of it into the catalog. What was done before a stop isn't done again: it is in the records.
 */
import type { DayFiles } from "../archive/archive.ts";
import { forEachAtOnce } from "../archive/at-once.ts";
import { createHiddenTest } from "../archive/keys.ts";
import type { Day } from "../model/day.ts";
import { indexDay, putFiles, type Known } from "./index-day.ts";
import { mendDay, type MendParts } from "./mend-day.ts";
import { stitchPending } from "./stitch-pending.ts";

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
export async function rebuild(parts: MendParts, options: RebuildOptions = {}): Promise<Rebuilt> {
  const { archive, catalog } = parts;
  const { signal, concurrency = 1, onProgress } = options;
  // Nothing that the catalog holds is taken for true.
  const gone = new Set<Day>(catalog.doubtAll());
  const days: DayFiles[] = [];
  const unreadable: string[] = [];
  for await (const files of archive.survey({}, ({ key }) => unreadable.push(key))) {
    days.push(files);
    gone.delete(files.day);
  }
  const problems: Rebuilt["problems"] = [];
  const isHidden = createHiddenTest(unreadable);
  for (const day of gone)
    if (isHidden(day)) problems.push({ day, message: "the disk doesn't give its files, so nothing of it is changed" });
    else await indexDay(day, parts);
  // Leaves the lock's file, by which a server with a catalog of its own sees that all was deleted on purpose.
  if (days.length === 0 && unreadable.length === 0) await archive.sweep(signal);

  let done = 0;
  for (let from = 0; from < days.length; from += CHUNK_DAYS) {
    const mended: [DayFiles, Known][] = [];
    await forEachAtOnce(days.slice(from, from + CHUNK_DAYS), concurrency, async (files) => {
      signal?.throwIfAborted();
      const { problem, ...now } = await mendDay(files, parts, signal);
      if (problem !== undefined) problems.push({ day: files.day, message: problem.message });
      mended.push([now.files, now.known]);
      onProgress?.(++done, days.length);
    });
    catalog.transaction(() => mended.forEach(([files, record]) => putFiles(files, record, parts)));
  }
  // Threads and stitching both take memory, and need not take it at the same time.
  await parts.digitizer.release?.();
  await stitchPending(catalog, { signal, daysAtOnce: STITCH_DAYS });
  return { days: days.length + gone.size, problems: problems.sort((a, b) => (a.day < b.day ? -1 : 1)) };
}
