/** Which store a base path names: a folder, or a bucket. */
import { createFsStore, type FsStoreOptions } from "./fs-store.ts";
import type { S3Settings } from "./s3-client.ts";
import { createS3Store, type S3StoreOptions } from "./s3-store.ts";
import type { Store } from "./store.ts";

export interface StoreOptions extends Omit<FsStoreOptions, "basePath" | "fs"> {
  s3?: (S3Settings & Pick<S3StoreOptions, "alone" | "turnTtlMs" | "leaderTtlMs">) | undefined;
}

/** @param base a folder's path, or `s3://BUCKET/PREFIX` (`parseS3Url` says whether that is well formed) */
export function createStore(base: string, { s3, ...options }: StoreOptions = {}): Store {
  const place = parseS3Url(base);
  if (place === undefined) return createFsStore({ basePath: base, ...options });
  const { lockWaitMs } = options;
  return createS3Store({ ...place, ...s3, ...(lockWaitMs !== undefined && { lockWaitMs }) });
}

/** Bucket names as S3 allows them, and a prefix without empty parts. */
const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[^/]+)*)\/?$/;

/** `undefined` when it is no such URL. */
export function parseS3Url(base: string): { bucket: string; prefix: string } | undefined {
  const [, bucket, path = ""] = S3_URL.exec(base) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: path.slice(1) };
}
