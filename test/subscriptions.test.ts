/** From a published plot to a subscriber: fetched, digitized, stitched and told, by the server as it is. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pino } from "pino";
import { test } from "vitest";
import { openApp, openServer } from "../src/app.ts";
import { parseConfig } from "../src/config.ts";
import { CADENCE_MS } from "../src/model/series.ts";
import { createPlotPainter } from "../src/source/demo/draw-plot.ts";
import { createTremor, samplesOf } from "../src/source/demo/tremor.ts";
import { subscribe } from "./support/events.ts";
import { startPlotServer } from "./support/plot-server.ts";
import { scratchFolder } from "./support/scratch.ts";

const at = (time: string): number => Date.parse(`2025-11-04T${time}:00Z`);
/** Some 0.4 mV as it wanders, and an episode of 5 mV from 06:10 to 07:30. */
const quiet = createTremor(1, []);
const tremor = (timeMs: number): number => (timeMs >= at("06:10") && timeMs < at("07:30") ? 5 : quiet(timeMs));

interface Sample {
  timestamp: string;
  value: number;
  clipped: boolean;
}
type Onset = { onset: string; end: string | null };

test(
  "a plot that comes is told to subscribers with its new samples, and an episode in it once",
  { timeout: 60_000 },
  async () => {
    await using scratch = await scratchFolder();
    await using plots = await startPlotServer();
    const painter = await createPlotPainter();
    const config = parseConfig({
      ARCHIVE_BASE_PATH: join(scratch.path, "archives"),
      CATALOG_PATH: join(scratch.path, "catalog.sqlite"),
      INGV_URL: plots.url,
      ARCHIVE_CRON: "off",
      PORT: "0",
      ADMIN_TOKEN: "the-admin-token",
    });
    let nowMs = at("06:05");
    await using app = await openApp(config, { clock: () => nowMs, log: pino({ level: "silent" }) });
    await using server = await openServer(app, config);
    const archived = await subscribe(
      server.url,
      "subscription { archived { date newSamples { timestamp value clipped } } }",
    );
    const started = await subscribe(server.url, "subscription { episodeStarted { onset end } }");
    const ended = await subscribe(server.url, "subscription { episodeEnded { onset end } }");

    async function publish(time: string): Promise<Sample[]> {
      nowMs = at(time);
      const lastMs = Math.floor(nowMs / CADENCE_MS) * CADENCE_MS;
      plots.publish(painter.draw({ samples: samplesOf(tremor, lastMs - 1007 * CADENCE_MS, lastMs) }));
      const run = await app.job.archiveNow("ADMIN");
      assert.equal(run.outcome, "ARCHIVED");
      const { date, newSamples } = await archived.nextData<{ date: string; newSamples: Sample[] }>();
      assert.equal(date, "2025-11-04");
      return newSamples;
    }

    const first = await publish("06:05");
    assert.deepEqual([first.length, first.at(-1)!.timestamp], [1008, "2025-11-04T06:00:00Z"]);
    const record = (await (
      await fetch(`${server.url}/api/tremor?start=${first[0]!.timestamp}&end=2025-11-05`)
    ).json()) as { data: Sample[] };
    assert.deepEqual(
      first,
      record.data.map(({ timestamp, value, clipped }) => ({ timestamp, value, clipped })),
    );

    const second = await publish("06:45");
    assert.deepEqual(
      second.map(({ timestamp }) => timestamp.slice(11, 16)),
      ["06:10", "06:20", "06:30", "06:40"],
    );
    assert.ok(second.every(({ value }) => Math.abs(value / 5 - 1) < 0.01));
    assert.deepEqual(await started.nextData<Onset>(), { onset: "2025-11-04T06:10:00Z", end: null });

    await publish("07:25");
    await publish("09:00");
    assert.deepEqual(await ended.nextData<Onset>(), { onset: "2025-11-04T06:10:00Z", end: "2025-11-04T07:30:00Z" });
    await publish("10:00");
    // What else had been told would come before the end of the streams.
    const closing = server[Symbol.asyncDispose]();
    assert.match((await started.next()) ?? "", /^event: complete/);
    assert.match((await ended.next()) ?? "", /^event: complete/);
    await closing;
  },
);
