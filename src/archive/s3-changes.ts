/**
 * Which days other servers wrote: each says so at the end of its turn (see `s3-turns.ts`).
 * Owns the memory of how far that was followed. What other programs put into the bucket isn't seen here.
 */
import { z } from "zod";
import { Day } from "../model/day.ts";
import type { Epochs } from "./epochs.ts";
import type { StoreChanges } from "./store.ts";

const EndOfTurn = z.object({ first: z.number(), days: z.array(Day) });

/** A turn is renewed far more often: one that stands still for so long has run out, and nobody will say what it wrote. */
const RUN_OUT_MS = 60_000;

/** @param epochs of the turns @param now monotonic, in ms */
export function createTurnChanges(epochs: Epochs, now = performance.now.bind(performance)): StoreChanges {
  /** All turns up to this epoch are known. */
  let known: number | undefined;
  /** The last turn that nobody has ended, and since when it has stood still. */
  let open = { epoch: 0, sinceMs: 0 };

  return {
    async take() {
      if (known === undefined) {
        const { epoch, done } = await epochs.highest();
        known = done ? epoch : Math.max(0, epoch - 1);
        return [];
      }
      const { epoch, done } = await epochs.watch();
      if (epoch <= known) return [];
      if (open.epoch !== epoch) open = { epoch, sinceMs: now() };
      else if (!done && now() - open.sinceMs > RUN_OUT_MS) {
        known = epoch;
        return undefined;
      }
      const { epochs: ended, highest, complete } = await epochs.finished(known);
      const days = new Set<Day>();
      let allTold = complete;
      let reached = known;
      for (const ending of ended) {
        const end = EndOfTurn.safeParse(await epochs.readFinished(ending));
        // A turn that nobody ended lies between: its writer died, and what it wrote nobody says.
        allTold &&= end.success && end.data.first <= reached + 1;
        if (end.success) for (const day of end.data.days) days.add(day);
        reached = ending;
      }
      // Only now: where one of them can't be read, all are asked for again.
      known = complete ? reached : Math.max(reached, highest - 1);
      return allTold ? [...days].sort() : undefined;
    },
  };
}
