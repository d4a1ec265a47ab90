/** How many answers are sent as they come: each is left unread, as a client does that only wants to be in the way. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { createHandler, type Handler } from "../../src/api/handler.ts";
import type { StreamKind } from "../../src/api/open-streams.ts";
import { startApi, type ApiServer } from "../support/api-server.ts";
import { subscribe } from "../support/events.ts";
import { plotOf, putPlots } from "../support/tremor.ts";

/** Fewer than a server's own, which nobody need wait for. */
const MOST_OPEN = { subscription: 5, export: 3 };
const SUBSCRIPTION = "subscription { archived { date } }";

/** The gauge as /metrics tells it. */
async function openOf(fetched: Response | Promise<Response>, kind: StreamKind): Promise<number> {
  const text = await (await fetched).text();
  return Number(new RegExp(`^etna_archive_open_streams\\{kind="${kind}"\\} (\\d+)$`, "m").exec(text)?.[1]);
}

describe("streams", () => {
  let api: ApiServer;
  let handler: Handler;
  beforeAll(async () => {
    api = await startApi();
    putPlots(
      api.catalog,
      plotOf("2025-11-03", () => 0.5),
    );
    handler = createHandler(api.services, MOST_OPEN);
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const asked = (path: string, init?: RequestInit) => handler(new Request(`http://a${path}`, init));
  const asSubscriber = (query: string) =>
    asked("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
      body: JSON.stringify({ query }),
    });

  const kinds = {
    subscription: {
      open: () => asSubscriber(SUBSCRIPTION),
      codeOf: (body: any): unknown => body.errors[0].extensions.code,
    },
    export: {
      open: () => asked("/api/tremor?start=2025-11-03&end=2025-11-04&format=csv"),
      codeOf: (body: any): unknown => body.code,
    },
  };
  for (const [kind, { open, codeOf }] of Object.entries(kinds) as [StreamKind, typeof kinds.export][])
    test(`of a kind are as many as it may hold, and the next ${kind} is told to come back later`, async () => {
      const streams: Response[] = [];
      for (let count = 0; count < MOST_OPEN[kind]; count++) streams.push(await open());
      assert.ok(streams.every(({ status }) => status === 200));
      assert.equal(await openOf(asked("/metrics"), kind), MOST_OPEN[kind]);

      const refused = await open();
      assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "60"]);
      assert.equal(codeOf(await refused.json()), "BUSY");
      assert.equal((await asSubscriber("{ __typename }")).status, 200, "one answer as an event isn't a stream");

      await streams.pop()!.body!.cancel();
      const next = await open();
      assert.equal(next.status, 200);
      for (const { body } of [...streams, next]) await body!.cancel();
      assert.equal(await openOf(asked("/metrics"), kind), 0);
    });

  test("that are read to their end are counted out", async () => {
    await (await kinds.export.open()).text();
    assert.equal(await openOf(asked("/metrics"), "export"), 0);
  });

  test("whose client leaves are counted out", async () => {
    const events = await subscribe(api.url, SUBSCRIPTION);
    assert.equal(await openOf(api.fetch("/metrics"), "subscription"), 1);
    await events.leave();
    await vi.waitUntil(async () => (await openOf(api.fetch("/metrics"), "subscription")) === 0, { timeout: 30_000 });
  });
});
