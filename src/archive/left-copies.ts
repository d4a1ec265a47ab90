/**
 * Copies that are left: of files that the archive has no more, or can't show whole any more.
 * Owns which of them may go. The others the backup keeps, and still answers for.
 */
import type { Day } from "../model/day.ts";
import { parseStoredKey, type BackupTarget } from "./backup-target.ts";
import { isWithin, parseKey, recordKey } from "./keys.ts";
import { copyOf, type Entry } from "./manifest.ts";
import { findLeft, findSame, type CopyProblem } from "./prepare-copies.ts";
import { isExpired } from "./retention.ts";
import type { BackupBefore, Surveyed } from "./survey-changes.ts";

export interface PrunePolicy {
  /** `undefined`: retention takes nothing. */
  upTo: Day | undefined;
  keepSeries: boolean;
}

/** May a copy go, by its key of the target? @param entries what the backup holds by now, by key of the archive */
export function createPruneTest(
  { upTo, keepSeries }: PrunePolicy,
  { inArchive, unreadable }: Pick<Surveyed, "inArchive" | "unreadable">,
  entries: ReadonlyMap<string, Entry>,
): (stored: string) => boolean {
  return (stored) => {
    const parsed = parseStoredKey(stored);
    if (parsed === undefined) return false;
    const entry = entries.get(parsed.key);
    if (entry !== undefined) return copyOf(entry).key !== stored;
    const { day, kind } = parseKey(parsed.key)!;
    if (inArchive.has(parsed.key) || !isExpired(day, upTo)) return false;
    if (isWithin(parsed.key, unreadable)) return false;
    return !keepSeries || (kind !== "json" && entries.has(recordKey(day)));
  };
}

export interface Left {
  entries: Map<string, Entry>;
  /** By key of the archive: what is damaged, or gone. */
  problems: CopyProblem[];
}

/**
 * @param entries what the backup holds by now, by key of the archive
 * @param isTold has a problem of such a file been told already? Then its damage is no news
 */
export async function findLeftCopies(
  target: BackupTarget,
  { known, there, before, isSuspect }: BackupBefore,
  inArchive: ReadonlySet<string>,
  entries: ReadonlyMap<string, Entry>,
  isTold: (key: string) => boolean,
): Promise<Left> {
  const left: Left = { entries: new Map(), problems: [] };
  const wasRemoved = (stored: string): boolean => known.pending.some(({ removing }) => removing.includes(stored));
  const named = [...before.keys(), ...known.pending.flatMap((manifest) => manifest.entries.map(({ key }) => key))];
  for (const key of new Set(named)) {
    if (entries.has(key)) continue;
    const was = before.get(key);
    const entry = await findLeft(key, { target, there, known, before });
    if (entry !== undefined) {
      left.entries.set(key, entry);
      const stored = copyOf(entry).key;
      // Of an encrypted one its digest doesn't prove what is inside of it.
      const isPlain = entry.stored === undefined;
      const isMended = !isSuspect(stored) || (isPlain && (await findSame(stored, [entry], target)) !== undefined);
      if (!isMended && !isTold(key))
        left.problems.push({ key, message: "its copy is damaged, and the archive has it no more" });
    } else if (was !== undefined && !inArchive.has(key) && !wasRemoved(copyOf(was).key))
      left.problems.push({ key, message: "its copy is gone or damaged, and the archive has it no more" });
  }
  return left;
}
