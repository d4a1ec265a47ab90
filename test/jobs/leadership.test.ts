/** Servers on one bucket elect who fetches, on the real store. */
import assert from "node:assert/strict";
import { pino } from "pino";
import { describe, test, vi } from "vitest";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { startLeadership, type Leadership } from "../../src/jobs/leadership.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import type { S3Place } from "../support/s3-place.ts";

const log = pino({ level: "silent" });
const soon = { timeout: 50_000, interval: 20 };

function server({ bucket, prefix, settings, endpoints }: S3Place, name: string, gateway = 0): Leadership {
  const store = createS3Store({ bucket, prefix, ...settings, endpoint: endpoints[gateway]! });
  return startLeadership({ lease: store.shared!.leadership, server: name, log });
}

describe.skipIf(!hasS3)("servers on one store", () => {
  test("elect one, which all name, and elect another at once when it is closed", async () => {
    const place = await openS3Place();
    const servers = [server(place, "a"), server(place, "b", 1), server(place, "c")];
    const leaders = (): Leadership[] => servers.filter((one) => one.isLeader());
    await vi.waitUntil(() => leaders().length === 1 && servers.every((one) => one.leader() !== undefined), soon);
    const [first] = leaders();
    assert.deepEqual(
      servers.map((one) => one.leader()),
      servers.map(() => first!.server),
    );
    assert.equal(await first!.tell({ dueMs: 5, done: true }), true);
    await first![Symbol.asyncDispose]();
    assert.equal(first!.isLeader(), false);
    await vi.waitUntil(() => leaders().length === 1, soon);
    assert.notEqual(leaders()[0], first);
    assert.deepEqual(leaders()[0]!.lastRun(), { dueMs: 5, done: true }, "the next one knows what was done");
    for (const one of servers) await one[Symbol.asyncDispose]();
  });

  test("hear of a run though the first request that tells of it fails", async () => {
    const place = await openS3Place();
    await using proxy = await startFaultProxy(place.endpoints[0]!);
    const leading = server({ ...place, endpoints: [proxy.url] }, "a");
    await vi.waitUntil(() => leading.isLeader(), soon);
    let left = 1;
    proxy.faultOf = (method) => (method === "PUT" && left-- > 0 ? "reset before" : undefined);
    assert.equal(await leading.tell({ dueMs: 5, done: false }), true);
    assert.deepEqual(leading.lastRun(), { dueMs: 5, done: false });
    await leading[Symbol.asyncDispose]();
  });

  test("say once that the store is away, and once that it is back", async () => {
    const place = await openS3Place();
    await using proxy = await startFaultProxy(place.endpoints[0]!);
    const store = createS3Store({ bucket: place.bucket, prefix: place.prefix, ...place.settings, endpoint: proxy.url });
    const lines: string[] = [];
    const kept = pino({}, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
    proxy.faultOf = () => ({ answer: 403, code: "AccessDenied" });
    const leading = startLeadership({ lease: store.shared!.leadership, server: "a", log: kept });
    await vi.waitUntil(() => proxy.requests.length >= 4, soon);
    proxy.faultOf = () => undefined;
    await vi.waitUntil(() => leading.isLeader(), soon);
    assert.deepEqual(lines, [
      "the store could not be asked who leads",
      "this server leads now: it fetches and cleans up",
      "the store can be asked again who leads",
    ]);
    await leading[Symbol.asyncDispose]();
  });

  test("cost no list when the leader renews: who follows goes on by one", async () => {
    const place = await openS3Place();
    await using proxy = await startFaultProxy(place.endpoints[0]!);
    const leading = server(place, "a");
    await vi.waitUntil(() => leading.isLeader(), soon);
    const follower = server({ ...place, endpoints: [proxy.url] }, "b");
    const isLevel = (): boolean => follower.epoch() === leading.epoch();
    await vi.waitUntil(isLevel, soon);
    proxy.requests.length = 0;
    for (let dueMs = 1; dueMs <= 3; dueMs++) {
      assert.equal(await leading.tell({ dueMs, done: true }), true);
      await vi.waitUntil(() => isLevel() && follower.lastRun()?.dueMs === dueMs, soon);
    }
    assert.deepEqual(
      proxy.requests.filter((request) => request.includes("list-type=2")),
      [],
    );
    await follower[Symbol.asyncDispose]();
    await leading[Symbol.asyncDispose]();
  });
});
