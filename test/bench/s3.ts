/**
 * Measures the archive in a bucket: `npm run bench:s3 -- [--archives 3650]`. Brings its own Ceph, on this very machine;
 * so what counts are ratios within one run, and not the milliseconds.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { pino } from "pino";
import { openApp, openServer, type App } from "../../src/app.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { parseConfig } from "../../src/config.ts";
import { addDays, Day, dayStartMs, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { startCluster } from "../support/ceph.ts";
import { createMemoryStore } from "../support/memory-store.ts";
import { clientOf, createBucket, placeIn, type S3Place } from "../support/s3-place.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { weekUpTo } from "../support/tremor.ts";

const { values } = parseArgs({ options: { archives: { type: "string", default: "3650" } } });
const archives = Number(values.archives);
const newest = Day.parse("2025-11-30");
const oldest = addDays(newest, 1 - archives);
const log = pino({ level: "silent" });

await using opened = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "etna-bench-s3-"));
opened.defer(() => rm(folder, { recursive: true }));
const cluster = opened.use(await startCluster({ gateways: 2 }));
const place = placeIn(await createBucket(cluster), cluster);
const client = clientOf(cluster);

const say = (what: string, figure: string): void => console.log(`${what.padEnd(58)} ${figure}`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** Fills a folder or a bucket with days of a picture and a record each, without the turns that writers take. */
async function fill(put: (key: string, bytes: Uint8Array) => Promise<unknown>): Promise<void> {
  const days = Array.from({ length: archives }, (_, index) => addDays(oldest, index)).values();
  async function work(): Promise<void> {
    for (const day of days) {
      const memory = createMemoryStore();
      const endMs = dayStartMs(addDays(day, 1));
      const plot = samplePlot(day, new Date(endMs - 300_000).toISOString());
      await createArchive(memory).save(day, plot, { reading: weekUpTo(endMs) });
      for await (const { key } of memory.list(FIRST_DAY, LAST_DAY, "oldest-first"))
        await put(key, (await memory.read(key, 1 << 30))!.bytes);
    }
  }
  await Promise.all(Array.from({ length: 16 }, work));
}

async function start(name: string, environment: Record<string, string>) {
  const config = parseConfig({
    CATALOG_PATH: join(folder, `${name}.sqlite`),
    PORT: "0",
    ADMIN_TOKEN: "the-admin-token",
    ARCHIVE_CRON: "off",
    ARCHIVE_RETENTION_DAYS: "-1",
    SERVER_NAME: name,
    ...environment,
  });
  const startMs = performance.now();
  const before = process.cpuUsage();
  const app = opened.use(await openApp(config, { clock: Date.now, log }));
  const server = opened.use(await openServer(app, config));
  const servingMs = performance.now() - startMs;
  while (app.catalog.countUnstitched() > 0 || app.catalog.tremorDays() === undefined || !allRead(app))
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { app, url: server.url, servingMs, readyMs: performance.now() - startMs, cpuMs: cpuSince(before) };
}
/** Processor time of all threads, which other programs on the machine don't change. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
const allRead = ({ catalog }: App): boolean => catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }).size >= archives;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
const getWhole = async (url: string): Promise<void> => {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  await answer.arrayBuffer();
};

const fillMs = await timed(() =>
  fill((key, bytes) =>
    client.send(new PutObjectCommand({ Bucket: place.bucket, Key: `${place.prefix}/${key}`, Body: bytes })),
  ),
);
say(`${archives} archives and their records put into the bucket`, seconds(fillMs));
const basePath = join(folder, "archives");
await fillFolder();

const bucketServer = await start("bucket", place.environment);
say("start on the bucket, without a catalog: serving after", seconds(bucketServer.servingMs));
say(
  "  and all records read and stitched after",
  `${seconds(bucketServer.readyMs)}, ${seconds(bucketServer.cpuMs)} of them on a processor`,
);
const fileServer = await start("folder", { ARCHIVE_BASE_PATH: basePath });
say("the same on a folder: serving after", seconds(fileServer.servingMs));
say(
  "  and all records read and stitched after",
  `${seconds(fileServer.readyMs)}, ${seconds(fileServer.cpuMs)} of them on a processor`,
);

await lists();
await graphs();
await visibility(place);

async function fillFolder(): Promise<void> {
  const { mkdir, writeFile } = await import("node:fs/promises");
  await fill(async (key, bytes) => {
    const path = join(basePath, key);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, bytes);
  });
}

/** Each range is asked for once, so that no answer made before can be given. */
async function lists(): Promise<void> {
  const costs: Record<"bucket" | "folder", number[]> = { bucket: [], folder: [] };
  for (let turn = 0; turn < 10; turn++)
    for (const [name, { url }] of [["bucket", bucketServer] as const, ["folder", fileServer] as const])
      for (let index = 0; index < 60; index++) {
        const from = addDays(newest, -30 - ((turn * 60 + index) % (archives - 30)));
        costs[name].push(
          await timed(() => getWhole(`${url}/api/archives/list?start_date=${from}&end_date=${addDays(from, 29)}`)),
        );
      }
  const [bucket, files] = [median(costs.bucket), median(costs.folder)];
  say(
    "list of 30 days, median",
    `${bucket.toFixed(3)} ms; folder ${files.toFixed(3)} ms: ${(bucket / files).toFixed(2)} x`,
  );
}

