/**
 * Reading what waits: pictures that were never digitized, as those of an old tree, get their records while the server
 * runs, the newest first, so that whoever points it at an old tree finds the tremor record growing by itself.
 * May be stopped at any time: what was read is in the records.
 */
import type { DayFiles } from "../archive/archive.ts";
import { forEachAtOnce } from "../archive/at-once.ts";
import type { CatalogDay } from "../catalog/days.ts";
import { ShutDown, StoreFailed } from "../model/errors.ts";
import type { Day } from "../model/day.ts";
import type { ThreadedDigitizer } from "./digitizer.ts";
import { isSamePicture, putFiles, putUnreadable } from "./index-day.ts";
import { mendDay, type MendedDay, type MendParts } from "./mend-day.ts";
import { stitchPending } from "./stitch-pending.ts";

export interface WaitingReader extends AsyncDisposable {
  /** Looks whether any picture waits, unless it is at it. */
  wake(): void;
}

/** Days that are read before the record is stitched: neighbours are stitched together. */
const BATCH_DAYS = 32;
/** Days of the record that are stitched at once: whoever asks meanwhile waits no longer than for these. */
const STITCH_DAYS = 8;
/** A tree, or a day, that can't be read or written is tried again after so long, ms. */
const REST_MS = 3_600_000;
const PROGRESS_EVERY_MS = 60_000;

export function startReadingWaiting(
  parts: MendParts & { digitizer: Pick<ThreadedDigitizer, "atOnce" | "version" | "read" | "release"> },
): WaitingReader {
  const { archive, catalog, digitizer, log } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  const mending: MendParts = {
    ...parts,
    digitizer: {
      ...digitizer,
      async read(png, fetchedMs) {
        // Its threads have ended by then: it would start others, and be waited for, however hard the picture is to read.
        signal.throwIfAborted();
        return await digitizer.read(png, fetchedMs);
      },
    },
  };
  let restUntilMs = Number.NEGATIVE_INFINITY;
  let underWay: Promise<void> | undefined;

  async function readAll(): Promise<void> {
    if (catalog.countUnread() === 0) return;
    await archive.checkWritable();
    log.info({ pictures: catalog.countUnread() }, "reading the pictures that have no record yet");
    const denied = new Set<Day>();
    let toldMs = performance.now();
    for (let read = 0, left = 1; left > 0;) {
      const days = catalog.listUnread(BATCH_DAYS + denied.size).filter((day) => !denied.has(day));
      await readBatch(days, denied);
      read += days.length;
      left = catalog.countUnread() - denied.size;
      if (left > 0 && performance.now() - toldMs < PROGRESS_EVERY_MS) continue;
      log.info({ read, left }, left > 0 ? "reading pictures" : "all pictures that can be read have a record now");
      toldMs = performance.now();
    }
    if (denied.size > 0) rest();
    await digitizer.release?.();
  }

  /** @param denied to which days are added whose files alone can't be read or written */
  async function readBatch(days: readonly Day[], denied: Set<Day>): Promise<void> {
    const done: MendedDay[] = [];
    const broken: { files: DayFiles; problem: string }[] = [];
    const before = new Map<Day, CatalogDay | undefined>();
    /** A run or a cleanup beside this reader has put what the day is now. */
    const isOvertaken = ({ day }: DayFiles): boolean => !isSamePicture(before.get(day), catalog.findDay(day));
    async function readDay(day: Day): Promise<void> {
      signal.throwIfAborted();
      before.set(day, catalog.findDay(day));
      const [files] = await Array.fromAsync(archive.survey({ from: day, to: day }));
      if (files === undefined) {
        // It went meanwhile.
        catalog.putDay(day, undefined, undefined);
        return;
      }
      try {
        const mended = await mendDay(files, mending, signal);
        if (mended.problem instanceof StoreFailed || mended.known instanceof StoreFailed) {
          await archive.checkWritable(); // where all of the store fails, this says so
          denied.add(day);
          return;
        }
        done.push(mended);
        if (mended.problem !== undefined || mended.known?.record.reading === undefined)
          broken.push({ files: mended.files, problem: mended.problem?.message ?? "The picture could not be read" });
      } catch (error) {
        if (signal.aborted || error instanceof ShutDown || error instanceof StoreFailed) throw error;
        log.error({ day, err: error }, "a picture could not be read");
        broken.push({ files, problem: "The picture could not be read" });
      }
    }
    try {
      await forEachAtOnce(days, digitizer.atOnce, readDay);
    } finally {
      catalog.transaction(() => {
        for (const { files, known } of done) if (!isOvertaken(files)) putFiles(files, known, parts);
        for (const { files, problem } of broken)
          if (files.picture !== undefined && !isOvertaken(files))
            putUnreadable(files, { version: digitizer.version, problem }, parts);
      });
    }
    await stitchPending(catalog, { signal, daysAtOnce: STITCH_DAYS });
  }

  async function readWell(): Promise<void> {
    try {
      await readAll();
    } catch (error) {
      if (signal.aborted) return;
      log.error({ err: error }, "the pictures without a record could not be read");
      // A catalog that is made anew is back at once.
      if (catalog.problem() === undefined) rest();
    }
  }

  function rest(): void {
    restUntilMs = performance.now() + REST_MS;
  }

  return {
    wake() {
      if (underWay !== undefined || signal.aborted || performance.now() < restUntilMs) return;
      underWay = readWell().finally(() => {
        underWay = undefined;
      });
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await digitizer.release?.();
      await underWay;
    },
  };
}
