/**
 * npm run bench:record: a simulated archive of 20 years, rebuilt, asked, and held against what it was drawn from.
 * `--years 1 --episodes 3` is shorter; `--tree FOLDER` keeps the drawn pictures for the next time.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { createArchiveJob } from "../../src/jobs/archive-now.ts";
import { createDigitizer } from "../../src/jobs/digitizer.ts";
import { addDays, dayStartMs } from "../../src/model/day.ts";
import { CADENCE_MS } from "../../src/model/series.ts";
import { measureAccuracy } from "./record/accuracy.ts";
import type { RebuiltAlone } from "./record/rebuild-alone.ts";
import { drawPlots, lastDayOf, nameOf, simulate, type Simulation } from "./record/simulate.ts";
import { createBenchHandler, measureSpeed, timeQueries, tremorQuery } from "./record/speed.ts";

const { values } = parseArgs({
  options: { years: { type: "string", default: "20" }, episodes: { type: "string" }, tree: { type: "string" } },
});
const days = Math.round(Number(values.years) * 365);
const simulation = simulate({ days, episodes: Number(values.episodes ?? Math.round(days / 121.7)) });

await using opened = new AsyncDisposableStack();
const scratch = await mkdtemp(join(tmpdir(), "etna-bench-record-"));
opened.defer(() => rm(scratch, { recursive: true }));
const base = values.tree ?? join(scratch, "archives");
const catalogPath = join(scratch, "catalog.sqlite");
const say = (line: string): void => void process.stderr.write(`${line}\n`);

say(`Drawing ${simulation.plots.length} plots`);
await draw(simulation, base);
say("Rebuilding from pictures");
const fromPictures = await rebuildAlone();
await removeCatalog();
say("Rebuilding from records");
const fromRecords = await rebuildAlone();

const catalog = opened.use(openCatalog(catalogPath));
new DatabaseSync(catalogPath).exec("PRAGMA wal_checkpoint(TRUNCATE)");
const catalogBytes = (await stat(catalogPath)).size;
say("Holding the record against the truth");
const accuracy = measureAccuracy(simulation, catalog);
say("Asking");
const speed = await measureSpeed(catalog, simulation.first, days);
const shortSpeed = await measureShort();
const arrivalMs = await measureArrival();

const { episodes, record, singlePlots } = accuracy;
const ms = ({ medianMs, worstMs }: { medianMs: number; worstMs: number }): string =>
  `${medianMs.toFixed(1)} ms median, ${worstMs.toFixed(1)} ms at worst`;
const seconds = ({ days: rebuilt, seconds: took, cpuSeconds, peakMiB }: RebuiltAlone): string => {
  const [each, cpuEach] = [took, cpuSeconds].map((value) => ((value / rebuilt) * 3650).toFixed(1));
  return `${took.toFixed(1)} s for ${rebuilt} days (${each} s per 3,650, ${cpuEach} s of processor time), ${peakMiB.toFixed(0)} MiB`;
};
const isSame = accuracy.setAside.join() === simulation.swapped.join();
console.log(`| what | measured |
|---|---|
| archive | ${days} days, ${simulation.missing} missing, ${simulation.stale} stale, ${simulation.swapped.length} swapped, another axis from the middle on |
| completeness | ${accuracy.shown - accuracy.lacking} of ${accuracy.shown} samples that any plot shows (${accuracy.lacking} lacking), ${accuracy.invented} invented; of ${accuracy.hidden} that lie behind the frame alone, ${accuracy.hiddenFound} |
| error against the truth | median ${record.median.toFixed(4)} px, p95 ${record.p95.toFixed(4)} px; single plots ${singlePlots.median.toFixed(4)} and ${singlePlots.p95.toFixed(4)} px |
| set aside | ${isSame ? "just the swapped ones" : "NOT just the swapped ones"}: ${accuracy.setAside.join(", ")} |
| episodes | ${episodes.matched} of ${episodes.truth} found (${simulation.episodes} drawn), ${episodes.found - episodes.matched} others; onset within ${episodes.worstOnsetMinutes} min, end within ${episodes.worstEndMinutes} min, peak within ${episodes.worstPeakPercent.toFixed(2)} % |
| one year by the hour, columns | ${ms(speed.yearByHour)} |
| all by the day, columns | ${ms(speed.allByDay)}; just after a change ${ms(speed.allByDayAfterChange)} |
| one day, any day | ${ms(speed.oneDay)}; with one year in the catalog ${ms(shortSpeed.oneDay)} |
| rebuild from pictures | ${seconds(fromPictures)} |
| rebuild from records | ${seconds(fromRecords)} |
| catalog size | ${(catalogBytes / (accuracy.shown - accuracy.lacking)).toFixed(1)} bytes a sample |
| a plot arrives | its samples are served after ${arrivalMs.toFixed(0)} ms |
| bad input | ${ms(speed.badInput)} |`);

async function draw(planned: Simulation, folder: string): Promise<void> {
  const undrawn = planned.plots.filter((plot) => !existsSync(join(folder, nameOf(plot))));
  for await (const { plot, png } of drawPlots(planned, undrawn)) {
    const path = join(folder, nameOf(plot));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, png);
  }
  // Records of the time before would make this the rebuild from records.
  for (const plot of planned.plots) await rm(join(folder, nameOf(plot).replace(".png", ".json")), { force: true });
}

async function rebuildAlone(): Promise<RebuiltAlone> {
  const program = fileURLToPath(new URL("./record/rebuild-alone.ts", import.meta.url));
  const run = "Deno" in globalThis ? ["run", "-A", program] : [...programFlags(), program];
  const { stdout } = await promisify(execFile)(process.execPath, [...run, base, catalogPath]);
  return JSON.parse(stdout) as RebuiltAlone;
}

/** What the program's first line asks of Node, as `npx etna-archive rebuild` runs with it. */
function programFlags(): string[] {
  const [firstLine = ""] = readFileSync(new URL("../../src/start.js", import.meta.url), "utf8").split("\n");
  return firstLine.split(" ").filter((word) => word.startsWith("--"));
}

