/**
 * Writing many new days to a tree at once, as a restore does: whole files beside their places, one sync of the disk for
 * all of them, then their names, which another sync at the end settles. Only days that have no folder yet; all others
 * take the store's own careful way. Hands (`fs-bulk-hand.ts`) do the writing, each for itself.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { bytesOf, type DayToCopy } from "./fs-bulk-days.ts";
import { createBulkHand, type BulkHand, type NewFile } from "./fs-bulk-hand.ts";

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

/** @param others hands beside that of the caller's own thread, of which there is one always */
export function createBulkWriter(basePath: string, others: readonly FarHand[] = []): BulkWriter {
  const base = resolve(basePath);
  const hands = [...others, toFarHand(createBulkHand(basePath))];
  let isSettled = true;
  /** A sync that nobody waits for, so that the disk begins while more is written. */
  let early: Promise<unknown> | undefined;
  let unsyncedBytes = 0;

  const all = (work: (hand: FarHand) => Promise<unknown>): Promise<unknown> => Promise.all(hands.map(work));

  function onWritten(bytes: number): void {
    unsyncedBytes += bytes;
    if (early !== undefined || unsyncedBytes < EARLY_SYNC_BYTES) return;
    unsyncedBytes = 0;
    early = syncDisk(base).finally(() => (early = undefined));
  }

  async function sync(): Promise<void> {
    await early;
    unsyncedBytes = 0;
    if (!(await syncDisk(base))) await all((hand) => hand.sync());
  }

  /** What it writes gets its names once all of it is on the disk, or is gone again. */
  async function whole<T>(write: () => Promise<T>): Promise<T> {
    try {
      const written = await write();
      await sync();
      isSettled = false;
      await all((hand) => hand.name());
      return written;
    } catch (error) {
      // Whatever a hand still does comes before.
      await Promise.allSettled(hands.map((hand) => hand.discard()));
      throw error;
    }
  }

  return {
    // By another where there is one, since the caller reads the next ones meanwhile.
    putNew: (files) => whole(() => hands[0]!.put(files)),

    copyNew: (from, days, onCopied = () => {}) =>
      whole(async () => {
        const left: string[] = [];
        let at = 0;
        const work = async (hand: FarHand): Promise<void> => {
          while (at < days.length) {
            const share = days.slice(at, (at += DAYS_A_HAND));
            try {
              left.push(...(await hand.copy(from, share)));
              onWritten(bytesOf(share.flatMap(({ files }) => files)));
              onCopied(share.length);
            } catch (error) {
              at = days.length; // there is no use in the rest
              throw error;
            }
          }
        };
        // Two shares each, so that none waits for the next one to be handed over.
        await Promise.all([...hands, ...hands].map(work));
        return left;
      }),

    async settle() {
      if (isSettled) return;
      await sync();
      isSettled = true;
    },
  };
}

/** A hand of the caller's own thread, which hears what others answer before each work. Works keep their order. */
export function toFarHand(hand: BulkHand): FarHand {
  const soon = <T>(work: () => T): Promise<T> => breathe().then(work);
  return {
    put: (files) => soon(() => hand.put(files)),
    copy: (from, days) => soon(() => hand.copy(from, days)),
    sync: () => soon(() => hand.sync()),
    name: () => soon(() => hand.name()),
    discard: () => soon(() => hand.discard()),
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
