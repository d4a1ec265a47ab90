import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { Episode } from "../../../src/series/episodes.ts";
import { startApi } from "../../support/api-server.ts";
import { subscribe } from "../../support/events.ts";

const QUERY = "subscription { archived { date size } }";
const EPISODE: Episode = {
  onsetMs: Date.parse("2025-11-05T06:00:00Z"),
  endMs: undefined,
  endsInGap: false,
  peak: { timeMs: Date.parse("2025-11-05T07:00:00Z"), rmsMv: 5, clipped: false },
  durationMs: 3 * 3_600_000,
  riseMs: 3_600_000,
  squaredIntegralMv2S: 1000,
  count: 18,
};

const PINO_WARN = 40;
const isFault = ({ level }: Record<string, unknown>): boolean => (level as number) >= PINO_WARN;

describe("the subscription archived", () => {
  for (const byPost of [true, false])
    test(`tells each new archive, asked by ${byPost ? "POST" : "GET"}`, async () => {
      await using api = await startApi();
      const events = await subscribe(api.url, QUERY, byPost);
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
      assert.deepEqual(api.logged.filter(isFault), [], "whoever leaves breaks nothing");
    });

  test("ends when the server is being stopped", async () => {
    await using api = await startApi();
    const events = await subscribe(api.url, QUERY);
    await api.listening(1);
    api.stop();
    assert.match((await events.next()) ?? "", /^event: complete/);
    assert.equal(await events.next(), undefined);
    await api.listening(0);
  });
});

test("the subscription archived carries what the plot brought into the record", async () => {
  await using api = await startApi();
  const events = await subscribe(api.url, "subscription { archived { newSamples { timestamp value clipped } } }");
  await api.listening(1);
  const day = await api.keep("2025-11-05");
  api.announce(day, [{ timeMs: Date.parse("2025-11-05T11:50:00Z"), rmsMv: 0.5, clipped: false }]);
  const newSamples = [{ timestamp: "2025-11-05T11:50:00Z", value: 0.5, clipped: false }];
  assert.equal(await events.next(), `event: next\ndata: ${JSON.stringify({ data: { archived: { newSamples } } })}`);
  await events.leave();
});

describe("the subscriptions episodeStarted and episodeEnded", () => {
  test("tell each change to who asked for it", async () => {
    await using api = await startApi();
    const started = await subscribe(api.url, "subscription { episodeStarted { onset end } }");
    const ended = await subscribe(api.url, "subscription { episodeEnded { onset end } }");
    await api.listening(2);
    const endMs = Date.parse("2025-11-05T09:00:00Z");
    api.announceEpisode({ kind: "STARTED", episode: EPISODE });
    api.announceEpisode({ kind: "ENDED", episode: { ...EPISODE, endMs } });
    const [onset, end] = ["2025-11-05T06:00:00Z", "2025-11-05T09:00:00Z"];
    const next = (data: unknown) => `event: next\ndata: ${JSON.stringify({ data })}`;
    assert.equal(await started.next(), next({ episodeStarted: { onset, end: null } }));
    assert.equal(await ended.next(), next({ episodeEnded: { onset, end } }));
    await Promise.all([started.leave(), ended.leave()]);
  });
});
