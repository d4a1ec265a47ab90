import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { ArchiveNowResult } from "../../../src/jobs/archive-now.ts";
import { PlotRejected, ShutDown, SourceUnavailable, StoreFailed } from "../../../src/model/errors.ts";
import {
  ArchivalRunsDocument,
  ArchiveNowDocument,
  CleanupDocument,
  FailedRunsDocument,
  StatusDocument,
} from "../../../src/web/operations.ts";
import { ADMIN_TOKEN, startApi, type ApiServer } from "../../support/api-server.ts";

const STARTED_MS = Date.parse("2025-11-05T10:25:00Z");

let api: ApiServer;
let result: (run: ApiServer) => Promise<ArchiveNowResult>;
const asked: unknown[] = [];
beforeAll(async () => {
  api = await startApi({
    settings: { synthetic: true },
    services: {
      job: {
        archiveNow: (trigger, options) => {
          asked.push([trigger, options]);
          return result(api);
        },
        onArchived: () => () => {},
      },
      cleanUp: (options) => {
        asked.push(options);
        if (options.retentionDays === 7)
          return Promise.reject(new StoreFailed("Cannot delete 2025/11/01", { errno: "EACCES" }));
        return Promise.resolve({ days: ["2025-11-01" as never], freedBytes: 12.5e9, dryRun: options.dryRun });
      },
      schedule: {
        pattern: "25,55 * * * *",
        nextRunMs: () => STARTED_MS + 1_800_000,
        successDueSinceMs: () => undefined,
      },
    },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

const run = (outcome: "ARCHIVED" | "FAILED", day?: string) => {
  const { id } = api.catalog.startRun({ trigger: "ADMIN", startedMs: STARTED_MS });
  const error =
    outcome === "FAILED" ? { code: "SOURCE_UNAVAILABLE" as const, message: "No answer from the host" } : undefined;
  return api.catalog.endRun(id, { endedMs: STARTED_MS + 1500, outcome, day: day as never, error });
};

describe("archiveNow", () => {
  test("answers the run and the archive that it made", async () => {
    result = async () => {
      const day = await api.keep("2025-11-05");
      return {
        outcome: "ARCHIVED",
        run: run("ARCHIVED", day.day),
        day,
        reason: undefined,
        cleanup: { days: [], freedBytes: 0, dryRun: false },
        newSamples: [],
      };
    };
    const { data } = await api.ask(ArchiveNowDocument, { input: { compress: true } }, ADMIN_TOKEN);
    assert.deepEqual(asked.pop(), ["ADMIN", { compress: true }]);
    const success = data!.archiveNow;
    assert.ok(success.__typename === "ArchiveNowSuccess");
    assert.equal(success.outcome, "ARCHIVED");
    assert.equal(success.archive.date, "2025-11-05");
    assert.deepEqual(success.cleanup, { deletedCount: 0, dates: [], freedBytes: 0, dryRun: false });
    const { id: _, ...told } = success.run;
    assert.deepEqual(told, {
      trigger: "ADMIN",
      startedAt: "2025-11-05T10:25:00Z",
      endedAt: "2025-11-05T10:25:01.500Z",
      outcome: "ARCHIVED",
      date: "2025-11-05",
    });
  });

  for (const { error, type, code } of [
    { error: new SourceUnavailable("No answer from the host"), type: "SourceUnavailable", code: "SOURCE_UNAVAILABLE" },
    { error: new PlotRejected("it is HTML"), type: "PlotRejected", code: "PLOT_REJECTED" },
    {
      error: new StoreFailed("Cannot write 2025/11/05", { errno: "ENOSPC" }),
      type: "StoreFailed",
      code: "STORE_FAILED",
    },
    { error: new ShutDown("The program is stopping"), type: "ShutDown", code: "SHUTDOWN" },
  ])
    test(`answers ${type} as a result`, async () => {
      result = () => Promise.resolve({ outcome: "FAILED", run: run("FAILED"), error });
      const { status, data, errors } = await api.ask(ArchiveNowDocument, {}, ADMIN_TOKEN);
      assert.deepEqual([status, errors], [200, undefined]);
      assert.deepEqual(data?.archiveNow, { __typename: type, code, message: error.message });
    });

  test("masks what wasn't to be expected", async () => {
    result = () => Promise.resolve({ outcome: "FAILED", run: run("FAILED"), error: new TypeError("the secret") });
    const { errors } = await api.ask(ArchiveNowDocument, {}, ADMIN_TOKEN);
    assert.deepEqual(
      errors?.map(({ extensions }) => extensions.code),
      ["INTERNAL"],
    );
    assert.doesNotMatch(errors?.[0]?.message ?? "", /secret/);
  });
});

describe("cleanup", () => {
  for (const { name, input, options } of [
    { name: "as the server is set", input: undefined, options: { retentionDays: undefined, dryRun: false } },
    { name: "that is only asked about", input: { dryRun: true }, options: { retentionDays: undefined, dryRun: true } },
    { name: "of another retention", input: { retentionDays: 30 }, options: { retentionDays: 30, dryRun: false } },
    { name: "that keeps all", input: { retentionDays: -1 }, options: { retentionDays: -1, dryRun: false } },
  ])
    test(`does one ${name}`, async () => {
      const { data } = await api.ask(CleanupDocument, { input }, ADMIN_TOKEN);
      assert.deepEqual(asked.pop(), options);
      assert.deepEqual(data?.cleanup, {
        __typename: "CleanupSuccess",
        deletedCount: 1,
        dates: ["2025-11-01"],
        freedBytes: 12.5e9,
        dryRun: options.dryRun,
      });
    });

  for (const { name, retentionDays, type } of [
    { name: "0 days", retentionDays: 0, type: "InvalidRequest" },
    { name: "-2 days", retentionDays: -2, type: "InvalidRequest" },
    { name: "a store that fails", retentionDays: 7, type: "StoreFailed" },
  ])
    test(`answers ${type} for ${name}`, async () => {
      const { data } = await api.ask(CleanupDocument, { input: { retentionDays } }, ADMIN_TOKEN);
      assert.equal(data?.cleanup.__typename, type);
    });
});

describe("archivalRuns", () => {
  test("tells the newest first, a page at a time", async () => {
    const ids = (page: Awaited<ReturnType<typeof first>>) => page!.archivalRuns.edges.map(({ node }) => node.id);
    const first = async (count?: number, after?: string) =>
      (await api.ask(ArchivalRunsDocument, { ...(count && { first: count }), ...(after && { after }) })).data;
    const all = ids(await first());
    assert.ok(all.length >= 5);
    const page = (await first(2))!;
    assert.deepEqual([ids(page), page.archivalRuns.pageInfo.hasNextPage], [all.slice(0, 2), true]);
    assert.deepEqual(ids(await first(500, page.archivalRuns.pageInfo.endCursor!)), all.slice(2));
  });

  test("tells why a run failed to an admin alone", async () => {
    run("FAILED");
    const stranger = await api.ask(FailedRunsDocument, { first: 1 });
    const [edge] = stranger.data!.archivalRuns.edges;
    assert.deepEqual([edge!.node.outcome, edge!.node.errorCode, edge!.node.errorMessage], ["FAILED", null, null]);
    assert.deepEqual([stranger.status, stranger.errors?.[0]?.extensions.code], [200, "UNAUTHENTICATED"]);
    const admin = await api.ask(FailedRunsDocument, { first: 1 }, ADMIN_TOKEN);
    const node = admin.data!.archivalRuns.edges[0]!.node;
    assert.deepEqual([node.errorCode, node.errorMessage], ["SOURCE_UNAVAILABLE", "No answer from the host"]);
  });
});

test("status tells of the store, the schedule and the settings, anew each time", async () => {
  const ask = async () => (await api.ask(StatusDocument, {})).data!.status;
  const { store, schedule, record, ...status } = await ask();
  const levels = { medium: 1, high: 4 };
  assert.deepEqual(status, { version: "1.2.3", synthetic: true, retentionDays: 90, levels, cluster: null });
  assert.deepEqual(record, { firstDate: null, lastDate: null, days: 0, waitingDays: 0, setAside: [] });
  assert.deepEqual(
    { ...store, freeBytes: (store.freeBytes ?? 0) > 0 },
    {
      kind: "file",
      archives: 1,
      bytes: api.catalog.totals().bytes,
      oldest: "2025-11-05",
      newest: "2025-11-05",
      freeBytes: true,
    },
  );
  assert.deepEqual([schedule.pattern, schedule.nextRun], ["25,55 * * * *", "2025-11-05T10:55:00Z"]);
  assert.equal(schedule.lastSuccess, "2025-11-05T10:25:01.500Z");
  const { id } = run("ARCHIVED", "2025-11-05");
  assert.equal((await ask()).schedule.lastRun?.id, Buffer.from(`ArchivalRun:${id}`).toString("base64"));
});
