/**
 * An archive on a store: reading, writing and cleaning up, joined. It holds nothing open, so there is nothing to close.
 */
import type { Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import type { Archive, DayFiles, WhyMisplaced } from "./archive.ts";
import { checkDay } from "./check-day.ts";
import { createCleanup } from "./cleanup.ts";
import type { Copies } from "./copies.ts";
import { createGlance } from "./glance-at-day.ts";
import { LEFTOVER_AFTER_MS, parseKey, QUARANTINE } from "./keys.ts";
import { createReader } from "./reader.ts";
import { repairDay } from "./repair-day.ts";
import type { Oddity, Store } from "./store.ts";
import { createWriter } from "./writer.ts";

export interface ArchiveOptions {
  /** Gzip new pictures. */
  compress?: boolean;
  /** Default: a whole picture that is newer than its record is a newer plot of the day. */
  whyMisplaced?: WhyMisplaced;
  /** Where a lost record is looked for before it is made anew from its picture. */
  copies?: Copies | undefined;
  /** Why nothing is to be written though no writer has left a trace yet, in words, such as that its disk isn't mounted. */
  whyGone?: () => Promise<string | undefined>;
  clock?: () => number;
}

export function createArchive(
  wholeStore: Store,
  { compress = false, whyMisplaced, copies, whyGone, clock = Date.now }: ArchiveOptions = {},
): Archive {
  const store = whyGone === undefined ? wholeStore : refusingWhereGone(wholeStore, whyGone);
  const { readContents, ...reader } = createReader(store, whyMisplaced);
  const check = (files: DayFiles) => checkDay(files, store, { whyMisplaced, copies });
  return {
    ...reader,
    ...createWriter(store, { find: reader.find, readContents }, { compressByDefault: compress, copies, whyMisplaced }),
    cleanup: createCleanup(store, clock),
    check,
    glance: createGlance(store),
    repair(day, options = {}) {
      // What the disk doesn't give now may be good: nothing is put in its place.
      const refuse = ({ key, reason }: Oddity): never => {
        throw new StoreFailed(`Cannot repair ${day}: ${key} can't be looked at: ${reason}`);
      };
      const survey = async () => (await Array.fromAsync(reader.survey({ from: day, to: day }, refuse)))[0];
      return repairDay(day, { survey, check }, store, options);
    },
    async findQuarantined() {
      const found = new Map<Day, string>();
      for await (const { key } of store.listQuarantine()) {
        const { day, kind } = parseKey(key)!;
        if (kind !== "json") found.set(day, `${QUARANTINE}/${key}`);
      }
      return found;
    },
    async *listOddities() {
      yield* store.listOddities?.() ?? [];
    },
    sweep: (signal) => store.exclusively(() => store.sweep(clock() - LEFTOVER_AFTER_MS), signal),
    isUntouched: async () => (await store.isUntouched?.()) ?? false,
    checkWritable: () => store.checkWritable(),
    freeBytes: () => store.freeBytes(),
  };
}

/** Each writer asks for the lock first, and would make its file, and with that a trace of an archive, where none should be. */
function refusingWhereGone(store: Store, whyGone: NonNullable<ArchiveOptions["whyGone"]>): Store {
  return {
    ...store,
    async exclusively(work, signal) {
      const why = (await store.isUntouched?.()) ? await whyGone() : undefined;
      if (why !== undefined) throw new StoreFailed(why);
      return await store.exclusively(work, signal);
    },
  };
}
