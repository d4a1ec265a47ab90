import assert from "node:assert/strict";
import { test } from "vitest";
import { killedWork } from "./everything.ts";

// The long form is `npm run torture`.
test("whatever work is killed, what was acknowledged is there, and all that is there is whole", async () => {
  assert.equal((await killedWork({ kills: 4 })).kills, 4);
});
