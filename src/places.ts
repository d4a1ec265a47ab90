/**
 * Places: the folders and the buckets that archive and backup are configured to be in.
 */
import { readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseS3Url } from "./archive/create-store.ts";
import type { Config } from "./config.ts";

export function isInBucket({ archive: { basePath } }: Config): boolean {
  return parseS3Url(basePath) !== undefined;
}

/** The same for all names of a folder, whether it is there already, or no more. A bucket has but this name. */
export function nameOfTree(config: Config): string {
  const { basePath: path } = config.archive;
  if (isInBucket(config)) return `${config.s3.endpoint ?? ""} ${path.replace(/\/+$/, "")}`;
  return realPath(path);
}

/** Links that are followed where they lead nowhere, such as to a folder of a disk that isn't mounted. */
const MOST_LINKS = 40;

/** As the system would resolve it, were all of it there. */
function realPath(given: string, linksLeft = MOST_LINKS): string {
  const path = resolve(given);
  try {
    return realpathSync(path);
  } catch {
    const [parent, link] = [dirname(path), linksLeft > 0 ? linkAt(path) : undefined];
    if (link !== undefined) return realPath(resolve(realPath(parent, linksLeft), link), linksLeft - 1);
    return parent === path ? path : join(realPath(parent, linksLeft), basename(path));
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Is one of two places in the other? */
export function overlap(a: string, b: string): boolean {
  if ((parseS3Url(a) === undefined) !== (parseS3Url(b) === undefined)) return false;
  const [one, other] = [a, b].map((place) => (parseS3Url(place) ? place.replace(/\/+$/, "") : realPath(place)));
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}
