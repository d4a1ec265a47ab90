/**
 * Checking a backup without restoring it: every copy against the manifest, and with an identity what is inside of it.
 * Reads all of it and changes nothing.
 */
import { StoreFailed } from "../model/errors.ts";
import type { Decipher } from "./age.ts";
import { forEachAtOnce } from "./at-once.ts";
import { NOT_AS_BACKED_UP } from "./backup-copies.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import { readManifests, type Known } from "./known-manifests.ts";
import { copyOf, isOfManifests, manifestKey, type Entry } from "./manifest.ts";
import { proveCopies } from "./prove-copies.ts";
import { MAX_COPY_BYTES, type CopyProblem } from "./prepare-copies.ts";
import { sha256Of } from "./reader.ts";

export interface CheckOptions {
  /** Looks inside of encrypted copies; without it their own digests are what is held against the manifest. */
  decipher?: Decipher | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface CheckedBackup {
  /** Key of the manifest; `undefined` when there is none. */
  manifest: string | undefined;
  /** When it was written. */
  atMs: number | undefined;
  files: number;
  /** Of the copies that were read. */
  bytes: number;
  /** Copies of which the manifest knows nothing: no harm, but nothing proves them. */
  unlistedFiles: number;
  /** `key` is of the target. */
  problems: CopyProblem[];
}

/** Copies that are read at once. */
const AT_ONCE = 8;

/** @throws {StoreFailed} when the target can't be listed */
export async function checkBackup(target: BackupTarget, options: CheckOptions = {}): Promise<CheckedBackup> {
  const checked = await checkOnce(target, options);
  // A backup under way changes copies, and says so before: what looks wrong is looked at again in the light of that.
  const { problems } = checked;
  if (problems.length === 0 || checked.manifest === undefined) return checked;
  const again = await checkOnce(target, { ...options, onProgress: undefined }, new Set(problems.map(({ key }) => key)));
  return { ...checked, manifest: again.manifest, atMs: again.atMs, problems: again.problems };
}

async function checkOnce(
  target: BackupTarget,
  { decipher, signal, onProgress }: CheckOptions,
  only?: ReadonlySet<string>,
): Promise<CheckedBackup> {
  const there = new Set<string>();
  const problems: CopyProblem[] = [];
  const listed = target.list(undefined, (key, { message }) => problems.push({ key, message }));
  for await (const { key, leftover } of listed) if (!leftover) there.add(key);
  const manifests = [...there].filter(isOfManifests);
  const known = await readManifests(target, manifests, { all: true, isPassedOver: () => true });
  const isToBeProven = known.last !== undefined && known.isBehind;
  const proven = isToBeProven ? await proveCopies(target, known, { decipher, nowMs: 0, signal }) : undefined;
  const expected = expectedCopies(known, proven?.entries.values());
  problems.push(...(proven?.problems ?? []).filter(({ key }) => !expected.has(key) && (only?.has(key) ?? true)));
  for (const key of known.damaged) problems.push({ key, message: "this manifest isn't whole, or can't be read" });
  if (known.last === undefined) {
    const found = there.size > 0 ? "there is no whole manifest" : "there is nothing here";
    problems.push({ key: "manifests", message: `${found}: no backup has ended here yet, or its disk isn't mounted` });
  }

  let bytes = 0;
  let done = 0;
  const queue = [...expected].filter(([key]) => only?.has(key) ?? true);
  await forEachAtOnce(queue, AT_ONCE, async ([key, allowed]) => {
    signal?.throwIfAborted();
    try {
      const size = await checkCopy(key, allowed);
      bytes += size; // after the wait, since others add to it meanwhile
    } catch (error) {
      if (!(error instanceof StoreFailed)) throw error;
      problems.push({ key, message: error.message });
    }
    onProgress?.(++done, queue.length);
  });
  return {
    manifest: known.last && manifestKey(known.last.sequence),
    atMs: known.last?.atMs,
    files: queue.length,
    bytes,
    unlistedFiles: [...there].filter((key) => parseStoredKey(key) && !expected.has(key)).length,
    problems: problems.toSorted((a, b) => (a.key < b.key ? -1 : 1)),
  };

  /** @returns its bytes @throws {StoreFailed} */
  async function checkCopy(key: string, allowed: Allowed): Promise<number> {
    // What the target doesn't list isn't asked for: it may lie behind a link, which nobody follows.
    const copy = there.has(key) ? await target.read(key, MAX_COPY_BYTES) : undefined;
    if (copy === undefined) {
      if (allowed.mayBeMissing) return 0;
      throw new StoreFailed("it isn't there");
    }
    const sha256 = sha256Of(copy);
    const entry = allowed.entries.find((one) => copyOf(one).sha256 === sha256);
    if (entry === undefined) throw new StoreFailed(NOT_AS_BACKED_UP);
    if (entry.stored !== undefined && decipher !== undefined) {
      const { bytes: plain } = await decipher.decrypt(copy);
      if (sha256Of(plain) !== entry.sha256) throw new StoreFailed("it holds other bytes than were backed up");
    }
    return copy.length;
  }
}

interface Allowed {
  entries: Entry[];
  /** A stopped run may have removed it, or not have sent it yet. */
  mayBeMissing: boolean;
}

/** By key of the target. */
function expectedCopies({ last, pending }: Known, held: Iterable<Entry> = last?.entries ?? []): Map<string, Allowed> {
  const expected = new Map<string, Allowed>();
  for (const entry of held) expected.set(copyOf(entry).key, { entries: [entry], mayBeMissing: false });
  for (const { entries, removing } of pending) {
    for (const entry of entries) {
      const { key } = copyOf(entry);
      const allowed = expected.get(key);
      if (allowed === undefined) expected.set(key, { entries: [entry], mayBeMissing: true });
      else allowed.entries.push(entry);
    }
    for (const key of removing) {
      const allowed = expected.get(key);
      if (allowed !== undefined) allowed.mayBeMissing = true;
    }
  }
  return expected;
}
