import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { killedWriters, manyWriters, writersKilledAtEachCall } from "./writers.ts";

// The long form is `npm run torture`.
describe("a tree", () => {
  test("with four writers, Node and Deno, has one whole picture and its record", async () => {
    const { archived, reads } = await manyWriters({ processes: 4, saves: 8 });
    assert.ok(archived > 0 && reads > 0);
  });

  test("whose writer is killed at a random moment is whole, and free for the next", async () => {
    await killedWriters({ kills: 6 });
  });

  test("whose writer is killed between any two steps has the old day or the new", async () => {
    const { oldDay, newDay } = await writersKilledAtEachCall({ step: 6 });
    assert.ok(oldDay > 0 && newDay > 0, "the kills lay on both sides of the change");
  });
});
