import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { MaintenanceRun } from "../../src/catalog/maintenance-runs.ts";
import { changesOf, type AlertStates, type Facts } from "../../src/jobs/alert-rules.ts";
import { Day } from "../../src/model/day.ts";

const nowMs = Date.parse("2025-11-04T12:00:00Z");
const HOUR_MS = 3_600_000;
const day = Day.parse("2025-11-03");

const ended = (outcome: MaintenanceRun["outcome"], rest: Partial<MaintenanceRun> = {}): MaintenanceRun => ({
  id: 1,
  kind: "BACKUP",
  trigger: "SCHEDULE",
  startedMs: nowMs - HOUR_MS,
  endedMs: nowMs - HOUR_MS / 2,
  outcome,
  summary: "1 of 8 files not",
  counts: {},
  errorCode: undefined,
  errorMessage: undefined,
  ...rest,
});
const facts = (rest: Partial<Facts> = {}): Facts => ({
  nowMs,
  failing: undefined,
  hasSucceeded: rest.failing === undefined,
  lastDay: { day, isArchived: true },
  verification: undefined,
  backups: [],
  disk: { freeBytes: 1e9, bytesPerDay: 50_000 },
  election: undefined,
  ...rest,
});
const failingFor = (hours: number) => ({ failing: { sinceMs: nowMs - hours * HOUR_MS, reason: "timeout" } });
const unledFor = (hours: number) => ({ election: { server: "etna-1", unledSinceMs: nowMs - hours * HOUR_MS } });
const disk = (days: number) => ({ disk: { freeBytes: days * 50_000, bytesPerDay: 50_000 } });
const told = (states: AlertStates, of: Facts) =>
  changesOf(states, of).changes.map(({ kind, state }) => `${kind} ${state}`);

describe("an alert fires", () => {
  for (const { name, rest, expected } of [
    { name: "not while all is well", rest: {}, expected: [] },
    { name: "not when runs fail for less than six hours", rest: failingFor(5.9), expected: [] },
    { name: "when runs fail for six hours", rest: failingFor(6), expected: ["RUNS_FAILING FIRING"] },
    {
      name: "when a day ended without an archive",
      rest: { lastDay: { day, isArchived: false } },
      expected: ["DAY_MISSED FIRING"],
    },
    {
      name: "when the verification found damage",
      rest: { verification: ended("PROBLEMS") },
      expected: ["DAMAGE_FOUND FIRING"],
    },
    {
      name: "when the verification could not go on",
      rest: { verification: ended("FAILED", { errorCode: "STORE_FAILED" as const }) },
      expected: ["VERIFY_FAILED FIRING"],
    },
    {
      name: "not when the verification was stopped",
      rest: { verification: ended("FAILED", { errorCode: "SHUTDOWN" as const }) },
      expected: [],
    },
    { name: "when the backup failed", rest: { backups: [ended("FAILED")] }, expected: ["BACKUP_FAILED FIRING"] },
    {
      name: "when the backup left something out",
      rest: { backups: [ended("PROBLEMS")] },
      expected: ["BACKUP_FAILED FIRING"],
    },
    {
      name: "not when the backup was stopped",
      rest: { backups: [ended("FAILED", { errorCode: "SHUTDOWN" as const })] },
      expected: [],
    },
    { name: "when the disk has less than a week of room", rest: disk(6.9), expected: ["DISK_FILLING FIRING"] },
    { name: "not when it has a week of room", rest: disk(7), expected: [] },
    { name: "not where no server leads for less than six hours", rest: unledFor(5.9), expected: [] },
    { name: "where no server leads for six hours", rest: unledFor(6), expected: ["NO_LEADER FIRING"] },
    { name: "not where nothing is written", rest: { disk: { freeBytes: 0, bytesPerDay: 0 } }, expected: [] },
    { name: "not where the store can't say", rest: { disk: undefined, lastDay: undefined }, expected: [] },
    {
      name: "beside others",
      rest: { ...failingFor(30), lastDay: { day, isArchived: false } },
      expected: ["RUNS_FAILING FIRING", "DAY_MISSED FIRING"],
    },
  ])
    test(name, () => assert.deepEqual(told({}, facts(rest)), expected));
});

