/**
 * A bucket as backup target: the archive's own layout below a prefix. What is sent carries its MD5, so that the store
 * refuses what arrives damaged; one backup at a time writes there (see `s3-turns.ts`).
 */
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import { createLease } from "./lease.ts";
import { isOfManifests } from "./manifest.ts";
import { openBucket, type S3Settings } from "./s3-client.ts";
import { storeFailed } from "./s3-errors.ts";
import { createEpochs } from "./s3-epochs.ts";
import { listKeys } from "./s3-list.ts";
import { openObjects, type ObjectHeaders } from "./s3-objects.ts";
import { createBucketTurns } from "./s3-turns.ts";

export interface S3TargetOptions extends S3Settings {
  bucket: string;
  /** Of all keys; with or without slashes at its ends, or empty. */
  prefix: string;
  lockWaitMs?: number;
  /** After this long a backup that says nothing is taken for dead; default 30 s. */
  turnTtlMs?: number;
}

/** A first backup takes its time, and who comes second has nothing to do until it has ended. */
const LOCK_WAIT_MS = 6 * 3_600_000;

/** Nobody serves a backup, whatever form it has. */
const HEADERS: ObjectHeaders = { contentType: "application/octet-stream", cacheControl: "no-store" };

export function createS3Target(options: S3TargetOptions): BackupTarget {
  const { bucket: name, lockWaitMs = LOCK_WAIT_MS, turnTtlMs = 30_000 } = options;
  const trimmed = options.prefix.replace(/^\/+|\/+$/g, "");
  const base = trimmed === "" ? "" : `${trimmed}/`;
  const bucket = openBucket(name, options);
  const objects = openObjects(bucket, base);
  const lease = createLease(createEpochs(bucket, `${base}backup-turn/`), { ttlMs: turnTtlMs });
  const turns = createBucketTurns({ lease, of: "backup", waitMs: lockWaitMs });

  async function attempt<T>(doing: string, key: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeFailed(`${doing} in the backup`, `${bucket.url}/${base}${key}`, error);
    }
  }

  return {
    name: trimmed === "" ? bucket.url : `${bucket.url}/${trimmed}`,
    async *list() {
      try {
        for await (const { key } of listKeys(bucket, { prefix: base })) {
          const ours = key.slice(base.length);
          if (isOfManifests(ours) || parseStoredKey(ours)) yield { key: ours, leftover: false };
        }
      } catch (error) {
        throw storeFailed("list the files in the backup", `${bucket.url}/${base}`, error);
      }
    },
    read: (key, limitBytes) => attempt(`read ${key}`, key, async () => (await objects.read(key, limitBytes))?.bytes),
    write: (key, bytes) =>
      attempt(`write ${key}`, key, async () => {
        await objects.put(key, bytes, HEADERS, turns.fenced());
        turns.fence();
      }),
    remove: (key) =>
      attempt(`remove ${key}`, key, async () => {
        await objects.remove(key, turns.fenced());
        return true;
      }),
    exclusively: (work, signal) => attempt("write", "", () => turns.exclusively(work, signal)),
  };
}
