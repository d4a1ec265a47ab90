/**
 * The archive job at instants that are handed in, in a process of its own, since its time zone (TZ) is read at its
 * start. Prints one JSON line: what each run kept, what is left after the last one's cleanup, and when the schedule
 * would run next by each of some patterns.
 *
 *     clock-process.ts BASE RETENTION_DAYS INSTANT...
 */
import { pino } from "pino";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { createArchiveJob } from "../../src/jobs/archive-now.ts";
import { createSchedule } from "../../src/jobs/scheduler.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";

const [basePath = "", retentionDays = "", ...instants] = process.argv.slice(2);
let nowMs = 0;
const clock = (): number => nowMs;
const archive = createArchive(createFsStore({ basePath, clock }), { clock });
using catalog = openCatalog(":memory:");
const log = pino({ level: "silent" });
await using job = createArchiveJob({
  source: { findNewer: async () => samplePlot(nowMs, new Date(nowMs).toISOString()) },
  archive,
  catalog,
  log,
  digitizer: { version: 1, read: async () => sampleReading() },
  clock,
  sourceUrl: "https://plots.example/2.png",
  policy: { retentionDays: Number(retentionDays), keepSeries: true },
});

const kept: (string | undefined)[] = [];
for (const instant of instants) {
  nowMs = Date.parse(instant);
  const result = await job.archiveNow("SCHEDULE");
  kept.push(result.outcome === "ARCHIVED" ? result.day.key : result.outcome);
}
const left = (await Array.fromAsync(archive.list())).map(({ day }) => day);
const next = ["30 0 * * *", "30 1 26 10 *", "0 12 29 2 *", "59 23 31 12 *"].map((pattern) => {
  using schedule = createSchedule({
    pattern,
    job: { archiveNow: () => Promise.reject(new Error("none is due")) },
    archive: { exists: async () => true },
    catalog: { lastRun: () => undefined },
    clock: Date.now,
    log,
  });
  return new Date(schedule.nextRunMs()!).toISOString().slice(5);
});
console.log(JSON.stringify({ offsetMinutes: new Date(nowMs).getTimezoneOffset(), kept, left, next }));