describe("a state that stays", () => {
  for (const rest of [
    failingFor(6),
    { verification: ended("FAILED") },
    { backups: [ended("FAILED")] },
    disk(3),
    { lastDay: { day, isArchived: false } },
  ])
    test(`is told once: ${Object.keys(rest).join()}`, () => {
      const { states, changes } = changesOf({}, facts(rest));
      assert.equal(changes.length, 1);
      assert.deepEqual(told(states, facts({ ...rest, nowMs: nowMs + HOUR_MS })), []);
    });

  test("is told again only after it was over", () => {
    const failed = changesOf({}, facts({ backups: [ended("FAILED")] }));
    const over = changesOf(failed.states, facts({ backups: [ended("DONE")], nowMs: nowMs + HOUR_MS }));
    assert.deepEqual(
      over.changes.map(({ state, sinceMs, text }) => [state, sinceMs, text]),
      [["RESOLVED", nowMs - HOUR_MS / 2, "Over: the backup is whole"]],
    );
    assert.deepEqual(told(over.states, facts({ backups: [ended("FAILED")] })), ["BACKUP_FAILED FIRING"]);
  });

  for (const { name, kind, run } of [
    {
      name: "damage",
      kind: "DAMAGE_FOUND",
      run: (left: number) => ({ verification: ended("PROBLEMS", { counts: { damaged: 4 + left, repaired: 4 } }) }),
    },
    {
      name: "problems of the backup",
      kind: "BACKUP_FAILED",
      run: (left: number) => ({
        backups: [left === 9 ? ended("FAILED") : ended("PROBLEMS", { counts: { problems: left } })],
      }),
    },
  ])
    test(`of ${name} that nobody can mend hides no further one, and is told no more often than it gets worse`, () => {
      let states: AlertStates = {};
      const heard = [1, 1, 2, 2, 1, 2, 9, 9].map((left) => {
        const { states: next, changes } = changesOf(states, facts(run(left)));
        states = next;
        return changes.map(({ kind: of, state, sinceMs }) => `${of} ${state} ${nowMs - sinceMs}`);
      });
      const news = [`${kind} FIRING ${HOUR_MS / 2}`];
      assert.deepEqual(heard, [news, [], news, [], [], news, news, []]);
      assert.deepEqual(told(states, facts({ verification: ended("DONE"), backups: [ended("DONE")] })), [
        `${kind} RESOLVED`,
      ]);
    });

  test("of a backup that nobody can mend, or that fails, hides no damage that a check of it finds", () => {
    const check = ended("PROBLEMS", { counts: { checkedFiles: 8, problems: 1 }, summary: "1 of 8 files" });
    for (const backup of [ended("PROBLEMS", { counts: { problems: 5 } }), ended("FAILED")]) {
      const { states } = changesOf({}, facts({ backups: [backup] }));
      const found = changesOf(states, facts({ backups: [check, backup] }));
      assert.deepEqual(
        found.changes.map(({ text }) => text),
        ["The check of the backup found damage: 1 of 8 files"],
      );
      assert.deepEqual(told(found.states, facts({ backups: [backup, check] })), [], "as the next backup has it");
    }
  });

  test("of damage that only the backup tells of is told once, though the backup can't be asked in between", () => {
    let states: AlertStates = {};
    const heard = [{ damaged: 3 }, { damaged: 1, unasked: 1 }, { damaged: 3 }, { damaged: 4, unasked: 1 }].map(
      (counts) => {
        const of = facts({ verification: ended("PROBLEMS", { counts }) });
        const { states: next, changes } = changesOf(states, of);
        states = next;
        return changes.length;
      },
    );
    assert.deepEqual(heard, [1, 0, 0, 1]);
  });

  test("that an older version wrote down isn't told again, and from then on only where it gets worse", () => {
    const older: AlertStates = { BACKUP_FAILED: { isFiring: true, sinceMs: nowMs } };
    const { states, changes } = changesOf(older, facts({ backups: [ended("PROBLEMS", { counts: { problems: 2 } })] }));
    assert.deepEqual(changes, []);
    assert.deepEqual(told(states, facts({ backups: [ended("PROBLEMS", { counts: { problems: 3 } })] })), [
      "BACKUP_FAILED FIRING",
    ]);
  });

  test("of damage stays as it was while verifications fail, and both are over when one finds nothing wrong", () => {
    const found = changesOf({}, facts({ verification: ended("PROBLEMS") }));
    const failed = changesOf(found.states, facts({ verification: ended("FAILED", { errorMessage: "no tree" }) }));
    assert.deepEqual(
      failed.changes.map(({ kind, state, text }) => [kind, state, text]),
      [["VERIFY_FAILED", "FIRING", "The verification failed: no tree"]],
    );
    assert.deepEqual(told(failed.states, facts({ verification: ended("PROBLEMS") })), ["VERIFY_FAILED RESOLVED"]);
    assert.deepEqual(told(failed.states, facts({ verification: ended("DONE") })), [
      "DAMAGE_FOUND RESOLVED",
      "VERIFY_FAILED RESOLVED",
    ]);
  });

  for (const { name, check, text } of [
    {
      name: "couldn't go on",
      check: ended("FAILED", { counts: { checkedFiles: 0 }, errorMessage: "no disk" }),
      text: "The check of the backup failed: no disk",
    },
    {
      name: "found damage",
      check: ended("PROBLEMS", { counts: { checkedFiles: 8, problems: 1 }, summary: "1 of 8 files" }),
      text: "The check of the backup found damage: 1 of 8 files",
    },
  ])
    test(`is told as what it is, where a check of the backup ${name}`, () => {
      const { changes } = changesOf({}, facts({ backups: [check] }));
      assert.deepEqual(
        changes.map(({ kind, text: said }) => [kind, said]),
        [["BACKUP_FAILED", text]],
      );
    });

  test("of damage isn't over when the backup couldn't be asked, which alone tells of lost days", () => {
    const found = changesOf({}, facts({ verification: ended("PROBLEMS") }));
    const unasked = ended("DONE", { counts: { damaged: 0, unasked: 1 } });
    assert.deepEqual(told(found.states, facts({ verification: unasked })), []);
  });

  test("isn't over as long as nothing is known", () => {
    const { states } = changesOf({}, facts({ lastDay: { day, isArchived: false } }));
    assert.deepEqual(told(states, facts({ lastDay: undefined })), []);
  });

  test("of failing runs is over when one succeeds, and not when the clock is set back or nothing is known of any", () => {
    const { states } = changesOf({}, facts(failingFor(6)));
    assert.deepEqual(told(states, facts({ ...failingFor(6), nowMs: nowMs - 24 * HOUR_MS })), []);
    assert.deepEqual(told(states, facts({ hasSucceeded: false })), []);
    assert.deepEqual(told(states, facts()), ["RUNS_FAILING RESOLVED"]);
  });

  test("isn't over at the edge of a full disk", () => {
    const { states } = changesOf({}, facts(disk(6.9)));
    assert.deepEqual([told(states, facts(disk(7.5))), told(states, facts(disk(8)))], [[], ["DISK_FILLING RESOLVED"]]);
  });
});
