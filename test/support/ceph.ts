/**
 * A real S3 server for tests and benchmarks: Ceph's RadosGW with one monitor and one disk in memory, on loopback.
 *
 *     node test/support/ceph.ts install             Debian's packages, where they are missing (needs root or sudo)
 *     node test/support/ceph.ts start [GATEWAYS]    runs a cluster until SIGINT or SIGTERM, and prints how to reach it
 *
 * The daemons are our children and die with us, however we end: `setpriv --pdeathsig` asks the kernel for that.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { openSync, closeSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const PROGRAMS = ["ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin", "setpriv"];
const PACKAGES = ["ceph-mon", "ceph-osd", "radosgw"];
const START_LIMIT_MS = 120_000;

export interface Cluster extends AsyncDisposable {
  /** One of each gateway; all serve the same buckets. */
  endpoints: string[];
  accessKeyId: string;
  secretAccessKey: string;
}

/** What is missing of the programs that a cluster needs. */
export function missingPrograms(): string[] {
  return PROGRAMS.filter((name) => spawnSync("which", [name], { stdio: "ignore" }).status !== 0);
}

export async function startCluster({ gateways = 2 } = {}): Promise<Cluster> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "etna-ceph-"));
  starting.defer(() => rm(folder, { recursive: true, force: true }));
  for (const name of ["mon", "osd", "log", "run"]) await mkdir(join(folder, name));
  const [monPort = 0, ...ports] = await freePorts(1 + gateways);
  const fsid = randomUUID();
  const conf = join(folder, "ceph.conf");
  await writeFile(conf, configuration(folder, fsid, monPort));
  const env = { ...process.env, CEPH_CONF: conf };
  const keys = { accessKeyId: "etna-test-key", secretAccessKey: "etna-test-secret" };
  const daemons: ChildProcess[] = [];
  starting.defer(() => stopAll(daemons));

  function daemon(name: string, args: string[]): void {
    const log = openSync(join(folder, "log", `${name}.out`), "w");
    const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", ...args], { env, stdio: ["ignore", log, log] });
    closeSync(log);
    daemons.push(child);
  }
  async function run(...[command = "", ...args]: string[]): Promise<void> {
    const child = spawn(command, args, { env, stdio: ["ignore", "ignore", "pipe"], timeout: START_LIMIT_MS });
    let said = "";
    child.stderr.on("data", (chunk) => (said += chunk));
    const [status] = await new Promise<[number | null]>((resolve) => child.once("close", (code) => resolve([code])));
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${said.slice(-500)}`);
  }

  const monmap = join(folder, "monmap");
  await run("monmaptool", "--create", "--fsid", fsid, "--addv", "a", `[v2:127.0.0.1:${monPort}]`, monmap);
  await run("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap);
  daemon("mon", ["ceph-mon", "-i", "a", "-f"]);
  const osd = randomUUID();
  await run("ceph", "--connect-timeout", "60", "osd", "new", osd);
  await run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd);
  daemon("osd", ["ceph-osd", "-i", "0", "-f"]);
  const { accessKeyId, secretAccessKey } = keys;
  const user = [
    "--uid",
    "test",
    "--display-name",
    "test",
    "--access-key",
    accessKeyId,
    "--secret-key",
    secretAccessKey,
  ];
  await run("radosgw-admin", "user", "create", ...user);
  for (const [at, port] of ports.entries())
    daemon(`gateway${at}`, [
      "radosgw",
      "-n",
      `client.rgw.${at}`,
      "-f",
      "--rgw-frontends",
      `beast endpoint=127.0.0.1:${port} tcp_nodelay=1`,
    ]);
  const endpoints = ports.map((port) => `http://127.0.0.1:${port}`);
  const deadlineMs = performance.now() + START_LIMIT_MS;
  for (const [at, endpoint] of endpoints.entries())
    while (
      !(await fetch(endpoint).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (performance.now() > deadlineMs)
        throw new Error(
          `Gateway ${at} didn't start: ${await readFile(join(folder, "log", `gateway${at}.out`), "utf8")}`,
        );
      await pause(100);
    }
  const owned = starting.move();
  return { endpoints, ...keys, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Its data are in memory, so there is nothing that a polite end would save. */
async function stopAll(daemons: readonly ChildProcess[]): Promise<void> {
  const ended = daemons.map(async (child) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    process.kill(child.pid!, "SIGKILL");
    await closed;
  });
  await Promise.all(ended);
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Parts that keep debugging notes in memory, at a tenth of the time of a request. */
const QUIET = [
  "ms",
  "rgw",
  "osd",
  "objecter",
  "rados",
  "objclass",
  "memdb",
  "auth",
  "monc",
  "tp",
  "finisher",
  "throttle",
  "timer",
];

/**
 * One disk of one copy, little memory, no authentication between the daemons.
 * Without `ms mon client mode = crc` the gateway waits for an encrypted monitor for ever.
 */
function configuration(folder: string, fsid: string, monPort: number): string {
  return `
[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${monPort}/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms async op threads = 1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
keyring = ${folder}/keyring
run dir = ${folder}/run
admin socket = ${folder}/run/$name.asok
pid file = ${folder}/run/$name.pid
log file = ${folder}/log/$name.log
mon cluster log file = ${folder}/log/cluster.log
crash dir = ${folder}/log
log to stderr = false
${QUIET.map((part) => `debug ${part} = 0/0`).join("\n")}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 2000
mon data avail warn = 2
mon data avail crit = 1
[mon]
mon data = ${folder}/mon
paxos propose interval = 0.05
[osd]
osd data = ${folder}/osd
osd objectstore = memstore
memstore device bytes = ${2 ** 31}
osd memory target = ${896 * 2 ** 20}
osd class load list = *
osd class default list = *
osd op num shards = 2
osd op num threads per shard = 1
osd min pg log entries = 50
osd max pg log entries = 200
[client]
rgw thread pool size = 64
rgw num rados handles = 1
rgw enable usage log = false
rgw enable ops log = false
rgw enable lc threads = false
rgw enable quota threads = false
rgw run sync thread = false
rgw dynamic resharding = false
rgw override bucket index max shards = 1
`;
}

function install(): number {
  const missing = missingPrograms();
  if (missing.length === 0) return 0;
  console.error(`installing ${PACKAGES.join(" ")}, since ${missing.join(" ")} can't be found`);
  const [command, ...before] = process.getuid?.() === 0 ? ["env"] : ["sudo", "env"];
  // RUNLEVEL=1: the packages start no daemon of their own.
  const apt = (...args: string[]): number =>
    spawnSync(command!, [...before, "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1", "apt-get", "-qq", ...args], {
      stdio: ["ignore", "ignore", "inherit"],
    }).status ?? 1;
  return apt("update") || apt("install", "-y", "--no-install-recommends", ...PACKAGES);
}

if (import.meta.main) {
  const [command, gateways = "1"] = process.argv.slice(2);
  if (command === "install") process.exitCode = install();
  else if (command === "start") {
    await using cluster = await startCluster({ gateways: Number(gateways) });
    console.log(`S3_ENDPOINT=${cluster.endpoints[0]}  # ${cluster.endpoints.length} gateways: ${cluster.endpoints.join(" ")}
AWS_ACCESS_KEY_ID=${cluster.accessKeyId}
AWS_SECRET_ACCESS_KEY=${cluster.secretAccessKey}
S3_REGION=us-east-1`);
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
  } else {
    console.error("usage: node test/support/ceph.ts install | start [GATEWAYS]");
    process.exitCode = 2;
  }
}
