/** Turns: work of one process that runs one at a time, in the order in which it was asked for. */
import { orAborted } from "./or-aborted.ts";

export type InTurn = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** Once `signal` aborts, whoever still waits gives up at once; work that has begun is finished. */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return async (work, signal) => {
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    const turn = last;
    last = turn.then(() => done);
    try {
      await orAborted(turn, signal);
      return await work();
    } finally {
      leave();
    }
  };
}
