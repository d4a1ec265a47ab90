import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { startApi, type ApiServer } from "../../support/api-server.ts";

const QUERY = "subscription { archived { date size } }";

/** The events of a stream, one at a time; `undefined` at its end. */
async function subscribe(api: ApiServer, byPost: boolean) {
  const headers = { Accept: "text/event-stream", "Content-Type": "application/json" };
  const response = await (byPost
    ? api.fetch("/graphql", { method: "POST", headers, body: JSON.stringify({ query: QUERY }) })
    : api.fetch(`/graphql?query=${encodeURIComponent(QUERY)}`, { headers: { Accept: "text/event-stream" } }));
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    async next(): Promise<string | undefined> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end < 0) {
          const { done, value } = await reader.read();
          if (done) return undefined;
          text += value;
          continue;
        }
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (!event.startsWith(":")) return event;
      }
    },
    leave: () => reader.cancel(),
  };
}

describe("the subscription archived", () => {
  for (const byPost of [true, false])
    test(`tells each new archive, asked by ${byPost ? "POST" : "GET"}`, async () => {
      await using api = await startApi();
      const events = await subscribe(api, byPost);
      assert.equal(events.response.headers.get("content-type"), "text/event-stream");
      assert.equal(events.response.headers.get("x-content-type-options"), "nosniff");
      await api.listening(1);
      for (const date of ["2025-11-04", "2025-11-05"]) {
        const day = await api.keep(date);
        api.announce(day);
        const data = JSON.stringify({ data: { archived: { date, size: day.size } } });
        assert.equal(await events.next(), `event: next\ndata: ${data}`);
      }
      await events.leave();
      await api.listening(0);
    });

  test("ends when the server is being stopped", async () => {
    await using api = await startApi();
    const events = await subscribe(api, true);
    await api.listening(1);
    api.stop();
    assert.match((await events.next()) ?? "", /^event: complete/);
    assert.equal(await events.next(), undefined);
    await api.listening(0);
  });
});
