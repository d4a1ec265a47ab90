import assert from "node:assert/strict";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test, vi } from "vitest";
import type { Run, RunTrigger } from "../../src/catalog/runs.ts";
import type { ArchiveJob } from "../../src/jobs/archive-now.ts";
import type { LedRun } from "../../src/jobs/leadership.ts";
import { createSchedule, type Schedule, type ScheduleParts } from "../../src/jobs/scheduler.ts";

const HOUR_MS = 3_600_000;
const noon = Date.parse("2025-11-04T12:00:00Z");

let triggers: RunTrigger[];
let finishRun: (() => void) | undefined;
beforeEach(() => {
  vi.useFakeTimers({ now: noon });
  triggers = [];
  finishRun = undefined;
});
afterEach(() => void vi.useRealTimers());

/** A job that only writes down who asked, and goes on until `finishRun` when it is told to hang. */
function job({ hangs = false, fails = false } = {}): Pick<ArchiveJob, "archiveNow"> {
  return {
    archiveNow(trigger) {
      triggers.push(trigger);
      if (fails) return Promise.reject(new Error("pulled cable"));
      return new Promise((resolve) => {
        finishRun = () => resolve(undefined as never);
        if (!hangs) finishRun();
      });
    },
  };
}

const runAt = (startedMs: number): Run => ({ startedMs }) as Run;

type Options = Partial<ScheduleParts> & { lastRun?: Run; archived?: boolean };

function create(options: Options = {}): Schedule {
  const { lastRun = runAt(noon), archived = true, ...parts } = options;
  return createSchedule({
    pattern: "25,55 * * * *",
    job: job(),
    archive: { exists: () => Promise.resolve(archived) },
    catalog: { lastRun: () => lastRun },
    clock: Date.now,
    log: pino({ level: "silent" }),
    ...parts,
  });
}

function start(options?: Options): Schedule {
  const schedule = create(options);
  schedule.start();
  return schedule;
}

