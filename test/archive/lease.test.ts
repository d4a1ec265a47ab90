import assert from "node:assert/strict";
import { beforeEach, describe, test } from "vitest";
import { createLease, type Lease } from "../../src/archive/lease.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { createMemoryEpochs, type MemoryEpochs } from "../support/memory-epochs.ts";

const TTL_MS = 10_000;
const MARGIN_MS = 2000;

let epochs: MemoryEpochs;
let nowMs: number;
let wallMs: number;
beforeEach(() => {
  epochs = createMemoryEpochs();
  nowMs = 1_000_000;
  wallMs = 5_000_000;
});
const server = (over: Partial<MemoryEpochs> = {}): Lease =>
  createLease(
    { ...epochs, ...over },
    { ttlMs: TTL_MS, marginMs: MARGIN_MS },
    () => nowMs,
    () => wallMs,
  );

describe("a lease", () => {
  test("is the first one's, and nobody else's while it is renewed", async () => {
    const [a, b] = [server(), server()];
    let held = await a.tryAcquire({ server: "a" });
    assert.equal(held?.epoch, 1);
    for (let round = 0; round < 10; round++) {
      assert.equal(await b.tryAcquire({ server: "b" }), undefined);
      nowMs += TTL_MS / 3;
      held = await a.renew(held!, { server: "a" });
      assert.ok(held!.leftMs() > 0);
    }
    assert.equal(held!.epoch, 11);
  });

  test("ends by its holder's own clock before another may begin", async () => {
    const [a, b] = [server(), server()];
    const held = await a.tryAcquire({});
    assert.equal(await b.tryAcquire({}), undefined);
    nowMs += TTL_MS - MARGIN_MS;
    assert.throws(() => held!.check(), StoreFailed);
    assert.equal(await b.tryAcquire({}), undefined);
    nowMs += MARGIN_MS;
    assert.equal((await b.tryAcquire({}))?.epoch, 2);
    assert.equal(await a.renew(held!, {}), undefined);
  });

  test("ends when its holder's machine has slept, though the monotonic clock slept too", async () => {
    const held = await server().tryAcquire({});
    wallMs -= 1000;
    assert.equal(held!.leftMs(), TTL_MS - MARGIN_MS, "a clock that was set back gives no more time");
    wallMs += 1000 + TTL_MS - MARGIN_MS;
    assert.ok(held!.leftMs() <= 0);
  });

  test("is waited for a whole TTL from when a challenger has first seen it, however old it is", async () => {
    await server().tryAcquire({});
    nowMs += 100 * TTL_MS;
    const late = server();
    assert.equal(await late.tryAcquire({}), undefined);
    nowMs += TTL_MS - 1;
    assert.equal(await late.tryAcquire({}), undefined);
    nowMs += 1;
    assert.equal((await late.tryAcquire({}))?.epoch, 2);
  });

  test("counts from the start of the request that took it", async () => {
    const slow = server({
      async create(epoch, body) {
        nowMs += 3000;
        return await epochs.create(epoch, body);
      },
    });
    assert.equal((await slow.tryAcquire({}))?.leftMs(), TTL_MS - MARGIN_MS - 3000);
    const tooSlow = server({
      async create(epoch, body) {
        nowMs += TTL_MS;
        return await epochs.create(epoch, body);
      },
    });
    await epochs.finish(1, {});
    assert.equal(await tooSlow.tryAcquire({}), undefined);
  });

  test("goes to the next at once when it is let go, which hears what the last one said", async () => {
    const [a, b] = [server(), server()];
    const held = await a.tryAcquire({ run: 7 });
    await a.release(held!, {});
    let heard: unknown;
    const next = await b.tryAcquire((last) => {
      heard = last;
      return {};
    });
    assert.equal(next?.epoch, 2);
    assert.deepEqual(heard, { run: 7 });
  });

  test("goes to one of two that ask at once", async () => {
    const asked = await Promise.all([server().tryAcquire({}), server().tryAcquire({}), server().tryAcquire({})]);
    assert.equal(asked.filter((held) => held !== undefined).length, 1);
  });

  test("isn't taken by a server that slept while others used an epoch and deleted it", async () => {
    const others = createLease(epochs, { ttlMs: TTL_MS, marginMs: MARGIN_MS }, () => nowMs);
    const sleeper = server({
      async create(epoch, body) {
        if (epoch === 1) {
          let held = await others.tryAcquire({});
          for (let round = 0; round < 5; round++) held = await others.renew(held!, {});
          epochs.kept.delete(1);
        }
        return await epochs.create(epoch, body);
      },
    });
    assert.equal(await sleeper.tryAcquire({}), undefined);
    assert.equal(epochs.kept.has(1), true, "it got the epoch, and that meant nothing");
  });

  test("isn't extended by a holder that slept in the middle of that, while others used an epoch and deleted it", async () => {
    const others = createLease(epochs, { ttlMs: TTL_MS, marginMs: MARGIN_MS }, () => nowMs);
    const sleeper = server({
      async create(epoch, body) {
        if (epoch === 2) {
          assert.equal(await others.tryAcquire({}), undefined);
          nowMs += TTL_MS;
          let held = await others.tryAcquire({});
          for (let round = 0; round < 5; round++) held = await others.renew(held!, {});
          assert.ok(held!.leftMs() > 0);
          epochs.kept.delete(2);
        }
        return await epochs.create(epoch, body);
      },
    });
    const held = await sleeper.tryAcquire({});
    assert.equal(await sleeper.renew(held!, {}), undefined);
    assert.ok(held!.leftMs() < 0);
  });
});
