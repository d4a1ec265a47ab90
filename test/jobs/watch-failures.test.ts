/** Alerts on their way: a real catalog and archive, a real hook on loopback, and restarts between. */
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { openOutbox, type AlertMessage, type Outbox, type OutboxOptions } from "../../src/jobs/alert-outbox.ts";
import { indexDay } from "../../src/jobs/index-day.ts";
import { createLastRuns } from "../../src/jobs/last-runs.ts";
import { closeRun, openRun } from "../../src/jobs/run-log.ts";
import { createLook, lookForFailures, type WatchParts } from "../../src/jobs/watch-failures.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { keepDay, openBackupScene, type BackupScene } from "../support/backups.ts";

const HOUR_MS = 3_600_000;
/** What the log says of failures. */
const said: { level: number; msg: string; message?: AlertMessage }[] = [];
const log = pino({ level: "warn" }, { write: (line: string) => void said.push(JSON.parse(line)) });

let scene: BackupScene;
let catalog: Catalog;
let hook: Server;
/** What the hook took, and what it answers next; 204 when there is nothing here. */
let taken: AlertMessage[];
let answers: number[];
/** Outboxes opened so far; each has a URL of its own, so that a late request of a closed one is known. */
let opened: number;
/** The URL that takes nothing. */
let refused: string | undefined;
/** The alert that the hook doesn't understand. */
let unknown: string | undefined;
let nowMs: number;
let asked: number;

