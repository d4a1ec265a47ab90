/**
 * Measures the archive in a bucket: `npm run bench:s3 -- [--archives 3650]`. Brings its own Ceph, on this very machine;
 * so what counts are ratios within one run, and not the milliseconds. More than 10,000 archives, `--archives 36500`, are
 * small ones, with records of a few samples: how long lists take, and following, has nothing to do with what is in them.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { pino } from "pino";
import packageJson from "../../package.json" with { type: "json" };
import { openApp, openServer, type App } from "../../src/app.ts";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { sha256Of } from "../../src/archive/reader.ts";
import { formatRecord } from "../../src/archive/record-file.ts";
import { parseConfig } from "../../src/config.ts";
import { addDays, Day, dayStartMs } from "../../src/model/day.ts";
import { nameOfTree } from "../../src/places.ts";
import { freePorts, startCluster } from "../support/ceph.ts";
import { startFaultProxy } from "../support/fault-proxy.ts";
import { clientOf, createBucket, placeIn, type S3Place } from "../support/s3-place.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { weekUpTo } from "../support/tremor.ts";

const { values } = parseArgs({ options: { archives: { type: "string", default: "3650" } } });
const archives = Number(values.archives);
const newest = Day.parse("2025-11-30");
const oldest = addDays(newest, 1 - archives);
const areSmall = archives > 10_000;
const log = pino({ level: "silent" });
/** Of Linux, in which processor time is counted. */
const TICK_MS = 10;

await using opened = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "etna-bench-s3-"));
opened.defer(() => rm(folder, { recursive: true }));
const cluster = opened.use(await startCluster({ gateways: 2 }));
const place = placeIn(await createBucket(cluster), cluster);
const client = clientOf(cluster);
const clients = cluster.endpoints.map((endpoint) => clientOf({ ...cluster, endpoints: [endpoint] }));

