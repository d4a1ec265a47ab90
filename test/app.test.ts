/** The server at its start: whatever became of its catalog, the archives are there at once, and the record follows. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pino } from "pino";
import { test, vi } from "vitest";
import { openApp, openServer } from "../src/app.ts";
import type { Archive } from "../src/archive/archive.ts";
import { createArchive } from "../src/archive/create-archive.ts";
import { createFsStore } from "../src/archive/fs-store.ts";
import { parseConfig, type Config } from "../src/config.ts";
import { addDays, Day, dayStartMs } from "../src/model/day.ts";
import { samplePlot } from "./support/sample-plot.ts";
import { scratchFolder } from "./support/scratch.ts";
import { overwrite, touch } from "./support/spoil.ts";
import { weekUpTo } from "./support/tremor.ts";

const DAYS = 40;
const TREMOR = '{ tremor(start: "2025-03-02T00:00:00Z", end: "2025-03-09T00:00:00Z") { count } }';
const first = Day.parse("2025-03-01");
const log = pino({ level: "silent" });
/** A server that fetches nothing by itself. */
const idleServerOn = (basePath: string, catalogPath: string): Config =>
  parseConfig({
    ARCHIVE_BASE_PATH: basePath,
    CATALOG_PATH: catalogPath,
    ARCHIVE_CRON: "off",
    PORT: "0",
    ADMIN_TOKEN: "the-admin-token",
  });

for (const { name, spoil } of [
  { name: "missing", spoil: undefined },
  {
    name: "damaged",
    spoil: (path: string) => writeFile(path, "no database, but long enough to be taken for one".repeat(100)),
  },
  {
    name: "outdated",
    spoil: async (path: string) => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE days (day TEXT); PRAGMA user_version = 1;");
      database.close();
    },
  },
])
  test(`a server whose catalog is ${name} serves archives at once, and rebuilds beside`, async () => {
    await using scratch = await scratchFolder();
    const basePath = join(scratch.path, "archives");
    const archive = createArchive(createFsStore({ basePath }));
    for (let index = 0; index < DAYS; index++) {
      const day = addDays(first, index);
      const endMs = dayStartMs(addDays(day, 1));
      const plot = samplePlot(day, new Date(endMs - 300_000).toISOString());
      await archive.save(day, plot, { reading: weekUpTo(endMs) });
    }
    const catalogPath = join(scratch.path, "catalog.sqlite");
    await spoil?.(catalogPath);

    const config = idleServerOn(basePath, catalogPath);
    const clock = (): number => dayStartMs(addDays(first, DAYS));
    await using app = await openApp(config, { clock, log });
    await using server = await openServer(app, config);
    const list = (await (await fetch(`${server.url}/api/archives/list`)).json()) as { count: number };
    assert.equal(list.count, DAYS);
    const query = "{ status { record { days waitingDays } } currentTremor { timestamp } }";
    const ask = async () =>
      (await (await fetch(`${server.url}/graphql?query=${encodeURIComponent(query)}`)).json()) as {
        data: {
          status: { record: { days: number; waitingDays: number } };
          currentTremor: { timestamp: string } | null;
        };
      };
    await vi.waitUntil(async () => (await ask()).data.status.record.days === DAYS + 6, {
      timeout: 50_000,
      interval: 20,
    });
    assert.equal((await ask()).data.currentTremor!.timestamp, `${addDays(first, DAYS - 1)}T23:50:00Z`);
  });