async function removeCatalog(): Promise<void> {
  for (const suffix of ["", "-wal", "-shm"]) await rm(catalogPath + suffix, { force: true });
}

/** The same with the last year alone. */
async function measureShort() {
  using short = openCatalog(join(scratch, "short.sqlite"));
  const from = addDays(lastDayOf(simulation), -364);
  short.transaction(() => {
    for (const { day } of simulation.plots)
      if (day >= from) short.putDay(day, catalog.findDay(day), catalog.findReading(day));
  });
  short.judgeFiling();
  while (short.stitchDays(128) > 0);
  return await measureSpeed(short, from, Math.min(365, days));
}

/** From the bytes of the next day's plot to an answer that has its last sample. */
async function measureArrival(): Promise<number> {
  const day = addDays(lastDayOf(simulation), 1);
  const lastMs = dayStartMs(addDays(day, 1)) - CADENCE_MS;
  const [drawn] = await Array.fromAsync(drawPlots(simulation, [{ day, lastMs, maxDecade: 2 }]));
  const fetchedMs = lastMs + 300_000;
  const clock = (): number => fetchedMs;
  const archive = createArchive(createFsStore({ basePath: join(scratch, "arrived"), clock }), { clock });
  await using job = createArchiveJob({
    archive,
    catalog,
    clock,
    digitizer: createDigitizer(),
    log: pino({ level: "silent" }),
    source: { findNewer: () => Promise.reject(new Error("Nothing is fetched here")) },
    sourceUrl: "https://plots.example/2.png",
    policy: { retentionDays: -1, keepSeries: true },
  });
  const handler = createBenchHandler(catalog);
  const startedMs = performance.now();
  await job.keepPlot(day, { png: drawn!.png, sourceUrl: "https://plots.example/2.png", fetchedMs, version: {} });
  await timeQueries(handler, 1, () => tremorQuery(lastMs, lastMs + CADENCE_MS, ""));
  const tookMs = performance.now() - startedMs;
  const { timesMs } = catalog.readTremor({ startMs: lastMs, endMs: lastMs + CADENCE_MS });
  if (timesMs[0] !== lastMs) throw new Error("The plot's last sample isn't in the record");
  return tookMs;
}
