/**
 * Measures the server: `npm run bench`. Each line is measured beside a bare node:http server of the same process
 * that answers a constant body of the same size, in turns, so that whatever else the machine does meets both alike.
 * Where nginx is installed, the pictures are measured beside it too.
 */
import { fork, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addDays } from "../../src/model/day.ts";
import { pictureKey } from "../../src/archive/keys.ts";
import { applyLoad, type Measured } from "./load.ts";
import { DATA_DAY, NEWEST, PICTURES, type ToParent } from "./protocol.ts";

const SIZES = [90, 3650, 36_500];
const CONNECTIONS = 32;
const TURNS = 5;
const SECONDS = 0.8;
const WARM_UP_SECONDS = 0.8;

/** As `npm start` has them: a heap that may grow to 512 MB is swept sooner than one that may take all there is. */
const NODE_FLAGS = ["--disable-warning=ExperimentalWarning", "--max-old-space-size=512", "--max-semi-space-size=8"];

type Requests = (index: number) => string;

const get = (path: string, headers = ""): Requests => {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n`;
  return () => request;
};
const post = (bodyOf: (index: number) => string): Requests => {
  return (index) => {
    const body = bodyOf(index);
    return (
      "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${body.length}\r\n\r\n${body}`
    );
  };
};

const FIELDS = ["date", "path", "size", "compressed", "modified", "imageUrl"];
let asked = 0;

const listQuery = (name: string, fields = FIELDS, range = ""): string =>
  JSON.stringify({ query: `query ${name} { archives(first: 30${range}) { edges { node { ${fields.join(" ")} } } } }` });
/** The newest page in words that were never used before: another name, alias and order of fields each time. */
function otherWords(): string {
  const at = asked++ % FIELDS.length;
  return listQuery(`Asked${asked}`, [`as${asked}: ${FIELDS[at]}`, ...FIELDS.slice(at + 1), ...FIELDS.slice(0, at)]);
}
/** Another page each time. */
function otherDates(): string {
  const end = addDays(NEWEST, -(asked++ % (Math.max(...SIZES) - PICTURES)));
  return listQuery("Page", FIELDS, `, startDate: "${addDays(end, 1 - PICTURES)}", endDate: "${end}"`);
}

const firstDay = addDays(NEWEST, 1 - PICTURES);
const graphPath = (index: number): string => `/api/archives/graph/${addDays(NEWEST, -(index % PICTURES))}`;
const graphs = Array.from({ length: PICTURES }, (_, age) => get(graphPath(age))(0));

const LINES: { name: string; requests: Requests; nginx?: Requests; sizes?: number[] }[] = [
  {
    name: "list, 30 days",
    requests: get(`/api/archives/list?start_date=${firstDay}&end_date=${NEWEST}`),
    sizes: SIZES,
  },
  {
    name: "graph, 30 pictures",
    requests: (index) => graphs[index % PICTURES]!,
    nginx: (index) => get(`/${pictureKey(addDays(NEWEST, -(index % PICTURES)), false)}`)(0),
  },
  { name: "graph, 304", requests: get(graphPath(1), "If-None-Match: *\r\n") },
  { name: "data, a day", requests: get(`/api/archives/data/${DATA_DAY}`) },
  { name: "data, a plot", requests: get(`/api/archives/data/${DATA_DAY}?window=plot`) },
  { name: "GraphQL, 30 x 6, repeated", requests: post(() => listQuery("Repeated")) },
  { name: "GraphQL, other words each time", requests: post(otherWords) },
  { name: "GraphQL, other dates each time", requests: post(otherDates) },
];

