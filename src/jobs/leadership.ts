/**
 * Leadership: which of the servers on one store fetches the plot and cleans up for all.
 * Owns the standing for election and what the leader passes on to the next: which run of the schedule was last done.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import { z } from "zod";
import type { Held, Lease } from "../archive/lease.ts";
import { ShutDown } from "../model/errors.ts";

/** A run of the schedule, as all servers know it. */
export interface LedRun {
  dueMs: number;
  /** False while it goes on, and for ever where its server died in it. */
  done: boolean;
}

export interface Leadership extends AsyncDisposable {
  /** This server's name among the others. */
  readonly server: string;
  /** Surely, at this moment. */
  isLeader(): boolean;
  /** The last known leader's name; `undefined` while nobody leads. */
  leader(): string | undefined;
  /** Of the lease that was last seen: it grows with each renewal. */
  epoch(): number | undefined;
  /** The last run of the schedule that a leader has begun. */
  lastRun(): LedRun | undefined;
  /** Tells all servers of a run, as long as it takes while this server leads. @returns whether it leads still */
  tell(run: LedRun): Promise<boolean>;
  /** Calls `listener` when this server comes to lead. */
  onElected(listener: () => void): void;
}

export interface LeadershipParts {
  lease: Lease;
  server: string;
  /** False: it only looks who leads. */
  stands?: boolean;
  log: Logger;
}

/** A server that doesn't lead looks so often; a takeover takes no longer than the TTL and this. */
const LOOK_MS = 1200;

const LeaseBody = z.object({
  server: z.string(),
  run: z.object({ dueMs: z.number(), done: z.boolean() }).optional(),
});
type LeaseBody = z.infer<typeof LeaseBody>;

/** A server that doesn't stand for election has no hurry. */
const LOOK_ONLY_MS = 5000;

/** Stands for election until it is closed; then it hands over at once. */
export function startLeadership({ lease, server, stands = true, log }: LeadershipParts): Leadership {
  const stopping = new AbortController();
  const listeners = new Set<() => void>();
  let held: Held | undefined;
  let last: (Partial<LeaseBody> & { epoch: number }) | undefined;
  /** Renewals one after another: each names the epoch after the one before. */
  let renewing: Promise<unknown> = Promise.resolve();

  const isLeader = (): boolean => held !== undefined && held.leftMs() > 0;

  async function challenge(): Promise<void> {
    let mine: LeaseBody = { server };
    const won = await lease.tryAcquire((before) => {
      const { run } = parseBody(before);
      mine = { server, ...(run && { run }) };
      return mine;
    }, stopping.signal);
    if (won === undefined) return await learn();
    held = won;
    last = { ...mine, epoch: won.epoch };
    log.info({ server, epoch: won.epoch }, "this server leads now: it fetches and cleans up");
    for (const listener of listeners) listener();
  }

  /** Reads who leads, where that isn't known yet. */
  async function learn(): Promise<void> {
    const { epoch = 0, done = false } = lease.seen() ?? {};
    if (epoch === 0 || done) last = { ...(last?.run && { run: last.run }), epoch };
    else if (last?.epoch !== epoch) last = { ...parseBody(await lease.read(epoch, stopping.signal)), epoch };
  }

  function renew(run = last?.run): Promise<boolean> {
    const renewed = renewing.then(async () => {
      if (held === undefined || held.leftMs() <= 0) return false;
      const mine: LeaseBody = { server, ...(run && { run }) };
      const next = await lease.renew(held, mine);
      if (next === undefined) return false;
      held = next;
      last = { ...mine, epoch: next.epoch };
      return true;
    });
    renewing = renewed.catch(() => {});
    return renewed;
  }

  const retryMs = (): number => Math.min(LOOK_MS, lease.ttlMs / 12) * (0.5 + Math.random());

  async function serve(): Promise<void> {
    let isRenewed = true;
    let isAway = false;
    const isThere = (): void => {
      if (isAway) log.info("the store can be asked again who leads");
      isAway = false;
    };
    while (!stopping.signal.aborted)
      try {
        if (!stands) {
          await lease.look(stopping.signal);
          await learn();
          isThere();
          await rest(LOOK_ONLY_MS);
        } else if (held === undefined) {
          await challenge();
          isThere();
          isRenewed = true;
          if (held === undefined) await rest(LOOK_MS * (0.75 + Math.random() / 2));
        } else if (held.leftMs() > 0) {
          await rest(Math.min(isRenewed ? lease.ttlMs / 3 : retryMs(), held.leftMs()));
          isRenewed = await renew();
          if (isRenewed) isThere();
        } else resign();
      } catch (error) {
        if (stopping.signal.aborted) return;
        // It is asked each second: said each time, an hour without it would fill the log with nothing else.
        if (!isAway) log.warn({ err: error, leads: isLeader() }, "the store could not be asked who leads");
        isAway = true;
        isRenewed = false;
        if (held === undefined) await rest(retryMs()).catch(() => {});
      }
  }

  /** Has nobody renewed the lease for so long that nobody holds it? */
  const isSilent = (): boolean => performance.now() - (lease.seen()?.sinceMs ?? -Infinity) > 2 * lease.ttlMs;

  function resign(): void {
    held = undefined;
    log.warn({ server }, "this server leads no more: its lease ran out");
  }

  const rest = (ms: number): Promise<void> =>
    pause(Math.max(0, ms), undefined, { signal: stopping.signal, ref: false });
  const serving = serve();

  return {
    server,
    isLeader,
    leader: () => (isLeader() ? server : isSilent() ? undefined : last?.server),
    epoch: () => last?.epoch,
    lastRun: () => last?.run,
    async tell(run) {
      // A request that failed is no lost lease, and a run that nobody was told of is not begun: so it is tried again.
      while (isLeader() && !stopping.signal.aborted) {
        if (await renew(run).catch(() => false)) return true;
        await rest(retryMs()).catch(() => {});
      }
      return false;
    },
    onElected: (listener) => void listeners.add(listener),
    async [Symbol.asyncDispose]() {
      stopping.abort(new ShutDown("The program is stopping"));
      await serving;
      await renewing;
      if (held !== undefined && isLeader()) await lease.release(held, { server }).catch(() => {});
      held = undefined;
    },
  };
}

function parseBody(body: unknown): Partial<LeaseBody> {
  const parsed = LeaseBody.safeParse(body);
  return parsed.success ? parsed.data : {};
}
