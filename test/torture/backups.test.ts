import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { flippedBackups, killedBackups, killedRestores } from "./backups.ts";

// The long form is `npm run torture`.
describe("a backup", () => {
  for (const encrypted of [false, true])
    test(`${encrypted ? "that is encrypted and " : ""}killed at any call checks clean, and sends nothing twice`, async () => {
      const { kills, sent } = await killedBackups({ kills: 4, encrypted });
      assert.ok(kills === 4 && sent > 0);
    });

  for (const encrypted of [false, true])
    test(`${encrypted ? "that is encrypted " : ""}shows each bit that flipped`, async () => {
      assert.deepEqual(await flippedBackups({ flips: 16, encrypted }), { flips: 16, found: 16 });
    });
});

test("a restore killed at random leaves whole days, and the next one ends with the same tree", async () => {
  assert.equal((await killedRestores({ kills: 2, days: 30 })).kills, 2);
});
