/**
 * Writing many new days to a tree at once, as a restore does: whole days into a staging folder, one sync of the disk for
 * all of them, then the move to their places, which another sync at the end settles. Only days that have no folder yet;
 * all others take the store's own careful way. Hands (`fs-bulk-hand.ts`) do the writing, each for itself.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { bytesOf, type DayToCopy } from "./fs-bulk-days.ts";
import { attemptNow, errnoOf } from "./file-system.ts";
import { createBulkHand, type BulkHand, type NewFile } from "./fs-bulk-hand.ts";
import { moveStaged, removeStage, stagePath, syncOne, syncStaged } from "./fs-stage.ts";

export interface BulkWriter {
  /**
   * Writes the files of some days; call it inside of the store's `exclusively`. A power cut may yet take their names.
   * @returns the files of days that can't be written so, untouched
   * @throws {StoreFailed} what has its name by then is whole
   */
  putNew(files: readonly NewFile[]): Promise<NewFile[]>;
  /**
   * The same with days that are read from a plain backup.
   * @param from the backup's folder
   * @param onCopied hears of each number of days that are done with; where it throws, nothing is written
   * @returns the folders of those that aren't there as they were told, or can't be written so
   */
  copyNew(from: string, days: readonly DayToCopy[], onCopied?: (days: number) => void): Promise<string[]>;
  /** From then on all that was written so survives a power cut. @throws {StoreFailed} */
  settle(): Promise<void>;
}

/** A hand that may be on another thread. */
export type FarHand = {
  [Work in keyof BulkHand]: (...asked: Parameters<BulkHand[Work]>) => Promise<ReturnType<BulkHand[Work]>>;
};

/** Days that a hand is given at a time. */
const DAYS_A_HAND = 64;

/** So much that starting the command for it costs next to nothing. */
const EARLY_SYNC_BYTES = 48 << 20;

/** To sync these one by one is faster than to start the command for all. */
const FEW_FOLDERS = 8;

/** @param others hands beside that of the caller's own thread, of which there is one always */
export function createBulkWriter(basePath: string, others: readonly FarHand[] = []): BulkWriter {
  const base = resolve(basePath);
  const hands = [...others, toFarHand(createBulkHand(basePath))];
  /** Folders with names that no sync has seen. */
  const unsettled = new Set<string>();
  /** A sync that nobody waits for, so that the disk begins while more is written. */
  let early: Promise<unknown> | undefined;
  let unsyncedBytes = 0;

  function onWritten(bytes: number): void {
    unsyncedBytes += bytes;
    if (early !== undefined || unsyncedBytes < EARLY_SYNC_BYTES) return;
    unsyncedBytes = 0;
    early = syncDisk(base).finally(() => (early = undefined));
  }

  /** What it stages comes to its place once all of it is on the disk, or is gone again. */
  async function whole<T>(write: (stage: string) => Promise<T>): Promise<T> {
    const stage = stagePath(base);
    try {
      const written = await write(stage);
      await early;
      unsyncedBytes = 0;
      if (!existsSync(stage)) return written; // nothing of it is new
      if (!(await syncDisk(base))) attemptNow("write the archive down to the disk", base, () => syncStaged(stage));
      attemptNow("move what is restored to its place", base, () => moveStaged(stage, base, unsettled));
      return written;
    } catch (error) {
      tryTo(() => removeStage(stage));
      throw error;
    }
  }

  return {
    // By another where there is one, since the caller reads the next ones meanwhile.
    putNew: (files) => whole((stage) => hands[0]!.put(stage, files)),

    copyNew: (from, days, onCopied = () => {}) =>
      whole(async (stage) => {
        const left: string[] = [];
        let at = 0;
        const work = async (hand: FarHand): Promise<void> => {
          while (at < days.length) {
            const share = days.slice(at, (at += DAYS_A_HAND));
            try {
              left.push(...(await hand.copy(stage, from, share)));
              onWritten(bytesOf(share.flatMap(({ files }) => files)));
              onCopied(share.length);
            } catch (error) {
              at = days.length; // there is no use in the rest
              throw error;
            }
          }
        };
        // Those on other threads have three shares each, so that none waits until this thread, which copies a share of its
        // own in one go, hands over the next one. All have ended before this does.
        const ends = await Promise.allSettled([...hands, ...others, ...others].map(work));
        for (const end of ends) if (end.status === "rejected") throw end.reason;
        return left;
      }),

    async settle() {
      const isMany = unsettled.size > FEW_FOLDERS;
      if (!isMany || !(await syncDisk(base)))
        attemptNow("write the archive down to the disk", base, () => [...unsettled].forEach(syncOne));
      unsettled.clear();
    },
  };
}

/** A hand of the caller's own thread, which hears what others answer before each work. Works keep their order. */
export function toFarHand(hand: BulkHand): FarHand {
  const soon = <T>(work: () => T): Promise<T> => breathe().then(work);
  return {
    put: (stage, files) => soon(() => hand.put(stage, files)),
    copy: (stage, from, days) => soon(() => hand.copy(stage, from, days)),
  };
}

/**
 * All that was written reaches the disk. The system's own command does it in one go; file by file takes a minute.
 * @returns false where there is no such command, or it failed
 */
async function syncDisk(base: string): Promise<boolean> {
  const child = spawn("sync", ["-f", base], { stdio: "ignore" });
  const status = await once(child, "close").then(
    ([code]) => code as number | null,
    () => undefined, // there is no such command
  );
  return status === 0;
}

/** What went wrong first is what counts; a sweep finds the rest. */
function tryTo(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}
