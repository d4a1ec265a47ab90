/**
 * Rebuilding: looks into every day, mends its record, digitizes what was never read or was read by an older
 * digitizer, and puts all of it into the catalog. What was done before a stop isn't done again: it is in the records.
 */
import type { DayFiles } from "../archive/archive.ts";
import type { DayRecord } from "../archive/record.ts";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { KnownError, ShutDown } from "../model/errors.ts";
import type { Digitizer } from "./digitizer.ts";
import { findRecordOf, indexDay, putFiles, type IndexParts, type KnownRecord } from "./index-day.ts";
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
const STITCH_DAYS = 64;
/** Days whose records are put into the catalog at once. */
const CHUNK_DAYS = 64;

/** Makes records and catalog match the pictures; a damaged day is reported and stops no other. */
export async function rebuild(parts: RebuildParts, options: RebuildOptions = {}): Promise<Rebuilt> {
  const { archive, catalog, log } = parts;
  const { signal, concurrency = 1, onProgress } = options;
  const gone = new Set<Day>(catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }).keys());
  const days: DayFiles[] = [];
  for await (const files of archive.survey()) {
    days.push(files);
    gone.delete(files.day);
  }
  for (const day of gone) await indexDay(day, parts);

  const problems: Rebuilt["problems"] = [];
  /** The day's files and record after they were mended. */
  async function mend(files: DayFiles): Promise<[DayFiles, KnownRecord | undefined]> {
    const { day } = files;
    try {
      const mended = files.picture && (await mendRecord(day, parts, signal));
      if (mended?.written === false) return [files, { record: mended.record, isOfPicture: true }];
    } catch (error) {
      if (!(error instanceof KnownError) || error instanceof ShutDown) throw error;
      log.warn({ day, err: error }, "this day could not be rebuilt from its picture");
      problems.push({ day, message: error.message });
    }
    const [now = files] = await Array.fromAsync(archive.survey({ from: day, to: day }));
    return [now, await findRecordOf(now, parts)];
  }

  let done = 0;
  for (let from = 0; from < days.length; from += CHUNK_DAYS) {
    const queue = days.slice(from, from + CHUNK_DAYS).values();
    const mended: [DayFiles, KnownRecord | undefined][] = [];
    async function work(): Promise<void> {
      for (const files of queue) {
        signal?.throwIfAborted();
        mended.push(await mend(files));
        onProgress?.(++done, days.length);
      }
    }
    await Promise.all(Array.from({ length: concurrency }, work));
    catalog.transaction(() => mended.forEach(([files, record]) => putFiles(files, record, parts)));
  }
  // Threads and stitching both take memory, and need not take it at the same time.
  await parts.digitizer.release?.();
  await stitchPending(catalog, { signal, daysAtOnce: STITCH_DAYS });
  return { days: days.length + gone.size, problems: problems.sort((a, b) => (a.day < b.day ? -1 : 1)) };
}

/** A record is written again only when its picture is read again. */
async function mendRecord(
  day: Day,
  { archive, digitizer }: RebuildParts,
  signal: AbortSignal | undefined,
): Promise<{ record: DayRecord; written: boolean }> {
  let written = false;
  const record = await archive.mendRecord(day, {
    digitizerVersion: digitizer.version,
    read(png, fetchedMs) {
      written = true;
      return digitizer.read(png, fetchedMs);
    },
    ...(signal && { signal }),
  });
  return { record, written };
}
