/**
 * Measures what a second server on the same bucket brings: `npm run bench:two-servers`. Brings its own Ceph, and nginx as
 * docs/more-than-one-machine.md sets it up. In turns, behind the one nginx: one server, and two.
 *
 * Where there are more than two cores, each server has one of its own, and nginx and the clients have the others. Two
 * cores are shared by all as the system sees fit, and the processor time of each request says what can be had at most.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { addDays, dayOf, dayStartMs } from "../../src/model/day.ts";
import { freePorts, startCluster } from "../support/ceph.ts";
import { createBucket, placeIn } from "../support/s3-place.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { applyLoad, type Load } from "./load.ts";

const ARCHIVES = 40;
const TURNS = 5;
const SECONDS = 2;
const CONNECTIONS = 32;
/** Of Linux, in which processor time is counted. */
const TICK_MS = 10;

await using opened = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "etna-bench-two-"));
opened.defer(() => rm(folder, { recursive: true }));
const cluster = opened.use(await startCluster({ gateways: 2 }));
const place = placeIn(await createBucket(cluster), cluster);
const archive = createArchive(createS3Store({ bucket: place.bucket, prefix: place.prefix, ...place.settings }));
const today = dayOf(Date.now());
for (let age = 1; age <= ARCHIVES; age++) {
  const day = addDays(today, -age);
  await archive.save(day, samplePlot(day, new Date(dayStartMs(day) + 86_000_000).toISOString()));
}

const cores = availableParallelism();
const [portA = 0, portB = 0, portOne = 0, portTwo = 0] = await freePorts(4);
const servers = [await startServer("a", portA, 0), await startServer("b", portB, 1)];
const proxy = await startNginx();
if (cores > 2) pin(process.pid, `2-${cores - 1}`);

let unseen = 0;
const graphql = (): string => {
  const query = `query Q${unseen++} { archives(first: 30) { edges { node { date path size compressed modified imageUrl } } } }`;
  const body = JSON.stringify({ query });
  const head = `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return `${head}\r\n\r\n${body}`;
};
const list = (): string =>
  `GET /api/archives/list?start_date=${addDays(today, -30)}&end_date=${today} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;

console.log(`${cores} cores; ${CONNECTIONS} connections; medians of ${TURNS} turns\n`);
console.log("what                          one/s     two/s   two/one   at most   us: server   nginx   client");
for (const { name, requests } of [
  { name: "GraphQL, 30 x 6, never seen", requests: graphql },
  { name: "list, 30 days", requests: list },
]) {
  await turn(portTwo, requests); // warms both
  const [one, two] = [[] as Turn[], [] as Turn[]];
  for (let at = 0; at < TURNS; at++) {
    one.push(await turn(portOne, requests));
    two.push(await turn(portTwo, requests));
  }
  const [perSecondOne, perSecondTwo] = [one, two].map((turns) => median(turns.map(({ perSecond }) => perSecond)));
  const [server, nginx, client] = (["server", "nginx", "client"] as const).map((who) =>
    Math.min(...one.map((some) => some[who])),
  ) as [number, number, number];
  // Both cores busy all the time, with nothing but this; one server has one core.
  const atMost = cores > 2 ? 2 : Math.min(2, (2 * server) / (server + nginx + client));
  const columns = [
    name.padEnd(26),
    perSecondOne!.toFixed(0).padStart(9),
    perSecondTwo!.toFixed(0).padStart(10),
    (perSecondTwo! / perSecondOne!).toFixed(2).padStart(10),
    atMost.toFixed(2).padStart(10),
    server.toFixed(0).padStart(13),
    nginx.toFixed(0).padStart(8),
    client.toFixed(0).padStart(9),
  ];
  console.log(columns.join(""));
}

interface Turn {
  perSecond: number;
  /** Processor time of a request, microseconds. */
  server: number;
  nginx: number;
  client: number;
}

async function turn(port: number, requests: Load["requests"]): Promise<Turn> {
  const pids = { server: servers.map(({ pid }) => pid!), nginx: [proxy.pid!, ...childrenOf(proxy.pid!)] };
  const before = [cpuMs(pids.server), cpuMs(pids.nginx)] as const;
  const own = process.cpuUsage();
  const { count, failed, perSecond } = await applyLoad({ port, requests, connections: CONNECTIONS, seconds: SECONDS });
  if (failed > 0) throw new Error(`${failed} requests failed`);
  const { user, system } = process.cpuUsage(own);
  return {
    perSecond,
    server: ((cpuMs(pids.server) - before[0]) * 1000) / count,
    nginx: ((cpuMs(pids.nginx) - before[1]) * 1000) / count,
    client: (user + system) / count,
  };
}

async function startServer(name: string, port: number, core: number): Promise<ChildProcess> {
  const main = join(import.meta.dirname, "../../src/start.js");
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, "serve"], {
    env: {
      ...process.env,
      ...place.environment,
      S3_ENDPOINT: place.endpoints[core]!,
      SERVER_NAME: name,
      SCHEDULER: "never",
      CATALOG_PATH: join(folder, `${name}.sqlite`),
      PORT: String(port),
      ADMIN_TOKEN: "the-admin-token",
      LOG_LEVEL: "error",
    },
    stdio: "inherit",
  });
  opened.defer(() => ended(child));
  await answering(port);
  if (cores > 2) pin(child.pid!, String(core));
  return child;
}

async function startNginx(): Promise<ChildProcess> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const upstream = (name: string, ports: number[]): string =>
    `upstream ${name} { least_conn; ${ports.map((port) => `server 127.0.0.1:${port};`).join(" ")} keepalive 32; }`;
  const server = (port: number, name: string): string =>
    `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${name}; proxy_http_version 1.1;
      proxy_set_header Connection ""; proxy_set_header Host $host; proxy_buffering off; } }`;
  const config = `
    worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    events { worker_connections 256; }
    http { access_log off; keepalive_requests 100000000; ${temporary.join(" ")}
      ${upstream("one", [portA])} ${upstream("two", [portA, portB])}
      ${server(portOne, "one")} ${server(portTwo, "two")} }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  const nginx = spawn("nginx", ["-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "inherit",
  });
  opened.defer(() => ended(nginx));
  await answering(portTwo);
  if (cores > 2) for (const pid of [nginx.pid!, ...childrenOf(nginx.pid!)]) pin(pid, `2-${cores - 1}`);
  return nginx;
}

async function answering(port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const ok = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await pause(50);
  }
  throw new Error(`nothing answers on port ${port}`);
}

async function ended(child: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGTERM");
  await closed;
}

function pin(pid: number, list: string): void {
  spawnSync("taskset", ["-a", "-c", "-p", list, String(pid)], { stdio: "ignore" });
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter(Boolean).map(Number);
}

/** Processor time so far of some processes, all their threads, ms. */
function cpuMs(pids: readonly number[]): number {
  const ticks = pids.map((pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, count) => sum + count, 0) * TICK_MS;
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
