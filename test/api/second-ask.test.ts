import assert from "node:assert/strict";
import { LRUCache } from "lru-cache";
import { describe, test } from "vitest";
import { keepSecondAsked } from "../../src/api/second-ask.ts";

describe("keepSecondAsked", () => {
  const cache = (max = 3) => keepSecondAsked(new LRUCache<string, { name: string }>({ max }));

  test("keeps what is set a second time, not what is set once", () => {
    const kept = cache();
    kept.set("a", () => ({ name: "first" }));
    assert.equal(kept.get("a"), undefined);
    kept.set("a", () => ({ name: "second" }));
    assert.deepEqual(kept.get("a"), { name: "second" });
  });

  test("isn't emptied by many that come once", () => {
    const kept = cache();
    for (let times = 0; times < 2; times++) kept.set("often", () => ({ name: "often" }));
    for (let index = 0; index < 1000; index++) kept.set(`once ${index}`, () => ({ name: "once" }));
    assert.deepEqual(kept.get("often"), { name: "often" });
  });

  test("holds no more than its cache does", () => {
    const kept = cache(2);
    for (const key of ["a", "b", "c"]) for (let times = 0; times < 2; times++) kept.set(key, () => ({ name: key }));
    assert.deepEqual(
      ["a", "b", "c"].map((key) => kept.get(key)?.name),
      [undefined, "b", "c"],
    );
  });
});
