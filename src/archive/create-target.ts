/** Which backup target a place names: a folder, or a bucket. */
import { parseS3Url } from "./create-store.ts";
import type { BackupTarget } from "./backup-target.ts";
import { createFolderTarget } from "./folder-target.ts";
import type { S3Settings } from "./s3-client.ts";
import { createS3Target } from "./s3-target.ts";

/**
 * @param place a folder's path, or `s3://BUCKET/PREFIX`
 * @param options.alone nobody waits for this process, so that it may read faster
 */
export function createTarget(
  place: string,
  { s3, alone = false }: { s3?: S3Settings | undefined; alone?: boolean } = {},
): BackupTarget {
  const bucket = parseS3Url(place);
  return bucket === undefined ? createFolderTarget({ path: place, alone }) : createS3Target({ ...bucket, ...s3 });
}