beforeEach(async () => {
  scene = await openBackupScene();
  catalog = openCatalog(join(scene.folder, "catalog.sqlite"));
  taken = [];
  answers = [];
  asked = opened = 0;
  refused = unknown = undefined;
  said.length = 0;
  nowMs = Date.parse("2025-11-04T12:00:00Z");
  hook = createServer((request, response) => {
    asked++;
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const message = JSON.parse(body) as AlertMessage;
      const status = request.url === refused ? 503 : message.alert === unknown ? 400 : (answers.shift() ?? 204);
      assert.equal(request.headers["content-type"], "application/json");
      if (status < 300) taken.push(message);
      response.writeHead(status, status === 302 ? { Location: "/elsewhere" } : {}).end();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => hook.once("listening", resolve));
  for (const day of ["2025-11-01", "2025-11-03"]) await keep(day);
});
afterEach(async () => {
  hook.closeAllConnections();
  await new Promise((resolve) => hook.close(resolve));
  catalog[Symbol.dispose]();
  await scene[Symbol.asyncDispose]();
});

async function keep(day: string): Promise<void> {
  await keepDay(scene.archive, Day.parse(day));
  await indexDay(Day.parse(day), { archive: scene.archive, catalog, log });
}

const open = (options: Partial<OutboxOptions> = {}): Promise<Outbox> =>
  openOutbox({
    path: join(scene.folder, "alerts.json"),
    url: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/hook/${++opened}`,
    version: "1.2.3",
    log,
    firstRetryMs: 2,
    ...options,
  });
const watchParts = (): Omit<WatchParts, "outbox"> => ({
  archive: scene.archive,
  catalog,
  lastRuns: createLastRuns({ catalog, log }),
  isScheduled: true,
  retentionDays: -1,
  clock: () => nowMs,
  log,
});
const look = (outbox: Outbox, others: Partial<WatchParts> = {}) =>
  lookForFailures({ ...watchParts(), outbox, ...others });
/** Each message is written down before it is sent and after, which a slow disk takes its time for. */
const patience = { timeout: 50_000, interval: 5 };
const takenAre = (count: number) => vi.waitUntil(() => taken.length >= count, patience);

const fails = (): never => {
  throw new Error("disk I/O error");
};

/** A scheduled run that failed at so many hours before now. */
function runFailed(hoursAgo: number): void {
  const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: nowMs - hoursAgo * HOUR_MS });
  const error = { code: "SOURCE_UNAVAILABLE", message: "Cannot fetch the plot: timeout" } as const;
  catalog.endRun(id, { endedMs: nowMs - hoursAgo * HOUR_MS + 1000, outcome: "FAILED", error });
}

function backupEnded(outcome: "DONE" | "FAILED", place?: string): void {
  const { id } = catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: nowMs, place });
  const error = { code: "STORE_FAILED", message: "no space left" } as const;
  const done = { outcome: "DONE" as const, summary: "all", counts: {} };
  catalog.endMaintenance(id, { endedMs: nowMs, ...(outcome === "DONE" ? done : { outcome, error }) });
}

function verifyFailed(): void {
  const { id } = catalog.startMaintenance({ kind: "VERIFY", trigger: "SCHEDULE", startedMs: nowMs });
  const error = { code: "STORE_FAILED", message: "Cannot list the files: EIO" } as const;
  catalog.endMaintenance(id, { endedMs: nowMs, outcome: "FAILED", error });
}

describe("the hook", () => {
  test("hears once of runs that fail for six hours, and once that it is over", async () => {
    await using outbox = await open();
    for (const hours of [6.5, 6, 1]) runFailed(hours);
    for (let minute = 0; minute < 5; minute++, nowMs += 60_000) await look(outbox);
    await takenAre(1);
    const { id, ...message } = taken[0]!;
    assert.match(id, /^[0-9a-f-]{36}$/);
    assert.deepEqual(message, {
      service: "etna-archive",
      version: "1.2.3",
      alert: "RUNS_FAILING",
      state: "FIRING",
      since: "2025-11-04T05:30:00.000Z",
      at: "2025-11-04T12:00:00.000Z",
      text: "No plot was archived for six hours: Cannot fetch the plot: timeout",
    });
    const { id: run } = catalog.startRun({ trigger: "SCHEDULE", startedMs: nowMs });
    await look(outbox);
    assert.equal(outbox.memory.states.RUNS_FAILING?.isFiring, true, "a run that is under way has not succeeded");
    catalog.endRun(run, { endedMs: nowMs, outcome: "ARCHIVED", day: Day.parse("2025-11-04") });
    await look(outbox);
    await takenAre(2);
    assert.deepEqual([taken.length, taken[1]!.state], [2, "RESOLVED"]);
  });

  test("hears that runs that failed are over, though another fails before anybody looks", async () => {
    await using outbox = await open();
    runFailed(7);
    await look(outbox);
    nowMs += HOUR_MS;
    const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: nowMs - 40_000 });
    catalog.endRun(id, { endedMs: nowMs - 30_000, outcome: "ARCHIVED", day: Day.parse("2025-11-04") });
    runFailed(0);
    for (let minute = 0; minute < 3; minute++, nowMs += 60_000) await look(outbox);
    await takenAre(2);
    assert.deepEqual(
      taken.map(({ alert, state }) => `${alert} ${state}`),
      ["RUNS_FAILING FIRING", "RUNS_FAILING RESOLVED"],
    );
  });

  test("hears of runs that fail for six hours, however many there were", async () => {
    await using outbox = await open();
    catalog.transaction(() => {
      for (let minutes = 500; minutes > 0; minutes -= 0.5) runFailed(minutes / 60);
    });
    await look(outbox);
    await takenAre(1);
    assert.deepEqual([taken[0]!.alert, taken[0]!.since], ["RUNS_FAILING", "2025-11-04T03:40:00.000Z"]);
  });

  test("doesn't hear that plots are archived again from a catalog that was made anew", async () => {
    await using outbox = await open();
    runFailed(7);
    await look(outbox);
    catalog[Symbol.dispose]();
    await rm(join(scene.folder, "catalog.sqlite"));
    catalog = openCatalog(join(scene.folder, "catalog.sqlite"));
    await look(outbox);
    assert.equal(outbox.memory.states.RUNS_FAILING?.isFiring, true);
  });

  test("hears of a day that ended without an archive, ten minutes after its end, and of one that has it", async () => {
    await using outbox = await open();
    nowMs = Date.parse("2025-11-05T00:05:00Z");
    await look(outbox);
    assert.deepEqual(outbox.memory.states, {});
    nowMs = Date.parse("2025-11-05T00:10:00Z");
    await look(outbox);
    await takenAre(1);
    assert.equal(taken[0]!.text, "2025-11-04 ended without an archive");
    await keep("2025-11-04");
    await look(outbox);
    await takenAre(2);
    assert.equal(taken[1]!.text, "Over: 2025-11-04 has its archive");
  });

  test("hears of runs and backups that fail while the archive's place can't be looked at", async () => {
    await using outbox = await open();
    for (const hours of [6.5, 1]) runFailed(hours);
    backupEnded("FAILED");
    const archive = {
      exists: () => Promise.reject(new StoreFailed("Cannot look for 2025/11/03/etna_20251103.png: EIO")),
      freeBytes: () => Promise.resolve(undefined),
    };
    await look(outbox, { archive });
    await takenAre(2);
    assert.deepEqual(taken.map(({ alert, state }) => `${alert} ${state}`).sort(), [
      "BACKUP_FAILED FIRING",
      "RUNS_FAILING FIRING",
    ]);
  });

  test("hears once of each server that none leads for six hours, as while the bucket is away, and once that one does", async () => {
    await using one = await open();
    await using two = await open({ path: join(scene.folder, "alerts-2.json") });
    let leader: string | undefined = "one";
    const looks = Object.entries({ one, two }).map(([server, outbox]) =>
      createLook({
        ...watchParts(),
        outbox,
        isInCharge: () => leader === server,
        leadership: { server, leader: () => leader },
      }),
    );
    async function pass(hours: number): Promise<void> {
      for (let minute = 0; minute < hours * 60; minute++, nowMs += 60_000)
        for (const lookAgain of looks) await lookAgain();
    }
    await pass(1);
    nowMs += 8 * HOUR_MS; // both machines slept
    leader = undefined;
    await pass(5.9);
    assert.deepEqual([one.memory.states.NO_LEADER, two.memory.states.NO_LEADER], [undefined, undefined]);
    const unledSince = new Date(nowMs - 5.9 * HOUR_MS).toISOString();
    await pass(3);
    await takenAre(2);
    assert.deepEqual(taken.map(({ text, state, since }) => `${since} ${state} ${text}`).sort(), [
      `${unledSince} FIRING No server has led for six hours, as one sees it, so that none fetches: is the bucket at hand?`,
      `${unledSince} FIRING No server has led for six hours, as two sees it, so that none fetches: is the bucket at hand?`,
    ]);
    leader = "two";
    await pass(1);
    await takenAre(5);
    assert.deepEqual(
      taken
        .slice(2)
        .map(({ state, text }) => `${state} ${text}`)
        .sort(),
      ["FIRING 2025-11-04 ended without an archive", "RESOLVED Over: two leads", "RESOLVED Over: two leads"],
      "all else is told by the one that leads",
    );
  });

  test("hears nothing of who leads where none is elected", async () => {
    await using outbox = await open();
    const parts = { ...watchParts(), outbox, isScheduled: false };
    const lookAgain = createLook({ ...parts, isInCharge: () => false, leadership: undefined });
    for (let hour = 0; hour < 24; hour++, nowMs += HOUR_MS) await lookAgain();
    assert.deepEqual(outbox.memory.states, {});
  });

  test("doesn't hear that the backup is whole because another, elsewhere, is", async () => {
    await using outbox = await open();
    const backupPlace = "/mnt/backup";
    const lookAtIt = () => look(outbox, { backupPlace });
    backupEnded("FAILED", backupPlace);
    await lookAtIt();
    backupEnded("DONE", "/media/stick");
    await lookAtIt();
    assert.equal(outbox.memory.states.BACKUP_FAILED?.isFiring, true);
    backupEnded("DONE", backupPlace);
    await lookAtIt();
    assert.equal(outbox.memory.states.BACKUP_FAILED?.isFiring, false);
  });

  for (const { what, catalogOf } of [
    {
      what: "be written, as on a disk that has become read-only",
      catalogOf: (): Catalog => ({ ...catalog, startRun: fails }),
    },
    {
      what: "be read either",
      catalogOf: (): Catalog => ({
        ...catalog,
        startRun: fails,
        lastSuccess: fails,
        listMaintenance: fails,
        listDays: fails,
        totals: fails,
      }),
    },
  ])
    test(`hears of runs that fail, and that it is over, though the history can't ${what}`, async () => {
      await using outbox = await open();
      const failing = catalogOf();
      const lastRuns = createLastRuns({ catalog: failing, log });
      const watched = { ...watchParts(), catalog: failing, outbox, lastRuns };
      const end = (outcome: "ARCHIVED" | "FAILED"): void => {
        const run = openRun("SCHEDULE", true, watched);
        const error = { code: "STORE_FAILED", message: "read-only file system (EROFS)" } as const;
        closeRun(run, { endedMs: nowMs, outcome, ...(outcome === "FAILED" && { error }) }, watched);
      };
      for (let halfHour = 0; halfHour < 14; halfHour++, nowMs += HOUR_MS / 2) {
        end("FAILED");
        await lookForFailures(watched);
      }
      end("ARCHIVED");
      await lookForFailures(watched);
      await takenAre(2);
      assert.deepEqual(
        taken.map(({ since, text }) => `${since} ${text}`),
        [
          "2025-11-04T12:00:00.000Z No plot was archived for six hours: read-only file system (EROFS)",
          "2025-11-04T12:00:00.000Z Over: plots are archived again",
        ],
      );
    });

  test("doesn't hear that runs fail which the history couldn't take down, once later ones stand there", async () => {
    await using outbox = await open();
    const lastRuns = createLastRuns({ catalog, log });
    runFailed(8);
    const { id } = catalog.startRun({ trigger: "SCHEDULE", startedMs: nowMs - 7 * HOUR_MS });
    const success = catalog.endRun(id, { endedMs: nowMs, outcome: "ARCHIVED", day: Day.parse("2025-11-04") });
    lastRuns.remember({ ...success, startedMs: nowMs - 9 * HOUR_MS, outcome: "FAILED" });
    runFailed(5);
    assert.deepEqual([lastRuns.find().success?.id, lastRuns.find().failed?.first.startedMs], [id, nowMs - 5 * HOUR_MS]);
    lastRuns.remember({ ...success, startedMs: nowMs - HOUR_MS });
    assert.equal(lastRuns.find().failed, undefined);
    await look(outbox, { lastRuns });
    assert.deepEqual(outbox.memory.states, {});
  });

  test("is asked again until it takes the message, in order, and a redirect is no taking", async () => {
    answers = [500, 302, 429];
    await using outbox = await open();
    backupEnded("FAILED");
    await look(outbox);
    backupEnded("DONE");
    await look(outbox);
    await takenAre(2);
    assert.deepEqual([asked, taken.map(({ state }) => state)], [5, ["FIRING", "RESOLVED"]]);
    assert.match(taken[0]!.text, /The backup failed: no space left/);
  });

  test("that refuses a message hears all others, and of that alert what comes after it, once it is given up", async () => {
    unknown = "BACKUP_FAILED";
    await using outbox = await open({ mostRefusals: 4 });
    backupEnded("FAILED");
    await look(outbox);
    runFailed(7);
    verifyFailed();
    backupEnded("DONE");
    await look(outbox);
    await takenAre(2);
    assert.deepEqual(
      taken.map(({ alert }) => alert),
      ["RUNS_FAILING", "VERIFY_FAILED"],
    );
    await vi.waitUntil(() => outbox.memory.waiting.length === 0, patience);
    assert.equal(taken.length, 2);
    assert.equal(asked, 2 + 4 + 4, "each of both is sent four times");
    const given = said.filter(({ msg }) => msg.includes("given up"));
    assert.deepEqual(
      given.map(({ level, message }) => [level, message?.alert, message?.state, message?.text]),
      [
        [50, "BACKUP_FAILED", "FIRING", "The backup failed: no space left"],
        [50, "BACKUP_FAILED", "RESOLVED", "Over: the backup is whole"],
      ],
    );
  });

  test("isn't given up while it is away, however often it is asked", async () => {
    answers = [503, 502, 429, 504, 408, 503];
    await using outbox = await open({ mostRefusals: 2 });
    backupEnded("FAILED");
    await look(outbox);
    await takenAre(1);
    assert.equal(asked, 7);
  });

  test("is told over restarts how often it has refused a message", async () => {
    unknown = "BACKUP_FAILED";
    backupEnded("FAILED");
    {
      await using outbox = await open({ mostRefusals: 3, firstRetryMs: 60_000 });
      await look(outbox);
      await vi.waitUntil(() => outbox.memory.waiting[0]?.refusals === 1, patience);
    }
    await using outbox = await open({ mostRefusals: 2 });
    await vi.waitUntil(() => outbox.memory.waiting.length === 0, patience);
    assert.equal(asked, 2);
  });

  test("hears what an older version left in the file", async () => {
    const message = { id: "1", service: "etna-archive", version: "1", alert: "DAY_MISSED", state: "FIRING" };
    const at = "2025-11-04T00:10:00.000Z";
    const waiting = [{ ...message, since: at, at, text: "2025-11-03 ended without an archive" }];
    await writeFile(join(scene.folder, "alerts.json"), JSON.stringify({ states: {}, waiting, free: [] }));
    await using _outbox = await open();
    await takenAre(1);
    assert.deepEqual(taken, waiting);
  });

  test("hears nothing twice over restarts, and what it didn't take before", async () => {
    backupEnded("FAILED");
    {
      await using outbox = await open();
      await look(outbox);
      await takenAre(1);
      await vi.waitUntil(() => outbox.memory.waiting.length === 0, patience);
    }
    {
      await using outbox = await open();
      await look(outbox);
      assert.equal(outbox.memory.waiting.length, 0);
      refused = `/hook/${opened}`;
      runFailed(7);
      await look(outbox);
      await vi.waitUntil(() => asked >= 3, patience);
    }
    await using outbox = await open();
    await look(outbox);
    await takenAre(2);
    assert.deepEqual(
      taken.map(({ alert }) => alert),
      ["BACKUP_FAILED", "RUNS_FAILING"],
    );
  });

  test("hears of a disk that fills", async () => {
    await using outbox = await open();
    let bytes = 1_000_000_000_000;
    const archive = { exists: () => Promise.resolve(true), freeBytes: () => Promise.resolve(bytes) };
    for (let hour = 0; hour < 48; hour++, nowMs += HOUR_MS, bytes -= 2_500_000_000) await look(outbox, { archive });
    assert.deepEqual(outbox.memory.states, {}, "it has room for more than two weeks");
    bytes = 400_000_000_000;
    await look(outbox, { archive });
    await takenAre(1);
    assert.equal(taken[0]!.alert, "DISK_FILLING");
  });

  test("hears that a full disk has room only once it has, though nothing could be written for a week", async () => {
    await using outbox = await open();
    let bytes = 0;
    const archive = { exists: () => Promise.resolve(false), freeBytes: () => Promise.resolve(bytes) };
    const lookAtDisk = () => look(outbox, { archive, isScheduled: false });
    for (let hour = 0; hour < 24 * 15; hour++, nowMs += HOUR_MS) await lookAtDisk();
    assert.deepEqual(outbox.memory.states.DISK_FILLING?.isFiring, true);
    bytes = 1e9;
    await lookAtDisk();
    await takenAre(2);
    assert.deepEqual(
      taken.map(({ alert, state }) => `${alert} ${state}`),
      ["DISK_FILLING FIRING", "DISK_FILLING RESOLVED"],
    );
  });
});
