/** A store in memory: the second one that the contract suite holds for, and a quick one for tests of what stands on it. */
import type { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { keysOf, parseKey, QUARANTINE, quarantineKeys } from "../../src/archive/keys.ts";
import { createTurns } from "../../src/archive/turns.ts";
import type { Order, Store, StoredFile } from "../../src/archive/store.ts";

export function createMemoryStore(clock: () => number = Date.now): Store {
  const files = new Map<string, StoredFile & { bytes: Uint8Array }>();
  const quarantined = new Map<string, Uint8Array>();

  async function* list(from: Day, to: Day, order: Order): AsyncIterable<StoredFile> {
    const keys = [...files.keys()].filter((key) => {
      const { day } = parseKey(key)!;
      return day >= from && day <= to;
    });
    const sign = order === "oldest-first" ? 1 : -1;
    keys.sort((a, b) => sign * compare(a.slice(0, 10), b.slice(0, 10)) || compare(a, b));
    for (const key of keys) {
      const file = await find(key);
      if (file !== undefined) yield file;
    }
  }

  async function find(key: string): Promise<StoredFile | undefined> {
    const file = files.get(key);
    return file && { key, size: file.size, modifiedMs: file.modifiedMs };
  }

  return {
    kind: "memory",
    list,
    find,
    async read(key, limitBytes) {
      const file = files.get(key);
      if (file === undefined) return undefined;
      if (file.size > limitBytes)
        throw new StoreFailed(`Cannot read ${key}: found ${file.size} bytes, need at most ${limitBytes}`);
      return { ...file, bytes: new Uint8Array(file.bytes) };
    },
    async write(key, bytes) {
      const parsed = parseKey(key);
      if (parsed === undefined) throw new TypeError(`${key} is no key of an archive`);
      const newestMs = Math.max(...keysOf(parsed.day).map((other) => files.get(other)?.modifiedMs ?? 0));
      const file = { key, size: bytes.length, modifiedMs: Math.max(clock(), newestMs + 1) };
      files.set(key, { ...file, bytes: new Uint8Array(bytes) });
      return file;
    },
    remove: async (key) => files.delete(key),
    async quarantine(key, isReplaced = false) {
      const file = files.get(key);
      if (file === undefined) return undefined;
      if (!isReplaced) files.delete(key);
      for (const name of quarantineKeys(key)) {
        const there = quarantined.get(name);
        if (isReplaced && there !== undefined && Buffer.compare(there, file.bytes) === 0) return name;
        if (there !== undefined) continue;
        quarantined.set(name, file.bytes);
        return name;
      }
      return undefined;
    },
    async *listQuarantine() {
      for (const name of [...quarantined.keys()].sort()) {
        const key = name.slice(QUARANTINE.length + 1);
        if (parseKey(key) !== undefined) yield { key, size: quarantined.get(name)!.length, modifiedMs: 0 };
      }
    },
    exclusively: createTurns(),
    sweep: async () => 0,
    checkWritable: async () => {},
    checkUsable: async () => {},
    freeBytes: async () => undefined,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
