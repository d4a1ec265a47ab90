/** Servers that share a bucket: what one writes all serve, whoever was asked. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { pino } from "pino";
import { describe, test, vi } from "vitest";
import { openApp, openServer } from "../src/app.ts";
import { parseConfig } from "../src/config.ts";
import { CannotStart } from "../src/model/errors.ts";
import { startFaultProxy } from "./support/fault-proxy.ts";
import { startPlotServer } from "./support/plot-server.ts";
import { samplePng } from "./support/sample-plot.ts";
import { hasS3, openS3Place } from "./support/s3.ts";
import type { S3Place } from "./support/s3-place.ts";
import { scratchFolder } from "./support/scratch.ts";

const log = pino({ level: "silent" });
const soon = { timeout: 50_000, interval: 50 };
const TOKEN = "the-admin-token";

interface Status {
  cluster: { server: string; leader: string | null; isLeader: boolean; lagSeconds: number | null };
}

async function openOne(place: S3Place, name: string, change: Record<string, string>) {
  await using opened = new AsyncDisposableStack();
  const scratch = opened.use(await scratchFolder());
  const config = parseConfig({
    ...place.environment,
    SERVER_NAME: name,
    CATALOG_PATH: join(scratch.path, "catalog.sqlite"),
    PORT: "0",
    ADMIN_TOKEN: TOKEN,
    ARCHIVE_CRON: "0 0 1 1 *", // the run at start is enough, and none comes between
    ...change,
  });
  const app = opened.use(await openApp(config, { clock: Date.now, log }));
  const { url } = opened.use(await openServer(app, config));
  const owned = opened.move();
  async function ask<Data>(query: string): Promise<Data> {
    const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
    const answer = await fetch(`${url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
    return ((await answer.json()) as { data: Data }).data;
  }
  return {
    url,
    app,
    ask,
    status: () => ask<{ status: Status }>("{ status { cluster { server leader isLeader lagSeconds } } }"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

// They wait for each other's leases and looks, some times in each test.
describe.skipIf(!hasS3)("servers that share a bucket", { timeout: 120_000 }, () => {
  test("elect one to fetch; what it keeps, or a mutation anywhere, is served and told by all", async () => {
    await using plots = await startPlotServer();
    plots.publish(samplePng("first"));
    const place = await openS3Place();
    const change = { INGV_URL: plots.url };
    await using a = await openOne(place, "a", change);
    await using b = await openOne(place, "b", { ...change, S3_ENDPOINT: place.endpoints[1]! });
    const servers = [a, b];
    const clusters = async () =>
      (await Promise.all(servers.map((one) => one.status()))).map(({ status }) => status.cluster);
    await vi.waitUntil(async () => (await clusters()).every(({ leader }) => leader !== null), soon);
    assert.equal((await clusters()).filter(({ isLeader }) => isLeader).length, 1);

    const shaOn = async (one: typeof a) =>
      (await one.ask<{ latestArchive: { sha256: string } | null }>("{ latestArchive { sha256 } }")).latestArchive
        ?.sha256;
    await vi.waitUntil(async () => (await shaOn(a)) !== undefined && (await shaOn(a)) === (await shaOn(b)), soon);
    const before = await shaOn(a);

    const told = servers.map(
      ({ app }) => new Promise<string | undefined>((tell) => app.job.onArchived((day) => tell(day.sha256))),
    );
    const follower = servers[(await clusters()).findIndex(({ isLeader }) => !isLeader)];
    plots.publish(samplePng("second"));
    const { archiveNow } = await follower!.ask<{ archiveNow: { outcome: string; archive: { sha256: string } } }>(
      "mutation { archiveNow { ... on ArchiveNowSuccess { outcome archive { sha256 } } } }",
    );
    assert.equal(archiveNow.outcome, "ARCHIVED");
    assert.notEqual(archiveNow.archive.sha256, before);
    assert.deepEqual(await Promise.all(told), [archiveNow.archive.sha256, archiveNow.archive.sha256]);
    for (const one of servers) {
      const graph = await fetch(`${one.url}/api/archives/graph/${new Date().toISOString().slice(0, 10)}`);
      assert.equal(graph.headers.get("etag"), `"${archiveNow.archive.sha256}"`);
    }
    await vi.waitUntil(async () => (await clusters()).every(({ lagSeconds }) => lagSeconds! < 10), soon);
  });

  test("fetch not at all where SCHEDULER says never, and know all the same who leads", async () => {
    await using plots = await startPlotServer();
    plots.publish(samplePng("first"));
    const place = await openS3Place();
    await using one = await openOne(place, "reader", { INGV_URL: plots.url, SCHEDULER: "never" });
    const { status } = await one.ask<{ status: { schedule: { pattern: null }; cluster: { leader: null } } }>(
      "{ status { schedule { pattern } cluster { leader } } }",
    );
    assert.deepEqual(status, { schedule: { pattern: null }, cluster: { leader: null } });
    await using _writer = await openOne(place, "writer", { INGV_URL: plots.url });
    await vi.waitUntil(async () => (await one.status()).status.cluster.leader === "writer", soon);
    assert.equal((await one.status()).status.cluster.isLeader, false);
  });

  for (const { name, fault } of [
    { name: "refuses to answer", fault: "reset before" },
    { name: "doesn't answer at all", fault: "silent" },
  ] as const)
    test(`go on reading from what they know while the store ${name}, say so, and come back`, async () => {
      await using plots = await startPlotServer();
      plots.publish(samplePng("first"));
      const place = await openS3Place();
      await using proxy = await startFaultProxy(place.endpoints[0]!);
      await using one = await openOne(place, "one", { INGV_URL: plots.url, S3_ENDPOINT: proxy.url });
      const date = new Date().toISOString().slice(0, 10);
      const graph = () => fetch(`${one.url}/api/archives/graph/${date}`);
      const ready = async () => {
        const answer = await fetch(`${one.url}/readyz`);
        return { status: answer.status, body: (await answer.json()) as { degraded?: string[] } };
      };
      const problem = async () =>
        (
          await one.ask<{ status: { cluster: { storeProblem: string | null } } }>(
            "{ status { cluster { storeProblem } } }",
          )
        ).status.cluster.storeProblem;
      await vi.waitUntil(async () => (await graph()).status === 200, soon);
      await vi.waitUntil(async () => (await ready()).body.degraded === undefined, soon);

      proxy.faultOf = () => fault;
      await vi.waitUntil(async () => (await problem()) !== null, soon);
      assert.equal((await graph()).status, 200);
      const { count } = (await (await fetch(`${one.url}/api/archives/list`)).json()) as { count: number };
      assert.equal(count, 1);
      await vi.waitUntil(async () => (await ready()).body.degraded !== undefined, soon);
      assert.equal((await ready()).status, 200);

      proxy.faultOf = () => undefined;
      await vi.waitUntil(async () => (await problem()) === null, soon);
      await vi.waitUntil(async () => (await ready()).body.degraded === undefined, soon);
    });

  test("make a backup that was missed once one of them leads", async () => {
    await using scratch = await scratchFolder();
    const place = await openS3Place();
    await using one = await openOne(place, "one", { BACKUP_TO: scratch.path, INGV_URL: "http://127.0.0.1:9/2.png" });
    const backups = () => one.app.catalog.listMaintenance({ kind: "BACKUP", limit: 9 });
    await vi.waitUntil(() => backups().length > 0, { timeout: 15_000, interval: 50 });
    assert.deepEqual(
      backups().map(({ trigger }) => trigger),
      ["STARTUP"],
    );
  });

  test("refuse to be one of several where the store can't elect; SCHEDULER says who fetches then", async () => {
    await using plots = await startPlotServer();
    plots.publish(samplePng("first"));
    const place = await openS3Place();
    // As some do: a key that is there is created once more, and the answer is 200.
    await using proxy = await startFaultProxy(place.endpoints[0]!);
    proxy.faultOf = (method, path) =>
      method === "PUT" && /\/(turn|lease)\//.test(path) ? { doneButAnswer: 200, code: "none" } : undefined;
    const change = { INGV_URL: plots.url, S3_ENDPOINT: proxy.url };
    await assert.rejects(openOne(place, "one", change), (error: Error) => {
      assert.ok(error instanceof CannotStart);
      assert.match(error.message, /it answered 200, not 412, .*SCHEDULER=always on the one .*, and never on others/);
      return true;
    });
    await using reader = await openOne(place, "reader", { ...change, SCHEDULER: "never" });
    const { archiveNow } = await reader.ask<{ archiveNow: { message: string } }>(
      "mutation { archiveNow { ... on Error { message } } }",
    );
    assert.match(archiveNow.message, /can't keep several writers apart/);
    await using fetching = await openOne(place, "fetching", { ...change, SCHEDULER: "always" });
    const latest = async () =>
      (await fetching.ask<{ latestArchive: { date: string } | null }>("{ latestArchive { date } }")).latestArchive;
    await vi.waitUntil(async () => (await latest()) !== null, soon);
  });

  test("hand out pictures straight from the bucket where S3_PRESIGN says so, with its ranges", async () => {
    await using plots = await startPlotServer();
    const png = Buffer.from(samplePng("first"));
    plots.publish(png);
    await using one = await openOne(await openS3Place(), "one", { INGV_URL: plots.url, S3_PRESIGN: "true" });
    const url = async () =>
      (await one.ask<{ latestArchive: { imageUrl: string } | null }>("{ latestArchive { imageUrl } }")).latestArchive
        ?.imageUrl;
    await vi.waitUntil(async () => (await url()) !== undefined, soon);
    const signed = (await url())!;
    assert.ok(!signed.startsWith(one.url));
    const whole = await fetch(signed);
    assert.equal(whole.headers.get("content-type"), "image/png");
    assert.deepEqual(Buffer.from(await whole.arrayBuffer()), png);
    const part = await fetch(signed, { headers: { range: "bytes=1-3" } });
    assert.equal(await part.text(), "PNG");
  });
});
