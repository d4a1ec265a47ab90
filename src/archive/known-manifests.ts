/**
 * Known manifests: what those of a target tell together.
 * Owns which one is in force, and what may have been done since.
 */
import { StoreFailed } from "../model/errors.ts";
import { MANIFESTS, type BackupTarget } from "./backup-target.ts";
import { isPendingKey, MAX_MANIFEST_BYTES, parseManifest, sequenceOf, type Manifest } from "./manifest.ts";

/** What a target's manifests tell. */
export interface Known {
  /** The manifest in force, the newest whole one. */
  last: (Manifest & { sha256: string }) | undefined;
  /** What was about to be done after the manifest in force: by a run that was stopped, or whose own is lost. */
  pending: readonly Manifest[];
  /** Keys of all manifests, the oldest first. */
  names: readonly string[];
  /** Keys of those that aren't whole. */
  damaged: readonly string[];
  /** May copies be later ones than all of these know, since a newer manifest is lost, or none is in force? */
  isBehind: boolean;
}

/** No manifest. */
const NOTHING = new Uint8Array();

/** Has a backup been begun here, ever? Looks into nothing. */
export async function hasManifests(target: BackupTarget): Promise<boolean> {
  for await (const { key } of target.list((folder) => folder !== MANIFESTS)) if (sequenceOf(key) > 0) return true;
  return false;
}

export interface ReadingManifests {
  /** Those before the one in force, too. */
  all?: boolean;
  /** One that the target doesn't give counts as one that isn't whole, so that the one before does. */
  isPassedOver?: (key: string) => boolean;
}

/**
 * @param keys of the target's manifests
 * @throws {StoreFailed} when one can't be read and isn't to be passed over
 */
export async function readManifests(
  target: BackupTarget,
  keys: readonly string[],
  { all = false, isPassedOver = () => false }: ReadingManifests = {},
): Promise<Known> {
  const names = keys.filter((key) => sequenceOf(key) > 0).toSorted();
  const known = { pending: [] as Manifest[], damaged: [] as string[] };
  let last: Known["last"];
  for (const key of names.toReversed()) {
    // What was pending before the manifest in force was written is done.
    if (last !== undefined && !all && (!isPendingKey(key) || sequenceOf(key) <= last.sequence)) continue;
    const bytes = await target.read(key, MAX_MANIFEST_BYTES).catch((error: unknown) => {
      if (error instanceof StoreFailed && isPassedOver(key)) return NOTHING;
      throw error;
    });
    if (bytes === undefined) continue;
    const manifest = await parseManifest(bytes);
    if (manifest === undefined) known.damaged.push(key);
    else if (isPendingKey(key)) known.pending.unshift(manifest);
    else last ??= manifest;
  }
  const pending = known.pending.filter(({ sequence }) => sequence > (last?.sequence ?? 0));
  const isBehind =
    last === undefined ||
    known.damaged.some((key) => sequenceOf(key) > last.sequence) ||
    pending.some(({ previous }) => previous !== last.sha256);
  return { last, pending, names, damaged: known.damaged, isBehind };
}
