/**
 * Epochs in a bucket. Owns what a store must answer for them, and what a lost answer means.
 *
 * A key is created with `If-None-Match: *`. Ceph, AWS, MinIO, R2 and Google's XML API keep to that; conditional deletes
 * and If-Match are answered wrongly by some, so neither is used: old epochs are deleted plainly, far below the highest.
 */
import { randomUUID } from "node:crypto";
import type { Epochs, Highest } from "./epochs.ts";
import type { S3Bucket } from "./s3-client.ts";
import { statusOf, storeFailed } from "./s3-errors.ts";
import { listKeys } from "./s3-list.ts";
import { openObjects } from "./s3-objects.ts";

/** Epochs that stay below the highest: who follows them, or has slept, still finds where they are. */
const KEPT = 256;
/** Who is further behind than this lists them. */
const STEPS = 4;
/** How often old ones are deleted: one time in so many creations. */
const SWEEP_EVERY = 64;

const DIGITS = 12;
/** The holder of an epoch puts this at its end when it is done. */
const DONE = ".done";
/** Of what an epoch says; nothing of ours has a tenth of it. */
const LIMIT_BYTES = 1 << 20;
const HEADERS = { contentType: "application/json", cacheControl: "no-store" };
/** Who writes is asked of a store that fails, too, and known within seconds or not at all: a lease doesn't last longer. */
const SOON = { insist: true, totalMs: 5000 };

/** @param prefix of the keys, with a slash at its end */
export function createEpochs(bucket: S3Bucket, prefix: string): Epochs {
  let seen = 0;
  const objects = openObjects(bucket, prefix);
  const keyOf = (epoch: number): string => String(epoch).padStart(DIGITS, "0");

  async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailed(doing, `${bucket.url}/${prefix}`, error);
    }
  }

  async function highest(signal?: AbortSignal): Promise<Highest> {
    let found: Highest = { epoch: 0, done: false };
    // From below the last one seen, for that one may be all there is.
    const after = prefix + (seen > 0 ? keyOf(seen - 1) : "");
    for await (const { key } of listKeys(bucket, { prefix, after, ...SOON, signal })) {
      const parsed = parse(key);
      if (parsed !== undefined && parsed.epoch >= found.epoch) found = parsed;
    }
    // Somebody deleted them by hand; whoever holds the last one holds it still.
    if (found.epoch < seen) return { epoch: seen, done: false };
    seen = found.epoch;
    return found;
  }

  /** Step by step: whoever looks now and then is one behind at most, and a list costs twelve times what a look does. */
  async function watch(signal?: AbortSignal): Promise<Highest> {
    for (let steps = 0; seen > 0 && steps < STEPS; steps++) {
      const at = seen; // who waits for a turn, and who follows the turns, look at once
      const [next, done] = await Promise.all([exists(keyOf(at + 1), signal), exists(keyOf(at) + DONE, signal)]);
      if (!next && at === seen) return { epoch: at, done };
      if (next) seen = Math.max(seen, at + 1);
    }
    return await highest(signal);
  }

  async function exists(key: string, signal?: AbortSignal): Promise<boolean> {
    return (await objects.find(key, { ...SOON, signal })) !== undefined;
  }

  function parse(key: string): Highest | undefined {
    const [, digits, done] = /^(\d{12})(\.done)?$/.exec(key.slice(prefix.length)) ?? [];
    return digits === undefined ? undefined : { epoch: Number(digits), done: done !== undefined };
  }

  async function put(key: string, text: string, onlyNew: boolean): Promise<void> {
    await objects.put(key, Buffer.from(text), HEADERS, { ...SOON, onlyNew, once: onlyNew });
  }

  async function get(key: string, signal?: AbortSignal): Promise<string | undefined> {
    const found = await objects.read(key, LIMIT_BYTES, { ...SOON, signal });
    return found && Buffer.from(found.bytes).toString();
  }

  async function createKey(key: string, body: object): Promise<boolean> {
    const text = JSON.stringify({ ...body, nonce: randomUUID() });
    try {
      await put(key, text, true);
      return true;
    } catch (error) {
      if (statusOf(error) === 501 || statusOf(error) === 400) throw error;
      // The answer was lost, or is that of a second try by someone on the way: what is there now tells.
      return (await get(key)) === text;
    }
  }

  /** @returns the answer's status, where it is about the condition; other errors rise */
  async function tryToCreate(key: string): Promise<number> {
    try {
      await put(key, "{}", true);
      return 200;
    } catch (error) {
      const status = statusOf(error);
      if (status === 412 || status === 501 || status === 400) return status;
      throw error;
    }
  }

  async function sweep(below: number): Promise<void> {
    for await (const { key } of listKeys(bucket, { prefix })) {
      const parsed = parse(key);
      if (parsed === undefined) continue;
      if (parsed.epoch >= below) return;
      await objects.remove(key.slice(prefix.length));
    }
  }

  return {
    highest: (signal) => attempt("look who writes", () => highest(signal)),
    watch: (signal) => attempt("look who writes", () => watch(signal)),
    create: (epoch, body) =>
      attempt("take a turn", async () => {
        const created = await createKey(keyOf(epoch), body);
        // Beside what the epoch is for, whose time runs already. One that fails is made up for by the next.
        if (created && epoch % SWEEP_EVERY === 0) void sweep(epoch - KEPT).catch(() => {});
        return created;
      }),
    read: (epoch, signal) => attempt("look who writes", async () => parseJson(await get(keyOf(epoch), signal))),
    finish: (epoch, body) => attempt("end a turn", () => put(keyOf(epoch) + DONE, JSON.stringify(body), false)),
    finished: (after, signal) =>
      attempt("look what was written", async () => {
        const epochs: number[] = [];
        let first: number | undefined;
        let highest = after;
        for await (const { key } of listKeys(bucket, { prefix, after: prefix + keyOf(after), signal })) {
          const parsed = parse(key);
          if (parsed === undefined || parsed.epoch <= after) continue;
          first ??= parsed.epoch;
          highest = parsed.epoch;
          if (parsed.done) epochs.push(parsed.epoch);
        }
        return { epochs, highest, complete: first === undefined || first === after + 1 };
      }),
    readFinished: (epoch, signal) =>
      attempt("look what was written", async () => parseJson(await get(keyOf(epoch) + DONE, signal))),

    selfTest: () =>
      attempt("try to create a key", async () => {
        const key = `self-test-${randomUUID()}`;
        const first = await tryToCreate(key);
        if (first !== 200) return `it answered ${first} to creating a key only where there is none`;
        const second = await tryToCreate(key);
        await objects.remove(key).catch(() => {}); // it means nothing, and no list of ours shows it
        return second === 412 ? undefined : `it answered ${second}, not 412, to creating a key that was there already`;
      }),
  };
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
