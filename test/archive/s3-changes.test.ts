import assert from "node:assert/strict";
import { test } from "vitest";
import { createLease } from "../../src/archive/lease.ts";
import { createTurnChanges } from "../../src/archive/s3-changes.ts";
import { createBucketTurns } from "../../src/archive/s3-turns.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { createMemoryEpochs } from "../support/memory-epochs.ts";

test("days that a turn has told are not forgotten where the next one can't be read", async () => {
  const epochs = createMemoryEpochs();
  let isCutOff = false;
  const followed = {
    ...epochs,
    readFinished: async (epoch: number) => {
      if (isCutOff && epoch === 2) throw new StoreFailed("the connection was cut");
      return await epochs.readFinished(epoch);
    },
  };
  const turns = createBucketTurns({ lease: createLease(epochs, { ttlMs: 10_000, marginMs: 2000 }), waitMs: 0 });
  const changes = createTurnChanges(followed);
  assert.deepEqual(await changes.take(), []);
  for (const day of ["2024-01-01", "2024-01-02"]) await turns.exclusively(async () => turns.wrote(day));
  isCutOff = true;
  await assert.rejects(changes.take(), StoreFailed);
  isCutOff = false;
  assert.deepEqual(await changes.take(), ["2024-01-01", "2024-01-02"]);
  assert.deepEqual(await changes.take(), []);
});

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
