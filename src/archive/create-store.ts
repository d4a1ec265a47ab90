/** Which store a base path names: a folder, or a bucket, for which alone what talks to one is loaded. */
import { eagerFileSystem } from "./eager-file-system.ts";
import { createFsStore, type FsStoreOptions } from "./fs-store.ts";
import type { S3Settings } from "./s3-client.ts";
import type { S3StoreOptions } from "./s3-store.ts";
import type { Store } from "./store.ts";

export interface StoreOptions extends Omit<FsStoreOptions, "basePath" | "fs"> {
  /** Read a folder's files without leaving this thread: faster, where nobody is served by it. */
  eager?: boolean | undefined;
  s3?: (S3Settings & Pick<S3StoreOptions, "alone" | "turnTtlMs" | "leaderTtlMs">) | undefined;
}

/** @param base a folder's path, or `s3://BUCKET/PREFIX` (`parseS3Url` says whether that is well formed) */
export async function createStore(base: string, { s3, eager = false, ...options }: StoreOptions = {}): Promise<Store> {
  const place = parseS3Url(base);
  if (place === undefined) return createFsStore({ basePath: base, ...options, ...(eager && { fs: eagerFileSystem }) });
  const { lockWaitMs } = options;
  const { createS3Store } = await import("./s3-store.ts");
  return createS3Store({ ...place, ...s3, ...(lockWaitMs !== undefined && { lockWaitMs }) });
}

/** Bucket names as S3 allows them, and a prefix without empty parts. */
const S3_URL = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[^/]+)*)\/?$/;

/** `undefined` when it is no such URL. */
export function parseS3Url(base: string): { bucket: string; prefix: string } | undefined {
  const [, bucket, path = ""] = S3_URL.exec(base) ?? [];
  return bucket === undefined ? undefined : { bucket, prefix: path.slice(1) };
}
