/**
 * A cache that keeps what is asked for a second time. Most keys that come only once (a query that someone types, a
 * picture that someone looks at) would else push out what is asked again and again, and be garbage soon after.
 */
import type { LRUCache } from "lru-cache";

/** Hashes of keys remembered as asked once; then it begins anew. 32 bits are enough: a clash only keeps one early. */
const REMEMBERED = 4096;

export interface Cache<Value> {
  get(key: string): Value | undefined;
  /** @param make is called where the value is kept */
  set(key: string, make: () => Value): void;
}

export function keepSecondAsked<Value extends object>(kept: LRUCache<string, Value>): Cache<Value> {
  const askedOnce = new Set<number>();
  return {
    get: (key) => kept.get(key),
    set(key, make) {
      const hash = hashOf(key);
      if (askedOnce.has(hash)) {
        kept.set(key, make());
        return;
      }
      if (askedOnce.size >= REMEMBERED) askedOnce.clear();
      askedOnce.add(hash);
    },
  };
}

/** FNV-1a over UTF-16 units (http://www.isthe.com/chongo/tech/comp/fnv/). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
