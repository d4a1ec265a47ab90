/** Which backup target a place names: a folder, or a bucket, for which alone what talks to one is loaded. */
import { parseS3Url } from "./create-store.ts";
import type { BackupTarget } from "./backup-target.ts";
import { createFolderTarget } from "./folder-target.ts";
import type { S3Settings } from "./s3-client.ts";

/**
 * @param place a folder's path, or `s3://BUCKET/PREFIX`
 * @param options.alone nobody waits for this process, so that it may read faster
 */
export async function createTarget(
  place: string,
  { s3, alone = false }: { s3?: S3Settings | undefined; alone?: boolean } = {},
): Promise<BackupTarget> {
  const bucket = parseS3Url(place);
  if (bucket === undefined) return createFolderTarget({ path: place, alone });
  const { createS3Target } = await import("./s3-target.ts");
  return createS3Target({ ...bucket, ...s3 });
}
