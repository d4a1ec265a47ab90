/**
 * The real server on a scratch tree, fed by the demo's source, with a few days archived: at noon of 19 August 2026,
 * after an eruption on the 10th and another in the night to the 18th. No plot shows 21 July to 3 August.
 */
import { join } from "node:path";
import { pino } from "pino";
import { vi } from "vitest";
import { openApp, openServer } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import type { ArchiveJob } from "../../src/jobs/archive-now.ts";
import { stitchPending } from "../../src/jobs/stitch-pending.ts";
import { Day, dayOf } from "../../src/model/day.ts";
import { demoPlots, startDemoSource } from "../../src/source/demo.ts";
import { ADMIN_TOKEN } from "./api-server.ts";
import { scratchFolder } from "./scratch.ts";

/** Today isn't archived yet. */
export const TODAY = Day.parse("2026-08-19");
const ARCHIVED = ["2026-07-20", "2026-08-10", "2026-08-11", "2026-08-14", "2026-08-18"].map((day) => Day.parse(day));

export interface DemoArchive extends AsyncDisposable {
  url: string;
  /** Resolves when so many pages listen for new archives. */
  listening(count: number): Promise<void>;
}

/** @param days which ones are archived, oldest first */
export async function startDemoArchive(webFolder: string, days: readonly Day[] = ARCHIVED): Promise<DemoArchive> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(await scratchFolder());
  let nowMs = 0;
  const clock = (): number => nowMs;
  const source = opened.use(await startDemoSource({ clock }));
  const config = parseConfig({
    ARCHIVE_BASE_PATH: join(folder.path, "archives"),
    CATALOG_PATH: join(folder.path, "catalog.sqlite"),
    ARCHIVE_CRON: "off",
    ARCHIVE_RETENTION_DAYS: "-1",
    INGV_URL: source.url,
    ADMIN_TOKEN,
    PORT: "0",
  });
  const app = opened.use(await openApp(config, { clock, log: pino({ level: "silent" }) }));
  for (const day of days)
    for await (const plot of demoPlots({ from: day, to: day, sourceUrl: source.url })) {
      nowMs = plot.fetchedMs;
      const result = await app.job.keepPlot(dayOf(nowMs), plot, { stitchLater: true });
      if (result.outcome === "FAILED") throw result.error;
    }
  await stitchPending(app.catalog, { daysAtOnce: 60 });
  nowMs = Date.parse(`${TODAY}T12:00:00Z`);
  let listeners = 0;
  const onArchived: ArchiveJob["onArchived"] = (listener) => {
    const stop = app.job.onArchived(listener);
    listeners++;
    return () => {
      listeners--;
      stop();
    };
  };
  const counted = { ...app, job: { ...app.job, onArchived } };
  const { url } = opened.use(await openServer(counted, config, { synthetic: true, webFolder }));
  const ofServer = listeners;
  const owned = opened.move();
  return {
    url,
    listening: (count) =>
      vi.waitUntil(() => listeners - ofServer === count, { timeout: 30_000, interval: 5 }).then(() => {}),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
