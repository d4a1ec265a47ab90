import assert from "node:assert/strict";
import { pino } from "pino";
import { test } from "vitest";
import { createEpisodeWatch } from "../../src/jobs/watch-episodes.ts";
import type { Episode, EpisodeChange } from "../../src/series/episodes.ts";

const DAY_MS = 86_400_000;
const nowMs = Date.parse("2025-11-04T12:00:00Z");
const episode = (onsetMs: number, endMs?: number): Episode => ({
  onsetMs,
  endMs,
  endsInGap: false,
  peak: { timeMs: onsetMs, rmsMv: 5, clipped: false },
  durationMs: 3_600_000,
  riseMs: 0,
  squaredIntegralMv2S: 1,
  count: 6,
});

/** A watch on a record whose news a test hands in. */
function watch() {
  let news: EpisodeChange[] = [];
  let revision = 0;
  const told: EpisodeChange[] = [];
  let isBusy = false;
  function takeEpisodeChanges(): EpisodeChange[] {
    if (isBusy) throw new Error("database is locked");
    return news.splice(0);
  }
  const catalog = { takeEpisodeChanges, revision: () => revision };
  const episodes = createEpisodeWatch({ catalog, clock: () => nowMs, log: pino({ level: "silent" }) });
  const stop = episodes.onChange((change) => void told.push(change));
  return {
    stop,
    told,
    bring(...changes: EpisodeChange[]) {
      news = changes;
      revision += 1;
      episodes.look();
    },
    look: episodes.look,
    setBusy: (busy: boolean) => void (isBusy = busy),
  };
}

test("an episode's start and end are told once each", () => {
  const { bring, look, told } = watch();
  const started: EpisodeChange = { kind: "STARTED", episode: episode(nowMs - 3_600_000) };
  const ended: EpisodeChange = { kind: "ENDED", episode: episode(nowMs - 3_600_000, nowMs) };
  bring(started);
  look();
  bring(ended);
  look();
  assert.deepEqual(told, [started, ended]);
});

test("an episode is told at the next look where the catalog was busy", () => {
  const { bring, look, setBusy, told } = watch();
  const started: EpisodeChange = { kind: "STARTED", episode: episode(nowMs) };
  setBusy(true);
  bring(started);
  setBusy(false);
  look();
  assert.deepEqual(told, [started]);
});

test("an episode that an old plot brings is no news", () => {
  const { bring, told } = watch();
  const oldMs = nowMs - 30 * DAY_MS;
  bring(
    { kind: "STARTED", episode: episode(oldMs, oldMs + DAY_MS) },
    { kind: "ENDED", episode: episode(oldMs, oldMs + DAY_MS) },
  );
  assert.deepEqual(told, []);
});

test("a listener that left hears nothing", () => {
  const { bring, stop, told } = watch();
  stop();
  bring({ kind: "STARTED", episode: episode(nowMs) });
  assert.deepEqual(told, []);
});
