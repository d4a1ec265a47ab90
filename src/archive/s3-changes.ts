/**
 * Which days other servers wrote: each says so at the end of its turn (see `s3-turns.ts`).
 * Owns the memory of how far that was followed. What other programs put into the bucket isn't seen here.
 */
import { z } from "zod";
import { Day } from "../model/day.ts";
import type { Epochs } from "./epochs.ts";
import type { StoreChanges } from "./store.ts";

const EndOfTurn = z.object({ first: z.number(), days: z.array(Day) });

/** @param epochs of the turns */
export function createTurnChanges(epochs: Epochs): StoreChanges {
  /** All turns up to this epoch are known. */
  let known: number | undefined;

  return {
    async take() {
      if (known === undefined) {
        const { epoch, done } = await epochs.highest();
        known = done ? epoch : Math.max(0, epoch - 1);
        return [];
      }
      if ((await epochs.watch()).epoch <= known) return [];
      const { epochs: ended, highest, complete } = await epochs.finished(known);
      const days = new Set<Day>();
      let allTold = complete;
      for (const epoch of ended) {
        const end = EndOfTurn.safeParse(await epochs.readFinished(epoch));
        // A turn that nobody ended lies between: its writer died, and what it wrote nobody says.
        allTold &&= end.success && end.data.first <= known + 1;
        if (end.success) for (const day of end.data.days) days.add(day);
        known = epoch;
      }
      if (!complete) known = Math.max(known, highest - 1);
      return allTold ? [...days].sort() : undefined;
    },
  };
}
