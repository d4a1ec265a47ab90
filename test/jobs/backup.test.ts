/** The backup job: one at a time, written down whatever comes of it, by schedule and when one was missed. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import type { RunTrigger } from "../../src/catalog/runs.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createBackupJob, startBackupSchedule, type BackupJob } from "../../src/jobs/backup.ts";
import { ShutDown, StoreFailed } from "../../src/model/errors.ts";
import { openBackupScene, type BackupScene } from "../support/backups.ts";

const log = pino({ level: "silent" });
let scene: BackupScene;
let catalog: Catalog;
beforeEach(async () => {
  scene = await openBackupScene(2);
  catalog = openCatalog(":memory:");
});
afterEach(async () => {
  catalog[Symbol.dispose]();
  await scene[Symbol.asyncDispose]();
});

const job = (target = scene.target): BackupJob => {
  const { store } = scene;
  return createBackupJob({
    store,
    target,
    cipher: undefined,
    policy: { retentionDays: -1 },
    catalog,
    clock: Date.now,
    log,
  });
};
const outcomes = () => catalog.listMaintenance({ limit: 9 }).map(({ trigger, outcome }) => `${trigger} ${outcome}`);

describe("the backup job", () => {
  test("lets who asks beside a backup join it", async () => {
    await using backups = job();
    const [one, two] = await Promise.all([backups.backUp("ADMIN"), backups.backUp("SCHEDULE")]);
    assert.equal(one.run.id, two.run.id);
    assert.deepEqual(outcomes(), ["ADMIN DONE"]);
  });

  test("writes down that the target failed, and works the next time", async () => {
    await writeFile(scene.copyBase, "a file where the folder should be");
    await using backups = job();
    await assert.rejects(backups.backUp("SCHEDULE"), StoreFailed);
    await using elsewhere = job(createFolderTarget({ path: `${scene.copyBase}-2` }));
    assert.equal((await elsewhere.backUp("ADMIN")).sentFiles, 4);
    assert.deepEqual(outcomes(), ["ADMIN DONE", "SCHEDULE FAILED"]);
  });

  test("ends a backup that is under way when it is closed", async () => {
    const backups = job();
    const ended = assert.rejects(backups.backUp("SCHEDULE"), ShutDown);
    await backups[Symbol.asyncDispose]();
    await ended;
    assert.deepEqual(
      catalog.listMaintenance({ limit: 1 }).map(({ errorCode }) => errorCode),
      ["SHUTDOWN"],
    );
  });
});

describe("the schedule of backups", () => {
  const noon = Date.parse("2025-11-04T12:00:00Z");
  let triggers: RunTrigger[];
  beforeEach(() => {
    vi.useFakeTimers({ now: noon });
    triggers = [];
  });
  afterEach(() => void vi.useRealTimers());

  const start = (pattern: string | undefined = "15 1 * * *") =>
    startBackupSchedule({
      pattern,
      job: { backUp: (trigger) => (triggers.push(trigger), Promise.reject(new StoreFailed("pulled cable"))) },
      catalog,
      clock: Date.now,
      log,
    });

  test("backs up at its time each day, also after one that failed", async () => {
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: noon });
    using schedule = start();
    assert.equal(schedule.nextRunMs(), Date.parse("2025-11-05T01:15:00Z"));
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    assert.deepEqual(triggers, ["SCHEDULE", "SCHEDULE"]);
  });

  test("makes up for one that was missed", async () => {
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: noon - 86_400_000 });
    using _schedule = start();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
  });

  test("does nothing when it is off", async () => {
    using schedule = startBackupSchedule({
      pattern: undefined,
      job: { backUp: () => assert.fail("nobody asked for one") },
      catalog,
      clock: Date.now,
      log,
    });
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    assert.equal(schedule.nextRunMs(), undefined);
  });
});
