/**
 * Epochs in a bucket. Owns what a store must answer for them, and what a lost answer means.
 *
 * A key is created with `If-None-Match: *`. Ceph, AWS, MinIO, R2 and Google's XML API keep to that; conditional deletes
 * and If-Match are answered wrongly by some, so neither is used: old epochs are deleted plainly, far below the highest.
 */
import { randomUUID } from "node:crypto";
import type { Epochs, Highest } from "./epochs.ts";
import { isAbsent, statusOf, storeFailed, type S3Bucket } from "./s3-client.ts";
import { listKeys } from "./s3-list.ts";

/** Epochs that stay below the highest: who follows them, or has slept, still finds where they are. */
const KEPT = 256;
/** How often old ones are deleted: one time in so many creations. */
const SWEEP_EVERY = 64;

const DIGITS = 12;
/** The holder of an epoch puts this at its end when it is done. */
const DONE = ".done";

/** @param prefix of the keys, with a slash at its end */
export function createEpochs(bucket: S3Bucket, prefix: string): Epochs {
  let seen = 0;
  const keyOf = (epoch: number): string => prefix + String(epoch).padStart(DIGITS, "0");

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
    const after = seen > 0 ? keyOf(seen - 1) : prefix;
    for await (const { key } of listKeys(bucket, { prefix, after, insist: true, signal })) {
      const parsed = parse(key);
      if (parsed !== undefined && parsed.epoch >= found.epoch) found = parsed;
    }
    // Somebody deleted them by hand; whoever holds the last one holds it still.
    if (found.epoch < seen) return { epoch: seen, done: false };
    seen = found.epoch;
    return found;
  }

  async function watch(signal?: AbortSignal): Promise<Highest> {
    if (seen === 0) return await highest(signal);
    const [next, done] = await Promise.all([exists(keyOf(seen + 1), signal), exists(keyOf(seen) + DONE, signal)]);
    return next ? await highest(signal) : { epoch: seen, done };
  }

  async function exists(key: string, signal?: AbortSignal): Promise<boolean> {
    try {
      await bucket.request(
        (sdk, client, abortSignal) =>
          client.send(new sdk.HeadObjectCommand({ Bucket: bucket.name, Key: key }), { abortSignal }),
        { insist: true, signal },
      );
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  function parse(key: string): Highest | undefined {
    const [, digits, done] = /^(\d{12})(\.done)?$/.exec(key.slice(prefix.length)) ?? [];
    return digits === undefined ? undefined : { epoch: Number(digits), done: done !== undefined };
  }

  async function put(key: string, text: string, onlyNew: boolean): Promise<void> {
    await bucket.request(
      (sdk, client, abortSignal) =>
        client.send(
          new sdk.PutObjectCommand({
            Bucket: bucket.name,
            Key: key,
            Body: Buffer.from(text),
            ContentType: "application/json",
            CacheControl: "no-store",
            ...(onlyNew && { IfNoneMatch: "*" }),
          }),
          { abortSignal },
        ),
      { once: onlyNew, insist: true },
    );
  }

  async function get(key: string, signal?: AbortSignal): Promise<string | undefined> {
    try {
      return await bucket.request(
        async (sdk, client, abortSignal) => {
          const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket: bucket.name, Key: key }), {
            abortSignal,
          });
          return await Body?.transformToString();
        },
        { insist: true, signal },
      );
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
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

  async function deleteKey(key: string): Promise<void> {
    await bucket.request((sdk, client, abortSignal) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: bucket.name, Key: key }), { abortSignal }),
    );
  }

  async function sweep(below: number): Promise<void> {
    for await (const { key } of listKeys(bucket, { prefix })) {
      const parsed = parse(key);
      if (parsed === undefined) continue;
      if (parsed.epoch >= below) return;
      await deleteKey(key);
    }
  }

  return {
    highest: (signal) => attempt("look who writes", () => highest(signal)),
    watch: (signal) => attempt("look who writes", () => watch(signal)),
    create: (epoch, body) =>
      attempt("take a turn", async () => {
        const created = await createKey(keyOf(epoch), body);
        if (created && epoch % SWEEP_EVERY === 0) await sweep(epoch - KEPT).catch(() => {}); // the next one sweeps too
        return created;
      }),
    read: (epoch, signal) => attempt("look who writes", async () => parseJson(await get(keyOf(epoch), signal))),
    finish: (epoch, body) => attempt("end a turn", () => put(keyOf(epoch) + DONE, JSON.stringify(body), false)),
    finished: (after, signal) =>
      attempt("look what was written", async () => {
        const epochs: number[] = [];
        let first: number | undefined;
        let highest = after;
        for await (const { key } of listKeys(bucket, { prefix, after: keyOf(after), signal })) {
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
        const key = `${prefix}self-test-${randomUUID()}`;
        const first = await tryToCreate(key);
        if (first !== 200) return `it answered ${first} to creating a key only where there is none`;
        const second = await tryToCreate(key);
        await deleteKey(key).catch(() => {}); // it means nothing, and no list of ours shows it
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
