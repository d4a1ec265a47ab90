import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, test } from "vitest";
import { allEnded, forEachAtOnce } from "../../src/archive/at-once.ts";

describe("work on several things at once", () => {
  test("gives what each gave, in order", async () => {
    const late = turn("late");
    assert.deepEqual(await allEnded([late, Promise.resolve("soon")]), ["late", "soon"]);
  });

  test("that fails throws what failed first, when all else has ended", async () => {
    let hasEnded = false;
    async function fail(message: string, turns: number): Promise<void> {
      for (let left = turns; left > 0; left--) await turn();
      throw new Error(message);
    }
    async function end(): Promise<void> {
      for (let left = 4; left > 0; left--) await turn();
      hasEnded = true;
    }
    await assert.rejects(allEnded([fail("second", 2), end(), fail("first", 1)]), /first/);
    assert.ok(hasEnded);
  });

  test("has as many of the items under way as it was told, and all of them in the end", async () => {
    let underWay = 0;
    let most = 0;
    const done: number[] = [];
    await forEachAtOnce([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
      most = Math.max(most, ++underWay);
      await turn();
      underWay--;
      done.push(item);
    });
    assert.equal(most, 3);
    assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7]);
  });

  test("begins no other item once one has failed", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const works = forEachAtOnce([1, 2, 3, 4, 5, 6], 2, async (item) => {
      begun.push(item);
      await turn();
      if (item === 1) throw new Error("the first item fails");
      await turn();
      ended.push(item);
    });
    await assert.rejects(works, /the first item fails/);
    assert.deepEqual([begun, ended], [[1, 2], [2]]);
  });
});