const say = (what: string, figure: string): void => console.log(`${what.padEnd(58)} ${figure}`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

/** Fills a folder or a bucket with days of a picture and a record each, without the turns that writers take. */
async function fill(put: (key: string, bytes: Uint8Array) => Promise<unknown>): Promise<void> {
  const days = Array.from({ length: archives }, (_, index) => addDays(oldest, index)).values();
  async function work(): Promise<void> {
    for (const day of days) {
      const endMs = dayStartMs(addDays(day, 1));
      const sidePx = areSmall ? 8 : 96;
      const png = samplePng(day, sidePx);
      const { samples, ...reading } = weekUpTo(endMs);
      const bytes = formatRecord({
        day,
        picture: { sha256: sha256Of(png), sizeBytes: png.length, widthPx: sidePx, heightPx: sidePx },
        source: { url: "https://plots.example/2.png", fetchedMs: endMs - 300_000, version: {} },
        reading: { ...reading, samples: areSmall ? samples.slice(-6) : samples },
        stale: false,
      });
      await put(pictureKey(day, false), png);
      await put(recordKey(day), bytes);
    }
  }
  await Promise.all(Array.from({ length: 16 }, work));
}

function environmentOf(name: string, place: Record<string, string>) {
  return {
    CATALOG_PATH: join(folder, `${name}.sqlite`),
    PORT: "0",
    ADMIN_TOKEN: "the-admin-token",
    ARCHIVE_CRON: "off",
    ARCHIVE_RETENTION_DAYS: "-1",
    SERVER_NAME: name,
    ...place,
  };
}

/** Starts a server here, on a catalog that is there already. */
async function open(name: string, place: Record<string, string>): Promise<{ app: App; url: string }> {
  const config = parseConfig(environmentOf(name, place));
  const app = opened.use(await openApp(config, { clock: Date.now, log }));
  return { app, url: opened.use(await openServer(app, config)).url };
}

/** The whole program as a process of its own, from nothing to its end: with a list of 30 days asked for all the time. */
async function tellStart(what: string, name: string, place: Record<string, string>): Promise<void> {
  const [port] = await freePorts(1);
  const env = { ...process.env, ...environmentOf(name, place), PORT: String(port), LOG_LEVEL: "warn" };
  const startMs = performance.now();
  const [, , ...program] = packageJson.scripts.start.split(" "); // after `exec node`
  await using ends = new AsyncDisposableStack();
  const child = spawn(process.execPath, program, { env, stdio: "inherit" });
  const ended = new Promise((resolve) => child.once("close", resolve));
  ends.defer(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const url = `http://127.0.0.1:${port}`;
  while (!(await isOk(`${url}/readyz`))) await pause(20);
  say(`${what}: serving after`, seconds(performance.now() - startMs));
  const listsMs: number[] = [];
  for (let turn = 0; turn % 10 !== 0 || !(await isReady(url)); turn++) {
    const from = addDays(newest, -30 - (turn % 300));
    listsMs.push(
      await timed(() => getWhole(`${url}/api/archives/list?start_date=${from}&end_date=${addDays(from, 29)}`)),
    );
    await pause(20);
  }
  const readyMs = performance.now() - startMs;
  say(
    "  and all records read and stitched after",
    `${seconds(readyMs)}, ${seconds(cpuMs(child.pid!))} of them on a processor`,
  );
  if (listsMs.length === 0) return;
  listsMs.sort((a, b) => a - b);
  const [middle, late] = [0.5, 0.99].map((share) => listsMs[Math.floor(listsMs.length * share)]!.toFixed(1));
  say("  a list of 30 days meanwhile, median", `${middle} ms, 99 of 100 within ${late} ms`);
}

async function isOk(url: string): Promise<boolean> {
  return await fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function isReady(url: string): Promise<boolean> {
  const query = "{ status { record { days waitingDays } } }";
  const answer = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const { data } = (await answer.json()) as { data: { status: { record: { days: number; waitingDays: number } } } };
  return data.status.record.days >= archives && data.status.record.waitingDays === 0;
}

/** Processor time so far of a process, all its threads, which other programs on the machine don't change. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

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

let puts = 0;
const fillMs = await timed(() =>
  fill((key, bytes) => {
    const put = new PutObjectCommand({ Bucket: place.bucket, Key: `${place.prefix}/${key}`, Body: bytes });
    return clients[puts++ % clients.length]!.send(put);
  }),
);
say(`${archives} archives and their records put into the bucket`, seconds(fillMs));
const basePath = join(folder, "archives");
await fillFolder();

await tellStart("start on the bucket, without a catalog", "bucket", place.environment);
await tellStart("start on the bucket, with its catalog", "bucket", place.environment);
// The readers begin with its catalog, whatever gateway is theirs.
await copyFile(join(folder, "bucket.sqlite"), join(folder, "reader.sqlite"));
await tellStart("start on a folder, without a catalog", "folder", { ARCHIVE_BASE_PATH: basePath });
await tellStart("start on the folder, with its catalog", "folder", { ARCHIVE_BASE_PATH: basePath });
const bucketServer = await open("bucket", place.environment);
const fileServer = await open("folder", { ARCHIVE_BASE_PATH: basePath });

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

/** Each range is asked for once, so that no answer made before can be given. In turns, as other programs come and go. */
async function lists(): Promise<void> {
  const costs: Record<"bucket" | "folder", number[]> = { bucket: [], folder: [] };
  const servers = [["bucket", bucketServer] as const, ["folder", fileServer] as const];
  for (let turn = 0; turn < 2000; turn++) {
    const from = addDays(newest, -30 - (turn % (archives - 30)));
    for (const [name, { url }] of turn % 2 === 0 ? servers : servers.toReversed())
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

async function openReader(name: string, environment: Record<string, string>): Promise<{ app: App; url: string }> {
  const path = join(folder, `${name}.sqlite`);
  await copyFile(join(folder, "reader.sqlite"), path);
  const catalog = new DatabaseSync(path);
  catalog.prepare("UPDATE tree SET name = ?").run(nameOfTree(parseConfig(environmentOf(name, environment))));
  catalog.close();
  return await open(name, environment);
}

/** How long until what one server writes is served by two others, which only follow, and what following asks of the store. */
async function visibility({ environment, endpoints }: S3Place): Promise<void> {
  await using proxy = await startFaultProxy(endpoints[1]!);
  const second = { ...environment, S3_ENDPOINT: endpoints[1]!, SCHEDULER: "never" };
  const readers = [
    await openReader("reader-a", { ...second, S3_ENDPOINT: proxy.url }),
    await openReader("reader-b", second),
  ];
  const takenMs: number[] = [];
  // The look at all of it, which comes with the start, asks for page after page.
  for (let asked = -1; proxy.requests.length !== asked; await pause(1500)) asked = proxy.requests.length;
  proxy.requests.length = 0;
  const startMs = performance.now();
  for (let round = 0; round < 6; round++) {
    const day = addDays(newest, 1 + round);
    await bucketServer.app.job.keepPlot(day, samplePlot(day, `${day}T23:55:00Z`));
    const writtenMs = performance.now();
    await Promise.all(
      readers.map(async ({ app }) => {
        while (app.catalog.findDay(day)?.sha256 === undefined) await pause(20);
        takenMs.push(performance.now() - writtenMs);
      }),
    );
  }
  say("a new archive is served by two others after, longest of 12", seconds(Math.max(...takenMs)));
  const counts = Object.entries(
    Object.groupBy(proxy.requests, (request) => (request.includes("list-type=2") ? "LIST" : request.split(" ")[0]!)),
  );
  say(
    "one of them asks the store for it, requests a minute",
    counts
      .map(([method, asked]) => `${((asked!.length / (performance.now() - startMs)) * 60_000).toFixed(0)} ${method}`)
      .join(", "),
  );
}
