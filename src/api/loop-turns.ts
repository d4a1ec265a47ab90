/**
 * Turns of the event loop, one at a time for all who share them: what is long goes in pieces, one piece a turn, so that
 * however many have something long to do, everybody else waits for one piece at most.
 */
import { setImmediate } from "node:timers/promises";

/** Resolves when it is the caller's turn: in the order of asking, each in a turn of its own. */
export type LoopTurns = () => Promise<void>;

export function createLoopTurns(): LoopTurns {
  let last = Promise.resolve();
  return () => (last = last.then(() => setImmediate()));
}
