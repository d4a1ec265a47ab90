/** README's lines for nginx, as they stand there but for the port and TLS, in a real one before a real server. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { describe, test, vi } from "vitest";
import { openCatalog, type Catalog } from "../src/catalog/catalog.ts";
import { startApi, type ApiServer } from "./support/api-server.ts";
import { freePorts } from "./support/ceph.ts";
import { subscribe } from "./support/events.ts";
import { scratchFolder } from "./support/scratch.ts";
import { plotOf, putPlots } from "./support/tremor.ts";

const isMissing = spawnSync("nginx", ["-v"], { stdio: "ignore" }).error !== undefined;

/** The block of README, listening on a port of loopback and leading to a server. */
async function siteOf(port: number, api: ApiServer): Promise<string> {
  const readme = await readFile(new URL("../README.md", import.meta.url), "utf8");
  const [block = ""] = /^ {4}limit_conn_zone .*?^ {4}\}$/ms.exec(readme) ?? [];
  const site = block
    .replace("listen 443 ssl http2;", `listen 127.0.0.1:${port};`)
    .replace(/ssl_certificate\S* \S+;/g, "")
    .replace("http://127.0.0.1:5000", api.url);
  assert.ok(site.includes(`127.0.0.1:${port}`) && site.includes(api.url) && !site.includes("ssl"));
  return site;
}

async function startNginx(api: ApiServer): Promise<{ url: string } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { path } = opened.use(await scratchFolder());
  const [port = 0] = await freePorts(1);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = `
    worker_processes 1; daemon off; pid ${path}/pid; error_log ${path}/error.log;
    ${process.getuid?.() === 0 ? "user root;" : ""}
    events { worker_connections 512; }
    http { access_log off; ${temporary.map((name) => `${name}_temp_path ${path}/${name};`).join(" ")}
    ${await siteOf(port, api)} }`;
  await writeFile(join(path, "nginx.conf"), config);
  const nginx = spawn("nginx", ["-c", join(path, "nginx.conf"), "-e", join(path, "error.log")], { stdio: "inherit" });
  opened.defer(async () => {
    if (nginx.exitCode === null && nginx.kill("SIGTERM")) await once(nginx, "exit");
  });
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => assert.equal((await fetch(`${url}/healthz`)).status, 200), { timeout: 50_000 });
  const owned = opened.move();
  return { url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** As a client meets it that speaks HTTP/1.1: did all arrive that was to come? */
async function isComplete(url: string): Promise<boolean> {
  const [response] = (await once(request(url, { agent: false }).end(), "response")) as [IncomingMessage];
  response.on("error", () => {}).resume();
  await once(response, "close").catch(() => {});
  return response.complete;
}

describe.skipIf(isMissing || "Deno" in globalThis)("behind README's nginx", () => {
  test("an export that breaks off isn't taken for a whole one", async () => {
    using catalog = openCatalog(":memory:");
    putPlots(catalog, ...["2025-03-07", "2025-06-07"].map((day) => plotOf(day, () => 0.5)));
    let isBroken = false;
    const breaking: Catalog = {
      ...catalog,
      readTremor(range) {
        const columns = catalog.readTremor(range);
        const timesMs = columns.timesMs.slice();
        if (isBroken) timesMs[timesMs.length - 1] = Number.NaN; // which no series can have
        return { ...columns, timesMs };
      },
    };
    await using api = await startApi({ services: { catalog: breaking } });
    await using nginx = await startNginx(api);
    const url = `${nginx.url}/api/tremor?start=2025-01-01&end=2025-12-31&format=csv`;
    assert.equal(await isComplete(url), true);
    isBroken = true;
    assert.equal(await isComplete(url), false);
  });

  test("an event comes as it happens, and the log names who sent a wrong token", async () => {
    await using api = await startApi();
    await using nginx = await startNginx(api);
    const events = await subscribe(nginx.url, "subscription { archived { date } }");
    await api.listening(1);
    api.announce(await api.keep("2025-11-05"));
    assert.deepEqual(await events.nextData(), { date: "2025-11-05" });
    await events.leave();
    await fetch(`${nginx.url}/api/archives/list`, {
      headers: { Authorization: "Bearer nonsense", "X-Forwarded-For": "10.9.8.7" },
    });
    const told = api.logged.find(({ path }) => path === "/api/archives/list");
    assert.equal(told!["forwardedFor"], "127.0.0.1", "by nginx, whatever the client claims");
  });

  test("one address holds no more than its part of the streams", async () => {
    await using api = await startApi();
    await using nginx = await startNginx(api);
    const all = await Promise.all(
      Array.from({ length: 30 }, () => subscribe(nginx.url, "subscription { archived { date } }")),
    );
    const open = all.filter(({ response }) => response.status === 200);
    assert.deepEqual([open.length, all.find((one) => !open.includes(one))!.response.status], [20, 503]);
    await Promise.all(all.map((events) => events.leave()));
  });
});
