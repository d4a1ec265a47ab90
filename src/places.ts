/**
 * Places: the folders and the buckets that archive and backup are configured to be in.
 */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { parseS3Url } from "./archive/create-store.ts";
import type { Config } from "./config.ts";

export function isInBucket({ archive: { basePath } }: Config): boolean {
  return parseS3Url(basePath) !== undefined;
}

/** The same for all names of a folder. One that isn't there yet has but this name, as a bucket's has. */
export function nameOfTree(config: Config): string {
  const { basePath: path } = config.archive;
  if (isInBucket(config)) return `${config.s3.endpoint ?? ""} ${path.replace(/\/+$/, "")}`;
  return realPath(path);
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

/** Is one of two places in the other? */
export function overlap(a: string, b: string): boolean {
  if ((parseS3Url(a) === undefined) !== (parseS3Url(b) === undefined)) return false;
  const [one, other] = [a, b].map((place) => (parseS3Url(place) ? place.replace(/\/+$/, "") : realPath(place)));
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
