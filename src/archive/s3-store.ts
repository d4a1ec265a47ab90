/**
 * The store in a bucket, of AWS or of any server that speaks S3: the same keys as on disk below a prefix, so that a
 * tree can be copied either way with any tool. Owns what an object of ours is; `s3-turns.ts` owns who may write.
 *
 * An object's time is the store's own, in whole seconds. Within a day a picture must be later than the record before
 * it (see `reader.ts`), so a writer waits for the next second where it has to.
 */
import { setTimeout as pause } from "node:timers/promises";
import { dayOf, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { parseKey, QUARANTINE, quarantineKeys, recordKey } from "./keys.ts";
import { openBucket, type S3Settings } from "./s3-client.ts";
import { storeFailed, whyNever } from "./s3-errors.ts";
import { createTurnChanges } from "./s3-changes.ts";
import { createEpochs } from "./s3-epochs.ts";
import { createLease } from "./lease.ts";
import { listFiles, listKeys } from "./s3-list.ts";
import { headersOf, openObjects } from "./s3-objects.ts";
import { createBucketTurns } from "./s3-turns.ts";
import type { Order, Store, StoredFile } from "./store.ts";
import { createTurns } from "./turns.ts";

export interface S3StoreOptions extends S3Settings {
  bucket: string;
  /** Of all keys; with or without slashes at its ends, or empty. */
  prefix: string;
  /** How long other writers may keep us waiting; default 30 s. */
  lockWaitMs?: number;
  /** The operator vouches that no other program writes, so that a store which can't keep turns will do. */
  alone?: boolean | undefined;
  /** After this long a writer that says nothing is taken for dead; default 10 s. */
  turnTtlMs?: number | undefined;
  /** The same for the server that fetches for all; default 15 s. */
  leaderTtlMs?: number | undefined;
}

/** A store whose clock stands or runs backwards is waited for no longer than this. */
const LONGEST_SECOND_MS = 5000;

const PROBE = ".etna-archive.probe";
/** Whoever asks whether the store can be written wants to know soon. */
const PROBE_LIMIT = { totalMs: 5000 };

export function createS3Store(options: S3StoreOptions): Store {
  const { bucket: name, lockWaitMs = 30_000, turnTtlMs = 10_000, leaderTtlMs = 15_000 } = options;
  const trimmed = options.prefix.replace(/^\/+|\/+$/g, "");
  const base = trimmed === "" ? "" : `${trimmed}/`;
  const bucket = openBucket(name, options);
  const objects = openObjects(bucket, base);
  const turnEpochs = createEpochs(bucket, `${base}turn/`);
  const leaderEpochs = createEpochs(bucket, `${base}lease/`);
  const turns = createBucketTurns({ lease: createLease(turnEpochs, { ttlMs: turnTtlMs }), waitMs: lockWaitMs });
  const urlOf = (key: string): string => `${bucket.url}/${base}${key}`;

  /** Rejects with StoreFailed where `work` rejects with an error of the SDK or the network. */
  async function attempt<T>(doing: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailed(doing, urlOf(key), error);
    }
  }

  /** The files of the days in the range. @param below of the base, with a slash at its end, or empty */
  async function* list(what: string, below: string, from: Day, to: Day, order: Order): AsyncIterable<StoredFile> {
    try {
      yield* listFiles(bucket, base + below, from, to, order);
    } catch (error) {
      throw storeFailed(`list the ${what}`, urlOf(below), error);
    }
  }

  async function write(key: string, bytes: Uint8Array): Promise<StoredFile> {
    const parsed = parseKey(key);
    if (parsed === undefined) throw new TypeError(`${key} is no key of an archive`);
    const record = parsed.kind === "json" ? undefined : await objects.find(recordKey(parsed.day));
    const patientUntilMs = performance.now() + LONGEST_SECOND_MS;
    if (record !== undefined) await waitUntilPast(record.modifiedMs);
    for (;;) {
      const today = dayOf(bucket.serverTimeMs() ?? Date.now());
      await objects.put(key, bytes, headersOf(parsed, today), turns.fenced());
      turns.fence(); // one that was stopped meanwhile may have written over what another had: it must not say that all is well
      turns.wrote(parsed.day);
      const written = await objects.find(key);
      if (written === undefined) throw new StoreFailed(`Cannot write ${key}: it is gone again`, { path: urlOf(key) });
      // A store's gateways have a clock each, and the one that wrote may be behind the one that answered before.
      const isLater = record === undefined || written.modifiedMs > record.modifiedMs;
      if (isLater || performance.now() > patientUntilMs) return written;
      await pause(Math.min(record.modifiedMs + 1000 - written.modifiedMs, LONGEST_SECOND_MS));
    }
  }

  /** Waits until the store's clock is past a second in which something was written. */
  async function waitUntilPast(writtenMs: number): Promise<void> {
    const waitMs = writtenMs + 1000 - (bucket.serverTimeMs() ?? Infinity);
    if (waitMs > 0) await pause(Math.min(waitMs, LONGEST_SECOND_MS));
  }

  async function remove(key: string): Promise<boolean> {
    if ((await objects.find(key)) === undefined) return false;
    await objects.remove(key, turns.fenced());
    const day = parseKey(key)?.day;
    if (day !== undefined) turns.wrote(day);
    return true;
  }

  async function quarantine(key: string, isReplaced = false): Promise<string | undefined> {
    const own = await objects.find(key);
    if (own === undefined) return undefined;
    for (const free of quarantineKeys(key)) {
      const there = await objects.find(free);
      // What was to take its place couldn't be written then.
      if (isReplaced && there?.size === own.size && (await isSame(key, free, own.size))) return free;
      if (there !== undefined) continue;
      const source = `${name}/${base}${key}`.split("/").map(encodeURIComponent).join("/");
      await bucket.request(
        (sdk, client, abortSignal) =>
          client.send(new sdk.CopyObjectCommand({ Bucket: name, Key: base + free, CopySource: source }), {
            abortSignal,
          }),
        turns.fenced(),
      );
      if (!isReplaced) await remove(key);
      return free;
    }
    return undefined;
  }

  async function isSame(a: string, b: string, size: number): Promise<boolean> {
    const [one, other] = await Promise.all([a, b].map((key) => objects.read(key, size)));
    return one !== undefined && other !== undefined && Buffer.compare(one.bytes, other.bytes) === 0;
  }

  async function checkUsable(): Promise<void> {
    for await (const _key of listKeys(bucket, { prefix: base, page: 1 })) return;
  }

  async function checkWritable(): Promise<void> {
    await objects.put(PROBE, Buffer.from("?"), { contentType: "text/plain", cacheControl: "no-store" }, PROBE_LIMIT);
    await objects.remove(PROBE, PROBE_LIMIT);
  }

  const alone = createTurns();
  let problem: Promise<string | undefined> | undefined;
  async function exclusively<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    problem ??= turnEpochs.selfTest().catch((error: unknown) => {
      problem = undefined;
      throw error;
    });
    const found = await problem;
    if (found === undefined) return await turns.exclusively(work, signal);
    if (options.alone) return await alone(work, signal);
    throw new StoreFailed(`Cannot write to the archive: this store can't keep several writers apart: ${found}`);
  }

  return {
    kind: "s3",
    shared: {
      leadership: createLease(leaderEpochs, { ttlMs: leaderTtlMs }),
      changes: createTurnChanges(turnEpochs),
      whyNoElection: leaderEpochs.selfTest,
    },
    list: (from, to, order) => list("archive", "", from, to, order),
    find: (key) => attempt(`look for ${key}`, key, () => objects.find(key)),
    read: (key, limitBytes) => attempt(`read ${key}`, key, () => objects.read(key, limitBytes)),
    write: (key, bytes) => attempt(`write ${key}`, key, () => write(key, bytes)),
    remove: (key) => attempt(`remove ${key}`, key, () => remove(key)),
    quarantine: (...of) => attempt(`move ${of[0]} to quarantine`, of[0], () => quarantine(...of)),
    listQuarantine: () => list("quarantine", `${QUARANTINE}/`, FIRST_DAY, LAST_DAY, "oldest-first"),
    exclusively,
    // An object is there whole or not at all, and there are no folders.
    sweep: async () => 0,
    checkWritable: () => attempt("write to the archive", "", checkWritable),
    freeBytes: async () => undefined,
    async signUrl(key, seconds) {
      const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
      return await attempt(`sign a URL of ${key}`, key, () =>
        bucket.request((sdk, client) =>
          getSignedUrl(client, new sdk.GetObjectCommand({ Bucket: name, Key: base + key }), { expiresIn: seconds }),
        ),
      );
    },
    async checkUsable() {
      try {
        await checkUsable();
      } catch (error) {
        throw whyNever(name, error) ?? storeFailed("list the archive", urlOf(""), error);
      }
    },
  };
}
