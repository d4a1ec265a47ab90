/**
 * What one run writes to a backup: copies, and manifests that say before what will be, and at last what is.
 * Owns their order and what is known to be there meanwhile; `mirror.ts` says what is sent and what goes.
 */
import { NameTaken } from "../model/errors.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import type { Known } from "./known-manifests.ts";
import {
  copyOf,
  formatManifest,
  isPendingKey,
  KEPT_MANIFESTS,
  manifestKey,
  nextSequence,
  type Entry,
} from "./manifest.ts";
import type { Copy, CopyProblem } from "./prepare-copies.ts";

export interface BackupRunParts {
  target: BackupTarget;
  /** Who can read what is sent; `undefined`: everybody. */
  recipient: string | undefined;
  known: Known;
  /** Keys of the target. This and the next one change as the run goes on. */
  there: Set<string>;
  /** What the copies were before, by key of the archive. */
  before: Map<string, Entry>;
  clock: () => number;
  signal: AbortSignal | undefined;
}

export interface BackupRun {
  /** What the manifest to come will hold. */
  entries: Map<string, Entry>;
  counts: { sentFiles: number; sentBytes: number; unchangedFiles: number };
  /** Says what is about to be sent, and removed: keys of the target. */
  announce(entries: readonly Entry[], removing: readonly string[]): Promise<void>;
  /** @returns what keeps it from being sent */
  send(copy: Copy): Promise<CopyProblem | undefined>;
  /** False where there was none. */
  remove(key: string): Promise<boolean>;
  /**
   * Writes the manifest, and lets those go that it takes the place of. @returns its key
   * @param spoilt manifests that prove nothing any more
   */
  end(held: readonly Entry[], spoilt: readonly string[]): Promise<string>;
}

export function createBackupRun(parts: BackupRunParts): BackupRun {
  const { target, recipient, known, there, before, clock, signal } = parts;
  const sequence = nextSequence(known.names);
  const entries = new Map<string, Entry>();
  const counts = { sentFiles: 0, sentBytes: 0, unchangedFiles: 0 };
  let announced = 0;

  async function write(key: string, of: readonly Entry[], removing: readonly string[]): Promise<void> {
    const previous = known.last?.sha256;
    const { bytes } = await formatManifest({ sequence, atMs: clock(), recipient, previous, removing, entries: of });
    await target.write(key, bytes);
    there.add(key);
  }

  return {
    entries,
    counts,
    announce: (of, removing) => write(manifestKey(sequence, ++announced), of, removing),

    async send({ entry, bytes }) {
      if (bytes === undefined) counts.unchangedFiles++;
      else {
        signal?.throwIfAborted();
        const { key } = copyOf(entry);
        try {
          await target.write(key, bytes, entry.modifiedMs);
        } catch (error) {
          // One place that is taken leaves no other file without a copy.
          if (!(error instanceof NameTaken)) throw error;
          return { key: entry.key, message: error.message };
        }
        there.add(key);
        counts.sentFiles++;
        counts.sentBytes += bytes.length;
      }
      entries.set(entry.key, entry);
      return undefined;
    },

    async remove(key) {
      there.delete(key);
      // Of a file that is kept in another form now, plain or encrypted, that copy still counts.
      for (const counted of [entries, before]) {
        const entry = counted.get(parseStoredKey(key)!.key);
        if (entry !== undefined && copyOf(entry).key === key) counted.delete(entry.key);
      }
      return await target.remove(key);
    },

    async end(held, spoilt) {
      const manifest = manifestKey(sequence);
      await write(manifest, held, []);
      const old = known.names
        .filter((key) => !isPendingKey(key) && !known.damaged.includes(key))
        .slice(0, 1 - KEPT_MANIFESTS);
      // What this run was about to do stays until the next one, should its manifest be lost.
      const gone = new Set([...known.names.filter(isPendingKey), ...known.damaged, ...spoilt, ...old]);
      for (const key of gone) await target.remove(key);
      return manifest;
    },
  };
}
