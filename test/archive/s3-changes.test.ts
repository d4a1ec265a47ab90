import assert from "node:assert/strict";
import { test } from "vitest";
import { createLease } from "../../src/archive/lease.ts";
import { createTurnChanges } from "../../src/archive/s3-changes.ts";
import { createBucketTurns } from "../../src/archive/s3-turns.ts";
import { createMemoryEpochs } from "../support/memory-epochs.ts";

test("followers look at everything once a turn has run out that was not handed over", async () => {
  let nowMs = 0;
  const now = (): number => nowMs;
  const epochs = createMemoryEpochs();
  const lease = createLease(epochs, { ttlMs: 10_000, marginMs: 2000 }, now, now);
  const turns = createBucketTurns({ lease, waitMs: 0 });
  const changes = createTurnChanges(epochs, now);
  assert.deepEqual(await changes.take(), []);
  await turns.exclusively(async () => {
    turns.wrote("2024-01-01");
    turns.fenced().onUnanswered!();
  });
  const told: unknown[] = [];
  for (let look = 0; look < 15; look++) {
    told.push(await changes.take());
    nowMs += 5000;
  }
  assert.deepEqual([...new Set(told.slice(0, 12).flat())], []);
  assert.equal(told.filter((days) => days === undefined).length, 1);
  assert.deepEqual(await changes.take(), []);
});