/** Cold: a picture that nobody has asked for. In turns with the SDK, on other days of the same size. */
async function graphs(): Promise<void> {
  const count = Math.min(300, Math.floor(archives / 3));
  const [cold, warm, file, bare]: number[][] = [[], [], [], []];
  const graph = (url: string, day: Day) => getWhole(`${url}/api/archives/graph/${day}`);
  for (let index = 0; index < count; index++) {
    const day = addDays(newest, -index);
    const name = `${day.replaceAll("-", "/")}/etna_${day.replaceAll("-", "")}.png`;
    const sdk = async () => {
      const command = new GetObjectCommand({ Bucket: place.bucket, Key: `${place.prefix}/${name}` });
      await (await client.send(command)).Body?.transformToByteArray();
    };
    // Whoever comes first warms the store's own caches for the other.
    if (index % 2 === 0) bare!.push(await timed(sdk));
    cold!.push(await timed(() => graph(bucketServer.url, day)));
    if (index % 2 === 1) bare!.push(await timed(sdk));
    await graph(fileServer.url, day);
    warm!.push(await timed(() => graph(bucketServer.url, day)));
    file!.push(await timed(() => graph(fileServer.url, day)));
  }
  const [c, w, f, b] = [cold, warm, file, bare].map((times) => median(times!)) as [number, number, number, number];
  say(
    "graph from the bucket, cold, median",
    `${c.toFixed(2)} ms; a bare SDK GET ${b.toFixed(2)} ms: ${(c / b).toFixed(2)} x`,
  );
  say("graph, warm, median", `${w.toFixed(3)} ms; folder, warm ${f.toFixed(3)} ms: ${(w / f).toFixed(2)} x`);
}

/** How long until what one server writes is served by two others, which only follow. */
async function visibility({ environment, endpoints }: S3Place): Promise<void> {
  const second = { ...environment, S3_ENDPOINT: endpoints[1]!, SCHEDULER: "never" };
  const readers = [await start("reader-a", second), await start("reader-b", second)];
  const takenMs: number[] = [];
  for (let round = 0; round < 6; round++) {
    const day = addDays(newest, 1 + round);
    await bucketServer.app.job.keepPlot(day, samplePlot(day, `${day}T23:55:00Z`));
    const writtenMs = performance.now();
    await Promise.all(
      readers.map(async ({ app }) => {
        while (app.catalog.findDay(day)?.sha256 === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
        takenMs.push(performance.now() - writtenMs);
      }),
    );
  }
  say("a new archive is served by two others after, longest of 12", seconds(Math.max(...takenMs)));
}
