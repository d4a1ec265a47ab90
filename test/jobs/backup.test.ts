/** The backup job: one at a time, written down whatever comes of it, by schedule and when one was missed. */
import assert from "node:assert/strict";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import type { RunTrigger } from "../../src/catalog/runs.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createBackupJob, startBackupSchedule, type BackupJob } from "../../src/jobs/backup.ts";
import { CHECK_BEGUN, decisiveBackupRuns, listBackups } from "../../src/jobs/backup-runs.ts";
import { Day } from "../../src/model/day.ts";
import { BackupMissing, ShutDown, StoreFailed } from "../../src/model/errors.ts";
import { contentsOf, openBackupScene, type BackupScene } from "../support/backups.ts";

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

const job = (target = scene.target, policy = { retentionDays: -1, keepSeries: true }): BackupJob => {
  const { store } = scene;
  return createBackupJob({
    store,
    target,
    cipher: undefined,
    policy,
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

  test("doesn't let who asks to prune join one that doesn't", async () => {
    await using backups = job(scene.target, { retentionDays: 1, keepSeries: false });
    await backups.backUp("SCHEDULE");
    await scene.archive.cleanup({ today: Day.parse("2025-11-05"), retentionDays: 1, keepSeries: false });
    const asked = [{}, { prune: true }, {}].map((options) => backups.backUp("ADMIN", options));
    const ended = await Promise.all(asked);
    assert.deepEqual(
      ended.map(({ prunedFiles }) => prunedFiles),
      [0, 2, 2],
    );
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

describe("a backup whose place has lost the one before", () => {
  const mounted = () => `${scene.copyBase}-of-the-disk`;
  beforeEach(async () => {
    await using backups = job();
    await backups.backUp("SCHEDULE");
    await rename(scene.copyBase, mounted());
  });

  for (const place of ["an empty folder", "no folder"])
    test(`is refused where there is ${place}, and nothing is made there`, async () => {
      if (place === "an empty folder") await mkdir(scene.copyBase);
      await using backups = job();
      for (const trigger of ["SCHEDULE", "STARTUP", "ADMIN", "COMMAND"] as const)
        await assert.rejects(backups.backUp(trigger), (error) => {
          assert.ok(error instanceof BackupMissing);
          assert.match(error.message, /is gone from its place. Is its disk mounted\?.*backup --start-new/);
          return true;
        });
      assert.deepEqual(await contentsOf(scene.copyBase).catch(() => ({})), {});
      if (place === "no folder") await assert.rejects(stat(scene.copyBase), { code: "ENOENT" });
      const [last] = catalog.listMaintenance({ limit: 1 });
      assert.deepEqual([last!.outcome, last!.errorCode], ["FAILED", "BACKUP_MISSING"]);
    });

  test("goes on as soon as it is back", async () => {
    await using backups = job();
    await assert.rejects(backups.backUp("SCHEDULE"), BackupMissing);
    await rename(mounted(), scene.copyBase);
    assert.equal((await backups.backUp("SCHEDULE")).unchangedFiles, 4);
  });

  test("begins another one when that is asked for, which goes on by itself then", async () => {
    await using backups = job();
    assert.equal((await backups.backUp("COMMAND", { startNew: true })).sentFiles, 4);
    assert.equal((await backups.backUp("SCHEDULE")).unchangedFiles, 4);
  });

  test("goes on where the one that was asked for was stopped", async () => {
    await mkdir(join(scene.copyBase, "manifests"), { recursive: true });
    await writeFile(join(scene.copyBase, "manifests/00000001-pending-1.jsonl.gz"), "stopped while it was written");
    await using backups = job();
    assert.equal((await backups.backUp("SCHEDULE")).sentFiles, 4);
  });

  test("is made where the history was lost with the catalog, so that none is blocked for ever", async () => {
    catalog[Symbol.dispose]();
    catalog = openCatalog(":memory:");
    await using backups = job();
    assert.equal((await backups.backUp("SCHEDULE")).sentFiles, 4);
  });

  test("is made at another place, as that is a first one", async () => {
    await using elsewhere = job(createFolderTarget({ path: `${scene.copyBase}-2` }));
    assert.equal((await elsewhere.backUp("SCHEDULE")).sentFiles, 4);
  });

  test("is made where the one before never ended", async () => {
    catalog[Symbol.dispose]();
    catalog = openCatalog(":memory:");
    const backups = job();
    const ended = assert.rejects(backups.backUp("SCHEDULE"), ShutDown);
    await backups[Symbol.asyncDispose]();
    await ended;
    await rm(scene.copyBase, { recursive: true, force: true });
    await using again = job();
    assert.equal((await again.backUp("SCHEDULE")).sentFiles, 4);
  });
});

describe("whether the backup is as it should be", () => {
  const run = (what: string) => {
    const [kind, outcome, problems = 0] = what.split(" ") as [
      "backup" | "check" | "repair",
      "DONE" | "PROBLEMS" | "FAILED" | "SHUTDOWN",
      string?,
    ];
    const begun = { kind: "BACKUP", trigger: "COMMAND", startedMs: 1 } as const;
    const { id } = catalog.startMaintenance({ ...begun, ...(kind === "check" && { counts: CHECK_BEGUN }) });
    if (outcome === "FAILED" || outcome === "SHUTDOWN")
      return catalog.endMaintenance(id, {
        endedMs: 2,
        outcome: "FAILED",
        error: { code: outcome === "FAILED" ? "STORE_FAILED" : outcome, message: "gone" },
      });
    const counts = { backup: { files: 4 }, check: { checkedFiles: 4 }, repair: { files: 4, suspects: 1 } }[kind];
    const end = { endedMs: 2, outcome, summary: what, counts: { ...counts, problems: Number(problems) } };
    return catalog.endMaintenance(id, end);
  };

  for (const { runs, told } of [
    { runs: ["backup DONE"], told: [0] },
    { runs: ["backup DONE", "backup FAILED"], told: [1] },
    { runs: ["backup FAILED", "backup DONE"], told: [1] },
    { runs: ["backup FAILED", "check DONE"], told: [0] },
    { runs: ["check PROBLEMS", "backup DONE"], told: [0] },
    { runs: ["check PROBLEMS", "repair PROBLEMS", "backup DONE"], told: [1] },
    { runs: ["check PROBLEMS", "repair DONE"], told: [1] },
    { runs: ["check PROBLEMS", "backup DONE", "check DONE"], told: [1] },
    { runs: ["check PROBLEMS", "backup SHUTDOWN"], told: [0] },
    { runs: ["check DONE", "backup SHUTDOWN"], told: [1] },
    { runs: ["backup FAILED", "backup SHUTDOWN"], told: [0] },
    { runs: ["backup DONE", "check FAILED"], told: [1] },
    { runs: ["backup DONE", "check FAILED", "backup DONE"], told: [2] },
    { runs: ["backup DONE", "check FAILED", "check DONE"], told: [0] },
    { runs: ["backup FAILED", "check FAILED"], told: [1, 0] },
    { runs: ["check PROBLEMS", "check FAILED"], told: [1, 0] },
    { runs: ["check PROBLEMS", "check FAILED", "check PROBLEMS"], told: [2] },
    { runs: ["backup PROBLEMS 1", "check PROBLEMS 5"], told: [1, 0] },
    { runs: ["check PROBLEMS 1", "backup PROBLEMS 5"], told: [1, 0] },
    { runs: ["check PROBLEMS 5", "backup FAILED"], told: [1, 0] },
    { runs: ["backup PROBLEMS 1", "check FAILED"], told: [1, 0] },
    { runs: ["backup PROBLEMS 1", "check FAILED", "backup PROBLEMS 1"], told: [2] },
    { runs: ["check PROBLEMS", "check FAILED", "backup DONE"], told: [0] },
    { runs: ["backup DONE", "check SHUTDOWN"], told: [0] },
    { runs: ["backup DONE", "check FAILED", "check SHUTDOWN"], told: [1] },
  ])
    test(`after ${runs.join(", ")} is told by ${told.map((at) => runs[at]).join(", ")}`, () => {
      const all = runs.map(run);
      assert.deepEqual(
        decisiveBackupRuns(all.toReversed()),
        told.map((at) => all[at]),
      );
    });

  test("isn't told by a backup elsewhere, such as by hand to a disk that is taken away", async () => {
    await writeFile(scene.copyBase, "a file where the folder should be");
    await using backups = job();
    await assert.rejects(backups.backUp("SCHEDULE"), StoreFailed);
    await using elsewhere = job(createFolderTarget({ path: `${scene.copyBase}-2` }));
    const { run: other } = await elsewhere.backUp("COMMAND");
    const [own] = catalog.listMaintenance({ limit: 1, after: other.id });
    assert.deepEqual(listBackups(catalog, scene.copyBase), [own]);
    assert.deepEqual(listBackups(catalog, `${scene.copyBase}-2`), [other]);
    assert.deepEqual(listBackups(catalog, undefined), [other, own], "where none is set up");
  });

  test("is told by what an older version wrote, which named no place", () => {
    const ended = run("backup FAILED");
    assert.deepEqual(listBackups(catalog, scene.copyBase), [ended]);
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

  type Shared = Pick<Parameters<typeof startBackupSchedule>[0], "isInCharge" | "leadership">;
  const start = (pattern = "15 1 * * *", shared: Shared = {}) =>
    startBackupSchedule({
      ...shared,
      pattern,
      place: "/mnt/backup",
      job: { backUp: (trigger) => (triggers.push(trigger), Promise.reject(new StoreFailed("pulled cable"))) },
      catalog,
      clock: Date.now,
      log,
    });

  test("backs up at its time each day, also after one that failed", async () => {
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: noon });
    using _schedule = start();
    await vi.advanceTimersByTimeAsync(Date.parse("2025-11-05T01:14:59Z") - noon);
    assert.deepEqual(triggers, []);
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
    assert.deepEqual(triggers, ["SCHEDULE", "SCHEDULE"]);
  });

  test("makes up for one that was missed", async () => {
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: noon - 86_400_000 });
    using _schedule = start();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
  });

  test("makes up for one that was missed when its server comes to lead, unless it is closed by then", async () => {
    let lead: () => void = () => assert.fail("nobody waits for an election");
    let isInCharge = false;
    const onElected = (listener: () => void) => (lead = listener);
    const schedule = start("15 1 * * *", { isInCharge: () => isInCharge, leadership: { onElected } });
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, []);
    isInCharge = true;
    lead();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
    schedule[Symbol.dispose]();
    lead();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
  });

  test("makes up for one that was made elsewhere alone", async () => {
    const run = { kind: "BACKUP", trigger: "COMMAND", startedMs: noon } as const;
    const { id } = catalog.startMaintenance({ ...run, place: "/media/stick" });
    catalog.endMaintenance(id, { endedMs: noon, outcome: "DONE", summary: "", counts: {} });
    using _schedule = start();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
  });

  for (const { what, end } of [
    {
      what: "stopped",
      end: { outcome: "FAILED", error: { code: "SHUTDOWN", message: "The program is stopping" } },
    },
    { what: "followed by a check alone", end: { outcome: "DONE", summary: "", counts: { checkedFiles: 4 } } },
  ] as const)
    test(`makes up for one that was ${what}`, async () => {
      const { id } = catalog.startMaintenance({ kind: "BACKUP", trigger: "COMMAND", startedMs: noon });
      catalog.endMaintenance(id, { endedMs: noon, ...end });
      using _schedule = start();
      await vi.advanceTimersByTimeAsync(0);
      assert.deepEqual(triggers, ["STARTUP"]);
    });

  test("does nothing when it is off", async () => {
    using _schedule = startBackupSchedule({
      pattern: undefined,
      place: "/mnt/backup",
      job: { backUp: () => assert.fail("nobody asked for one") },
      catalog,
      clock: Date.now,
      log,
    });
    await vi.advanceTimersByTimeAsync(2 * 86_400_000);
  });
});
