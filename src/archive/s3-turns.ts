/**
 * Turns: one writer at a time on a bucket, whatever server it is on. A short lease for each, renewed while it works.
 * Owns the waiting, the renewing and the fence: a writer whose turn has run out may not write any more.
 */
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { StoreFailed } from "../model/errors.ts";
import type { Held, Lease } from "./lease.ts";
import type { SendOptions } from "./s3-client.ts";
import { createTurns, type InTurn } from "./turns.ts";

const POLL_MS = { least: 20, most: 500 };
/** Who never stops asking rests after each turn, or the others, who only look now and then, would never have one. */
const REST_MS = 30;

export interface BucketTurns {
  exclusively: InTurn;
  /** @throws {StoreFailed} in a turn that has run out; outside of one, nobody is fenced */
  fence(): void;
  /**
   * How what only the holder of the turn may do is sent: not once the turn has run out, as far as it is extended by now.
   * A request of which nobody knows what became of it may be done after its turn, so that isn't handed over: it runs out.
   */
  fenced(): SendOptions;
  /** Says to followers, at the end of this turn, what it wrote. */
  wrote(day: string): void;
}

export interface BucketTurnsOptions {
  lease: Lease;
  /** What it locks, in words; default: the archive. */
  of?: "archive" | "backup";
  /** How long others may keep us waiting, beside one that died. */
  waitMs: number;
}

export function createBucketTurns({ lease, of = "archive", waitMs }: BucketTurnsOptions): BucketTurns {
  const { ttlMs } = lease;
  const inTurn = createTurns();
  const body = { host: hostname(), pid: process.pid };
  let held: Held | undefined;
  let days = new Set<string>();
  let mayBeDoneLater = false;
  let releasedMs = -Infinity;

  async function acquire(signal?: AbortSignal): Promise<Held> {
    if (performance.now() - releasedMs < REST_MS) await pause(REST_MS * Math.random() * 2);
    const deadlineMs = performance.now() + waitMs + ttlMs;
    for (let tries = 0; ; tries++) {
      signal?.throwIfAborted();
      const acquired = await lease.tryAcquire(body, signal);
      if (acquired !== undefined) return acquired;
      if (performance.now() > deadlineMs)
        throw new StoreFailed(`Cannot lock the ${of}: another writer has kept it for ${waitMs / 1000} s`);
      const most = Math.min(POLL_MS.most, POLL_MS.least * 2 ** Math.min(tries, 10));
      await pause(POLL_MS.least + Math.random() * most, undefined, signal && { signal }).catch((error: unknown) => {
        throw signal?.reason ?? error;
      });
    }
  }

  /** Keeps the turn while its work goes on. What fails is tried again soon, until the fence ends it. */
  function startRenewing(): AsyncDisposable {
    const stopping = new AbortController();
    const renewing = (async () => {
      for (let isRenewed = true; ;) {
        await pause(ttlMs / (isRenewed ? 3 : 20), undefined, { signal: stopping.signal, ref: false });
        if (held === undefined || held.leftMs() <= 0) return;
        // Never broken off: an epoch of ours that nobody ends would keep the others waiting.
        const renewed = await lease.renew(held, body).catch(() => undefined);
        if (renewed !== undefined) held = renewed;
        isRenewed = renewed !== undefined;
      }
    })().catch(() => {});
    return {
      async [Symbol.asyncDispose]() {
        stopping.abort();
        await renewing;
      },
    };
  }

  return {
    exclusively: (work, signal) =>
      inTurn(async () => {
        held = await acquire(signal);
        days = new Set();
        mayBeDoneLater = false;
        const first = held.epoch;
        try {
          await using _renewing = startRenewing();
          return await work();
        } finally {
          const last = held;
          held = undefined;
          releasedMs = performance.now();
          // A release that fails costs the next one a wait, and this one nothing.
          if (last.leftMs() > 0 && !mayBeDoneLater)
            await lease.release(last, { ...body, first, days: [...days] }).catch(() => {});
        }
      }, signal),
    fence: () => held?.check(),
    fenced: () => ({
      beforeTry: () => held?.check(),
      onUnanswered() {
        mayBeDoneLater = true;
      },
      signal: held && AbortSignal.timeout(Math.max(0, Math.floor(held.leftMs()))),
    }),
    wrote: (day) => void days.add(day),
  };
}
