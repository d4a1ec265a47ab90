import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { hasS3, openS3Place } from "../support/s3.ts";
import { killedLeaders } from "./s3-leaders.ts";

// The long form is `npm run torture -- s3`.
describe.skipIf(!hasS3)("servers on a bucket", () => {
  test("have one leader at a time, and soon another, when it is killed or stopped", { timeout: 120_000 }, async () => {
    // One of each. How soon another leads is measured in the long form: here others keep the machine busy.
    const options = { servers: 3, seconds: 0, ttlMs: 3000, periodSeconds: 2, takeoverBeyondMs: 20_000 };
    const { kills, stops } = await killedLeaders(await openS3Place(), options);
    assert.ok(kills > 0 && stops > 0);
  });
});
