/**
 * A lease: who holds it is alone, as long as it holds it, among any number of servers (see `epochs.ts`).
 * Owns the rules of time. No clock is compared with another machine's: a challenger waits until it has itself seen the
 * same epoch for a whole TTL, and a holder stops at the start of its request + TTL - margin, both by their own clocks.
 */
import { StoreFailed } from "../model/errors.ts";
import type { Epochs, Highest } from "./epochs.ts";

export interface LeaseTimes {
  ttlMs: number;
  /** A holder stops so much before the others may begin: for clocks that run at slightly different speeds. Default: a fifth. */
  marginMs?: number;
}

export interface Held {
  readonly epoch: number;
  /** Ms for which the lease is surely ours; negative when it may be another's. */
  leftMs(): number;
  /** @throws {StoreFailed} when it may be another's */
  check(): void;
}

export interface Seen extends Highest {
  sinceMs: number;
}

export interface Lease {
  readonly ttlMs: number;
  /**
   * One try, which waits for nobody. `undefined`: another holds it, or may.
   * @param body what the new epoch says; a function is handed what the last one said
   */
  tryAcquire(body: object | ((last: unknown) => object), signal?: AbortSignal): Promise<Held | undefined>;
  /** Extends what is held by creating the next epoch. `undefined`: it has become another's. */
  renew(held: Held, body: object): Promise<Held | undefined>;
  /** Lets go of it, so that the next need not wait. `body` is told to whoever follows. */
  release(held: Held, body: object): Promise<void>;
  /** Looks who holds it, for who doesn't ask for it. */
  look(signal?: AbortSignal): Promise<Seen>;
  /** What was last seen: the highest epoch, and since when, on our monotonic clock. */
  seen(): Seen | undefined;
  /** What the creator of an epoch said in it. */
  read(epoch: number, signal?: AbortSignal): Promise<unknown>;
}

export function createLease(
  epochs: Epochs,
  { ttlMs, marginMs = ttlMs / 5 }: LeaseTimes,
  monotonic: () => number = () => performance.now(),
  wall: () => number = Date.now,
): Lease {
  let seen: Seen | undefined;

  function saw(highest: Highest): Seen {
    // Seen when the answer came, which is after it was so: the wait may only become longer by that.
    if (seen?.epoch !== highest.epoch) seen = { ...highest, sinceMs: monotonic() };
    else seen = { ...seen, done: highest.done };
    return seen;
  }

  /** Never broken off: an epoch of ours that we don't know of would keep the others waiting for its end. */
  async function take(epoch: number, body: object): Promise<Held | undefined> {
    const [startMs, wallStartMs] = [monotonic(), wall()];
    if (!(await epochs.create(epoch, body))) return undefined;
    // A machine that is put to sleep stops its monotonic clock, and not the other machines'. The wall clock can't be
    // relied on for more time, so whichever says less counts.
    const leftMs = (): number => ttlMs - marginMs - Math.max(monotonic() - startMs, wall() - wallStartMs);
    const held: Held = {
      epoch,
      leftMs,
      check() {
        if (leftMs() <= 0)
          throw new StoreFailed("Cannot write: this server's turn is over, and another may have begun");
      },
    };
    return leftMs() > 0 ? held : undefined;
  }

  return {
    ttlMs,
    seen: () => seen,
    look: async (signal) => saw(await epochs.watch(signal)),
    read: epochs.read,
    async tryAcquire(body, signal) {
      const { epoch, done, sinceMs } = saw(await epochs.watch(signal));
      if (epoch > 0 && !done && monotonic() - sinceMs < ttlMs) return undefined;
      const said = typeof body === "function" ? body(await epochs.read(epoch, signal)) : body;
      const held = await take(epoch + 1, said);
      // Whoever slept for long may have created one that others had, used and deleted.
      return held && saw(await epochs.highest()).epoch === held.epoch && held.leftMs() > 0 ? held : undefined;
    },
    // Needs no such look: others create nothing while we hold the epoch before, and if we slept since then, the time of
    // the new one is over too, as it counts from here.
    renew: async (held, body) => (held.leftMs() > 0 ? await take(held.epoch + 1, body) : undefined),
    release: (held, body) => epochs.finish(held.epoch, body),
  };
}
