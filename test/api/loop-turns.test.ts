import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { test } from "vitest";
import { createLoopTurns } from "../../src/api/loop-turns.ts";

test("however many ask for turns of the event loop, each of its turns is one's, in their order", async () => {
  const turns = createLoopTurns();
  const taken: string[] = [];
  const work = async (name: string): Promise<void> => {
    for (let piece = 1; piece <= 3; piece++) {
      await turns();
      taken.push(`${name}${piece}`);
    }
  };
  const all = Promise.all(["a", "b", "c"].map(work));
  let most = 0;
  for (let before = 0; taken.length < 9; before = taken.length) {
    await setImmediate();
    most = Math.max(most, taken.length - before);
  }
  await all;
  assert.equal(most, 1);
  assert.deepEqual(taken, ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]);
});
