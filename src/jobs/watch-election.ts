/**
 * Watching the election: since when does no server lead, of those that share a store? All that fails is told by the one
 * that leads; where none does, as while the bucket is away, each of them must tell just that.
 * Owns what this server sees of it; `alert-rules.ts` judges.
 */
import { changesOf, type Facts } from "./alert-rules.ts";
import type { Outbox } from "./alert-outbox.ts";
import type { Leadership } from "./leadership.ts";

/** So each other alert stays as it is. */
const NOTHING_KNOWN: Omit<Facts, "nowMs" | "election"> = {
  failing: undefined,
  hasSucceeded: false,
  lastDay: undefined,
  verification: undefined,
  backups: [],
  disk: undefined,
};

/**
 * Answers who leads, or since when none does: from the first look on that sees it, so that a machine that slept, and
 * its clock with it, has missed nothing.
 * @param leadership `undefined` where none is elected
 */
export function watchElection(
  leadership: Pick<Leadership, "server" | "leader"> | undefined,
  clock: () => number,
): () => Facts["election"] {
  let unledSinceMs: number | undefined;
  return () => {
    if (leadership === undefined) return undefined;
    const { server } = leadership;
    const leader = leadership.leader();
    if (leader === undefined) return { server, unledSinceMs: (unledSinceMs ??= clock()) };
    unledSinceMs = undefined;
    return { server, leader };
  };
}

/** Tells whether any server leads, and nothing else. */
export async function tellOfElection(outbox: Outbox, nowMs: number, election: Facts["election"]): Promise<void> {
  const { states, changes } = changesOf(outbox.memory.states, { ...NOTHING_KNOWN, nowMs, election });
  if (states !== outbox.memory.states) await outbox.put(states, changes, outbox.memory.free);
}