describe("the schedule", () => {
  test("runs at 25 and 55 past every hour, UTC", async () => {
    using schedule = start();
    assert.equal(schedule.nextRunMs(), noon + 25 * 60_000);
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    assert.deepEqual(triggers, ["SCHEDULE", "SCHEDULE", "SCHEDULE", "SCHEDULE"]);
  });

  test("runs a last time of the day at 23:55", async () => {
    vi.setSystemTime(new Date("2025-11-04T23:50:00Z"));
    using schedule = start();
    assert.equal(schedule.nextRunMs(), Date.parse("2025-11-04T23:55:00Z"));
  });

  test("lets a run that is under way finish before the next", async () => {
    using _schedule = start({ job: job({ hangs: true }) });
    await vi.advanceTimersByTimeAsync(3 * HOUR_MS);
    assert.equal(triggers.length, 1);
    finishRun?.();
    await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
    assert.equal(triggers.length, 2);
  });

  test("goes on after a run that failed", async () => {
    using _schedule = start({ job: job({ fails: true }) });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    assert.equal(triggers.length, 4);
  });

  for (const { name, byMs } of [
    { name: "forth by a day", byMs: 24 * HOUR_MS },
    { name: "back by a day", byMs: -24 * HOUR_MS },
  ])
    test(`keeps its times when the clock jumps ${name}`, async () => {
      using schedule = start();
      await vi.advanceTimersByTimeAsync(HOUR_MS);
      assert.equal(triggers.length, 2);
      vi.setSystemTime(Date.now() + byMs);
      await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
      assert.ok(triggers.length >= 5 && triggers.length <= 7, `${triggers.length} runs in three hours`);
      assert.equal(schedule.nextRunMs(), noon + byMs + 3 * HOUR_MS + 25 * 60_000);
    });

  test("stops when it is closed", async () => {
    start()[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    assert.deepEqual(triggers, []);
  });

  test("does nothing before it is started, but knows its times", async () => {
    using schedule = create({ archived: false });
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    assert.deepEqual(triggers, []);
    assert.equal(schedule.nextRunMs(), noon + HOUR_MS + 25 * 60_000);
    schedule.start();
    await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
    assert.deepEqual(triggers, ["STARTUP", "SCHEDULE"]);
  });

  test("begins nothing when it is closed while it looks what is due", async () => {
    using schedule = start({ archived: false });
    schedule[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, []);
  });

  test("does nothing when it is off, not even at start", async () => {
    using schedule = start({ pattern: undefined, archived: false });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    assert.deepEqual(triggers, []);
    assert.equal(schedule.nextRunMs(), undefined);
  });
});

describe("a start", () => {
  for (const { name, archived, lastRun, expected } of [
    { name: "runs at once when today has no archive", archived: false, lastRun: runAt(noon), expected: ["STARTUP"] },
    {
      name: "runs at once when the last due run was missed",
      archived: true,
      lastRun: runAt(noon - HOUR_MS),
      expected: ["STARTUP"],
    },
    { name: "waits when the last due run was made", archived: true, lastRun: runAt(noon - 4 * 60_000), expected: [] },
  ] as const)
    test(name, async () => {
      using _schedule = start({ archived, lastRun });
      await vi.advanceTimersByTimeAsync(0);
      assert.deepEqual(triggers, expected);
    });
});

describe("when a success is due", () => {
  test("is not asked before the first scheduled run had its time", async () => {
    using schedule = start();
    assert.equal(schedule.successDueSinceMs(), undefined);
    await vi.advanceTimersByTimeAsync(27 * 60_000);
    assert.equal(schedule.successDueSinceMs(), undefined);
  });
  test("is two periods back from then on", async () => {
    using schedule = start();
    await vi.advanceTimersByTimeAsync(29 * 60_000);
    assert.equal(schedule.successDueSinceMs(), noon - 5 * 60_000);
  });
});

describe("one of several servers on a store", () => {
  /** As if this server led, or not; `told` is what all hear of. */
  function leadership(leads: boolean, last?: LedRun) {
    const told: LedRun[] = [];
    const elected: (() => void)[] = [];
    return {
      told,
      elect: () => elected.forEach((listener) => listener()),
      isLeader: () => leads,
      lastRun: () => told.at(-1) ?? last,
      async tell(run: LedRun) {
        told.push(run);
        return leads;
      },
      onElected: (listener: () => void) => void elected.push(listener),
    };
  }
  const lastDueMs = noon - 5 * 60_000;

  test("runs nothing while another leads, nor is its success due", async () => {
    using schedule = start({ leadership: leadership(false), archived: false });
    await vi.advanceTimersByTimeAsync(2 * HOUR_MS);
    assert.deepEqual(triggers, []);
    assert.equal(schedule.successDueSinceMs(), undefined);
  });

  test("has no success due, once elected, before its own first run had its time", async () => {
    const leading = leadership(true, { dueMs: lastDueMs, done: true });
    using schedule = start({ leadership: leading });
    await vi.advanceTimersByTimeAsync(29 * 60_000 + HOUR_MS);
    leading.elect();
    assert.equal(schedule.successDueSinceMs(), undefined);
    await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
    assert.equal(schedule.successDueSinceMs(), noon + HOUR_MS + 25 * 60_000);
  });

  test("runs what is due when it leads, and tells the others before and after", async () => {
    const leading = leadership(true);
    using _schedule = start({ leadership: leading });
    await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
    assert.deepEqual(triggers, ["SCHEDULE"]);
    const dueMs = noon + 25 * 60_000;
    assert.deepEqual(leading.told, [
      { dueMs, done: false },
      { dueMs, done: true },
    ]);
  });

  test("begins nothing when it is closed while the others are told of a run", async () => {
    const told = Promise.withResolvers<boolean>();
    const leading = { ...leadership(true), tell: () => told.promise };
    const schedule = start({ leadership: leading });
    await vi.advanceTimersByTimeAsync(HOUR_MS / 2);
    schedule[Symbol.dispose]();
    told.resolve(true);
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, []);
  });

  test("elected before it is started, waits for that", async () => {
    const leading = leadership(true);
    using schedule = create({ leadership: leading, archived: false });
    leading.elect();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, []);
    schedule.start();
    await vi.advanceTimersByTimeAsync(0);
    assert.deepEqual(triggers, ["STARTUP"]);
  });

  for (const { name, last, archived, expected } of [
    {
      name: "leaves alone what the last leader has done",
      last: { dueMs: lastDueMs, done: true },
      archived: true,
      expected: [],
    },
    {
      name: "does what the last leader died in",
      last: { dueMs: lastDueMs, done: false },
      archived: true,
      expected: ["STARTUP"],
    },
    {
      name: "does what nobody has begun",
      last: { dueMs: lastDueMs - HOUR_MS / 2, done: true },
      archived: true,
      expected: ["STARTUP"],
    },
    { name: "fetches today's first plot", last: undefined, archived: false, expected: ["STARTUP"] },
    {
      name: "fetches no second time where that was in vain",
      last: { dueMs: lastDueMs, done: true },
      archived: false,
      expected: [],
    },
  ])
    test(`once elected, ${name}`, async () => {
      const leading = leadership(true, last);
      using _schedule = start({ leadership: leading, archived });
      await vi.advanceTimersByTimeAsync(0);
      assert.deepEqual(triggers, []);
      leading.elect();
      await vi.advanceTimersByTimeAsync(0);
      assert.deepEqual(triggers, expected);
    });
});