async function measureSize(size: number): Promise<void> {
  const served = pinned(0, (options) => fork(join(import.meta.dirname, "served.ts"), [String(size)], options));
  const ports = await told<Extract<ToParent, { port: number }>>(served);
  using nginx = await startNginx(ports.basePath);
  console.log(`\n${size} archives${nginx === undefined ? " (nginx isn't installed)" : ""}`);
  console.log(
    "what                             requests/s   p99 ms   bare/s  of bare  CPU us  bare us  nginx/s  of nginx",
  );
  for (const { name, requests, nginx: nginxRequests, sizes = [SIZES.at(-1)!] } of LINES) {
    if (!sizes.includes(size)) continue;
    served.send({ bareBody: (await bodyOf(ports.port, requests(0))).toString("base64") });
    const rounds = { ours: [] as Round[], bare: [] as Round[], nginx: [] as Round[] };
    await applyLoad({ port: ports.port, requests, connections: CONNECTIONS, seconds: WARM_UP_SECONDS });
    for (let turn = 0; turn < TURNS; turn++) {
      rounds.ours.push(await round(served, ports.port, requests));
      rounds.bare.push(await round(served, ports.barePort, requests));
      if (nginx !== undefined && nginxRequests !== undefined) {
        rounds.nginx.push(await round(served, nginx.port, nginxRequests));
      }
    }
    const ours = summary(rounds.ours);
    const bare = summary(rounds.bare);
    const beside = rounds.nginx.length > 0 ? summary(rounds.nginx).perSecond : undefined;
    const columns = [
      name.padEnd(31),
      fixed(ours.perSecond, 0, 12),
      fixed(ours.p99Ms, 2, 9),
      fixed(bare.perSecond, 0, 9),
      fixed(ours.perSecond / bare.perSecond, 2, 9),
      fixed(ours.cpuMicros, 1, 8),
      fixed(bare.cpuMicros, 1, 9),
      ...(beside === undefined ? [] : [fixed(beside, 0, 9), fixed(ours.perSecond / beside, 2, 10)]),
    ];
    console.log(columns.join(""));
    if (ours.failed > 0) throw new Error(`${name}: ${ours.failed} requests failed`);
  }
  const { rssBytes } = await usage(served);
  console.log(`memory of the server, bare server included: ${(rssBytes / 2 ** 20).toFixed(0)} MiB RSS`);
  served.disconnect();
  await once(served, "exit");
}

interface Round extends Measured {
  /** Of the served process, for each request. */
  cpuMicros: number;
}

async function round(served: ChildProcess, port: number, requests: Requests): Promise<Round> {
  const before = await usage(served);
  const measured = await applyLoad({ port, requests, connections: CONNECTIONS, seconds: SECONDS });
  const after = await usage(served);
  return { ...measured, cpuMicros: (after.cpuMicros - before.cpuMicros) / measured.count };
}

function summary(rounds: Round[]): Round {
  const of = (pick: (round: Round) => number): number => {
    const sorted = rounds.map(pick).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)]!;
  };
  return {
    perSecond: of(({ perSecond }) => perSecond),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuMicros: Math.min(...rounds.map(({ cpuMicros }) => cpuMicros)), // the turn that was least disturbed
    failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
    count: rounds.length,
  };
}

const fixed = (value: number, digits: number, width: number): string => value.toFixed(digits).padStart(width);

async function usage(served: ChildProcess): Promise<Extract<ToParent, { rssBytes: number }>> {
  served.send({ ask: "usage" });
  return told(served);
}

async function told<T extends ToParent>(child: ChildProcess): Promise<T> {
  const [message] = (await once(child, "message")) as [T];
  return message;
}

/** The body that a request is answered with; the bare server is given the same. */
async function bodyOf(port: number, request: string): Promise<Buffer> {
  const [head = "", body = ""] = request.split("\r\n\r\n");
  const [method = "", path = ""] = head.split(" ");
  const lines = head
    .split("\r\n")
    .slice(2)
    .filter((line) => !/^content-length/i.test(line));
  const headers = Object.fromEntries(lines.map((line) => line.split(": ") as [string, string]));
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    ...(method === "POST" && { body }),
  });
  return Buffer.from(await response.arrayBuffer());
}

/** Servers on the first core and this process on the second, where the system lets us say so. */
function pinned(core: number, start: (options: { execArgv: string[] }) => ChildProcess): ChildProcess {
  const child = start({ execArgv: NODE_FLAGS });
  pin(child.pid!, core);
  pin(process.pid, 1 - core);
  return child;
}

function pin(pid: number, core: number): void {
  spawnSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
}

async function startNginx(root: string): Promise<({ port: number } & Disposable) | undefined> {
  if (spawnSync("nginx", ["-v"], { stdio: "ignore" }).error !== undefined) return undefined;
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "etna-nginx-"));
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const config = `
    worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    events { worker_connections 256; }
    http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; open_file_cache max=1000;
      types { image/png png; } ${temporary.join(" ")}
      server { listen 127.0.0.1:${port}; root ${root}; } }`;
  writeFileSync(join(folder, "nginx.conf"), config);
  const nginx = spawn("nginx", ["-c", join(folder, "nginx.conf"), "-e", join(folder, "error.log")], {
    stdio: "inherit",
  });
  for (let tries = 0; tries < 50 && !(await answers(port)); tries++) await new Promise((r) => setTimeout(r, 50));
  pin(nginx.pid!, 0);
  for (const worker of childrenOf(nginx.pid!)) pin(worker, 0);
  return {
    port,
    [Symbol.dispose]() {
      nginx.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync("pgrep", ["-P", String(pid)], { encoding: "utf8" });
  return (stdout ?? "").split("\n").filter(Boolean).map(Number);
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/`).then(
    () => true,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

for (const size of SIZES) await measureSize(size);
