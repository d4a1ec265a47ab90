/**
 * Mending a day: its record is made to match its picture, digitized where no digitizer as good as ours has read it.
 * Owns what becomes of a picture that can't be read: it is told, and keeps no other day from being mended.
 */
import type { DayFiles } from "../archive/archive.ts";
import { dayFiles } from "../archive/reader.ts";
import { DayNotFound, KnownError, ShutDown, StoreFailed } from "../model/errors.ts";
import { readOrSay, type Digitizer } from "./digitizer.ts";
import { findRecordOf, type IndexParts, type Known } from "./index-day.ts";

export interface MendParts extends IndexParts {
  digitizer: Digitizer;
}

export interface MendedDay {
  /** As they are now. */
  files: DayFiles;
  known: Known;
  /** Why it couldn't be mended. */
  problem: KnownError | undefined;
}

export async function mendDay(files: DayFiles, parts: MendParts, signal?: AbortSignal): Promise<MendedDay> {
  const { archive, digitizer, log } = parts;
  const { day } = files;
  let problem: KnownError | undefined;
  try {
    if (files.picture !== undefined) {
      let written: DayFiles["record"];
      const record = await archive.mendRecord(day, {
        digitizerVersion: digitizer.version,
        read: (png, fetchedMs) => readOrSay(png, fetchedMs, digitizer),
        onWritten(file) {
          written = file;
        },
        ...(signal && { signal }),
      });
      return { files: written ? { ...files, record: written } : files, known: { record, isOfPicture: true }, problem };
    }
  } catch (error) {
    if (!(error instanceof KnownError) || error instanceof ShutDown) throw error;
    // A picture that retention has taken meanwhile is nothing that went wrong.
    if (!(error instanceof DayNotFound)) {
      log.warn({ day, err: error }, "this day could not be rebuilt from its picture");
      problem = error;
    }
  }
  const [now = dayFiles(day, [])] = await Array.fromAsync(archive.survey({ from: day, to: day }));
  const known = await findRecordOf(now, parts);
  return { files: now, known, problem: problem ?? (known instanceof StoreFailed ? known : undefined) };
}
