/**
 * The server that `server.ts` measures, in a process of its own: the real handler over a catalog of so many days,
 * of which the newest have their pictures on disk. Told its size as an argument; talks to its parent by messages.
 */
import { createServer, type Server } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { pino } from "pino";
import { createHandler } from "../../src/api/handler.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { pictureKey } from "../../src/archive/keys.ts";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { indexDay } from "../../src/jobs/index-day.ts";
import { addDays, dayStartMs } from "../../src/model/day.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { DATA_DAY, NEWEST, PICTURES, type ToParent } from "./protocol.ts";

const archives = Number(process.argv[2]);
const folder = mkdtempSync(join(tmpdir(), "etna-bench-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const basePath = join(folder, "archives");
const log = pino({ level: "info" });
const archive = createArchive(createFsStore({ basePath }));
const catalog = openCatalog(join(folder, "catalog.sqlite"));

catalog.transaction(() => {
  for (let age = 0; age < archives; age++) {
    const day = addDays(NEWEST, -age);
    const modifiedMs = dayStartMs(day) + 86_000_000;
    const unknown = {
      sourceUrl: undefined,
      etag: undefined,
      lastModified: undefined,
      station: "ECBD",
      window: undefined,
    };
    const picture = {
      sha256: undefined,
      widthPx: 1024,
      heightPx: 400,
      fetchedMs: modifiedMs,
      stale: false,
      ...unknown,
    };
    catalog.putDay(
      day,
      { day, key: pictureKey(day, false), size: 28_000, compressed: false, modifiedMs, ...picture },
      undefined,
    );
  }
});
for (let age = 0; age < PICTURES; age++) {
  const day = addDays(NEWEST, -age);
  await archive.save(day, samplePlot(day, `${day}T23:55:00Z`));
  await indexDay(day, { archive, catalog, log });
}
const samples = Array.from({ length: 1008 }, (_, index) => ({
  timeMs: dayStartMs(DATA_DAY) - 864 * 600_000 + index * 600_000,
  rmsMv: 1 + Math.abs(Math.sin(index / 50)),
  clipped: false,
  uncertaintyDecades: 0.0037,
}));
const read = {
  digitizerVersion: 1,
  trusted: true,
  station: "ECBD",
  fetchedMs: undefined,
  calibration: undefined,
  fidelity: undefined,
  problem: undefined,
};
catalog.putDay(DATA_DAY, catalog.findDay(DATA_DAY), { day: DATA_DAY, ...read, samples });

const handler = createHandler({
  archive,
  catalog,
  job: { archiveNow: () => Promise.reject(new Error("no job here")), onArchived: () => () => {} },
  episodes: { onChange: () => () => {} },
  backUp: undefined,
  schedule: { pattern: undefined, nextRunMs: () => undefined, successDueSinceMs: () => undefined },
  verify: () => Promise.reject(new Error("no cleanup here")),
  cleanUp: () => Promise.reject(new Error("no cleanup here")),
  clock: Date.now,
  log,
  closing: new AbortController().signal,
  settings: {
    version: "bench",
    synthetic: true,
    storeKind: "file",
    retentionDays: -1,
    displayBase: "data/archives",
    publicUrl: undefined,
    adminToken: "bench-admin",
    readToken: undefined,
    corsOrigins: [],
    levels: { mediumMv: 1, highMv: 4 },
    webFolder: "no such folder",
  },
});

/** What node:http can do at best: a constant body, whatever is asked. */
function createBareServer(): Server {
  let body = Buffer.alloc(0);
  process.on("message", ({ bareBody }: { bareBody?: string }) => {
    if (bareBody !== undefined) body = Buffer.from(bareBody, "base64");
  });
  return createServer((request, response) => {
    const answer = (): void => {
      response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": body.length });
      response.end(body);
    };
    if (request.method === "POST") request.on("end", answer).resume();
    else answer();
  });
}

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
};
const send = (message: ToParent): void => void process.send?.(message);

process.on("message", ({ ask }: { ask?: "usage" }) => {
  const { user, system } = process.cpuUsage();
  if (ask === "usage") send({ cpuMicros: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on("disconnect", () => process.exit());
send({
  port: await listen(createServer(getRequestListener((request) => handler(request)))),
  barePort: await listen(createBareServer()),
  basePath,
});