test("a server whose catalog goes bad says so, serves on, and makes another, without being started again", async () => {
  await using scratch = await scratchFolder();
  const basePath = join(scratch.path, "archives");
  const archive = createArchive(createFsStore({ basePath }));
  for (let index = 0; index < DAYS; index++) {
    const day = addDays(first, index);
    const endMs = dayStartMs(addDays(day, 1));
    const plot = samplePlot(day, new Date(endMs - 300_000).toISOString());
    await archive.save(day, plot, { reading: weekUpTo(endMs) });
  }
  const catalogPath = join(scratch.path, "catalog.sqlite");
  const config = idleServerOn(basePath, catalogPath);
  const clock = (): number => dayStartMs(addDays(first, DAYS)) + 30 * 60_000;
  await using app = await openApp(config, { clock, log });
  await using server = await openServer(app, config);
  const { catalog } = app;
  const patience = { timeout: 50_000, interval: 5 };
  const isWhole = (): boolean => {
    try {
      return catalog.tremorDays()?.count === DAYS + 6 && catalog.countUnstitched() === 0;
    } catch {
      return false;
    }
  };
  await vi.waitUntil(isWhole, patience);
  const query = encodeURIComponent("{ status { record { days unreadPictures problem } } }");
  const ask = async () => (await fetch(`${server.url}/graphql?query=${query}`)).json();
  const whole = { data: { status: { record: { days: DAYS + 6, unreadPictures: 0, problem: null } } } };
  assert.deepEqual(await ask(), whole);

  const problems: (string | undefined)[] = [];
  catalog.onProblem(() => problems.push(catalog.problem()));
  overwrite(catalogPath, 0.15);
  touch(catalogPath);
  const day = addDays(first, 3);
  // Whoever asks first meets the damage; a picture needs no catalog that is whole.
  const refused = await fetch(`${server.url}/graphql?query=${encodeURIComponent(TREMOR)}`);
  assert.match(await refused.text(), /errors/);
  await vi.waitUntil(isWhole, patience);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
  assert.equal((await fetch(`${server.url}/api/archives/graph/${day}`)).status, 200);
  assert.deepEqual(await ask(), whole);
  const list = (await (await fetch(`${server.url}/api/archives/list`)).json()) as { count: number };
  assert.equal(list.count, DAYS);
  assert.deepEqual(problems, ["The catalog is damaged, and is made anew"]);
});

test("a server that is stopped ends a cleanup first, though the client that asked for it has left", async () => {
  await using scratch = await scratchFolder();
  const config = idleServerOn(join(scratch.path, "archives"), join(scratch.path, "catalog.sqlite"));
  await using app = await openApp(config, { clock: Date.now, log });
  const begun = Promise.withResolvers<void>();
  let hasEnded = false;
  let url = "";
  const archive: Archive = {
    ...app.archive,
    async cleanup({ signal }) {
      begun.resolve();
      await once(signal!, "abort");
      for (let refused = 0; refused < 2;)
        await fetch(`${url}/healthz`).then(
          (answer) => answer.text(),
          () => refused++,
        );
      hasEnded = true;
      return { days: [], freedBytes: 0, dryRun: false };
    },
  };
  const server = await openServer({ ...app, parts: { ...app.parts, archive } }, config);
  ({ url } = server);
  const leaving = new AbortController();
  const asked = fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: "Bearer the-admin-token" },
    body: JSON.stringify({ query: "mutation { cleanup { __typename } }" }),
    signal: leaving.signal,
  });
  await begun.promise;
  leaving.abort();
  await assert.rejects(asked);
  await (await fetch(`${url}/healthz`)).text(); // so that the server has seen that it left
  await server[Symbol.asyncDispose]();
  assert.ok(hasEnded);
});

test("a server that was killed in a backup tells of that as soon as it is started again", async () => {
  await using scratch = await scratchFolder();
  const config = idleServerOn(join(scratch.path, "archives"), join(scratch.path, "catalog.sqlite"));
  await using app = await openApp(config, { clock: Date.now, log });
  const { id } = app.catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: Date.now() });
  await using server = await openServer(app, config);
  assert.equal(app.catalog.findMaintenance(id)?.outcome, "FAILED");
  assert.match(await (await fetch(`${server.url}/metrics`)).text(), /^etna_archive_backup_failing 1$/m);
});
