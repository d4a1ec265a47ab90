/** Epochs in memory, as a store without faults would keep them; and faults where a test wants some. */
import type { Epochs } from "../../src/archive/epochs.ts";

export interface MemoryEpochs extends Epochs {
  /** Those that are there, ascending. */
  readonly kept: Map<number, { body: unknown; done?: unknown }>;
}

export function createMemoryEpochs(): MemoryEpochs {
  const kept = new Map<number, { body: unknown; done?: unknown }>();
  const top = (): number => Math.max(0, ...kept.keys());
  const highest = async () => ({ epoch: top(), done: kept.get(top())?.done !== undefined });
  return {
    kept,
    highest,
    watch: highest,
    async create(epoch, body) {
      if (kept.has(epoch)) return false;
      kept.set(epoch, { body });
      return true;
    },
    read: async (epoch) => kept.get(epoch)?.body,
    async finish(epoch, done) {
      kept.set(epoch, { body: undefined, ...kept.get(epoch), done });
    },
    async finished(after) {
      const above = [...kept.keys()].filter((epoch) => epoch > after).sort((a, b) => a - b);
      return {
        epochs: above.filter((epoch) => kept.get(epoch)?.done !== undefined),
        highest: above.at(-1) ?? after,
        complete: above.length === 0 || above[0] === after + 1,
      };
    },
    readFinished: async (epoch) => kept.get(epoch)?.done,
    selfTest: async () => undefined,
  };
}
