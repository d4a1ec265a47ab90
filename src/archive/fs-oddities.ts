/**
 * Looking for what lies in the tree and isn't the archive's: foreign files, leftover temporary files, folders that
 * can't be read. Reads names alone, and the times of temporary files.
 */
import type { FolderEntry } from "./file-system.ts";
import { findModifiedMs, isFolderOfOurs, isStage, isTemporary } from "./fs-sweep.ts";
import { entriesOf, NAMES_IN_BASE, type Tree } from "./fs-tree.ts";
import { LEFTOVER_AFTER_MS, parseKey } from "./keys.ts";
import type { Oddity } from "./store.ts";

export async function* listOddities(tree: Tree, nowMs: number): AsyncIterable<Oddity> {
  const unreadable: Oddity[] = [];
  const looking: Tree = { ...tree, onSkipped: ({ key, reason, kind }) => void unreadable.push({ key, reason, kind }) };

  async function* look(folder: string): AsyncIterable<Oddity> {
    for (const entry of await entriesOf(looking, folder)) {
      const key = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (isFolderOfOurs(entry, key)) yield* look(key);
      else if (isTemporary(entry, key) || isStage(entry, key)) {
        const what = entry.isFile() ? "a temporary file of a writer" : "the days of a restore";
        const writtenMs = await findModifiedMs(looking, key);
        if (writtenMs !== undefined && writtenMs < nowMs - LEFTOVER_AFTER_MS)
          yield { key, kind: "LEFTOVER", reason: `${what} that was stopped` };
      } else {
        const reason = whyForeign(entry, key);
        if (reason !== undefined) yield { key, kind: "FOREIGN", reason };
      }
    }
    yield* unreadable.splice(0);
  }
  yield* look("");
}

/** `undefined` for what is ours. */
function whyForeign(entry: FolderEntry, key: string): string | undefined {
  if (NAMES_IN_BASE.test(key)) return undefined;
  if (parseKey(key) === undefined) return "not a name of ours";
  return entry.isFile() ? undefined : "not a regular file";
}
