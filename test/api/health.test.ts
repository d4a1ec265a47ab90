import assert from "node:assert/strict";
import { rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, test, vi } from "vitest";
import { StoreFailed } from "../../src/model/errors.ts";
import { startApi } from "../support/api-server.ts";
import { overwrite } from "../support/spoil.ts";

const NOW_MS = Date.parse("2025-11-05T12:00:00Z");
const HOUR_MS = 3_600_000;

describe("/readyz", () => {
  for (const { name, dueSinceMs, successMs, status } of [
    { name: "as long as no run has been due", dueSinceMs: undefined, successMs: undefined, status: 200 },
    { name: "after a success in time", dueSinceMs: NOW_MS - HOUR_MS, successMs: NOW_MS - HOUR_MS / 2, status: 200 },
    {
      name: "after a success that is too old",
      dueSinceMs: NOW_MS - HOUR_MS,
      successMs: NOW_MS - 2 * HOUR_MS,
      status: 503,
    },
    { name: "without a success", dueSinceMs: NOW_MS - HOUR_MS, successMs: undefined, status: 503 },
  ])
    test(`is ${status} ${name}`, async () => {
      await using api = await startApi({
        services: {
          schedule: { pattern: "25,55 * * * *", nextRunMs: () => NOW_MS, successDueSinceMs: () => dueSinceMs },
        },
      });
      if (successMs !== undefined) {
        const { id } = api.catalog.startRun({ trigger: "SCHEDULE", startedMs: successMs });
        api.catalog.endRun(id, { endedMs: successMs + 1000, outcome: "UNCHANGED" });
      }
      assert.equal((await api.fetch("/readyz")).status, status);
    });

  test("is 503 while the catalog can't be relied on, whatever else it can't tell", async () => {
    const problem = "The catalog is damaged, and is made anew";
    const catalog = {
      problem: () => problem,
      revision: () => 1,
      lastRun: () => undefined,
      listRuns: () => [],
    } as never;
    await using api = await startApi({ services: { catalog } });
    const response = await api.fetch("/readyz");
    assert.deepEqual([response.status, await response.json()], [503, { ok: false, problems: [problem] }]);
  });

  test("is 503 while the catalog's file is no database, and what needs no catalog is answered", async () => {
    await using api = await startApi();
    await api.keep("2025-11-04");
    assert.equal((await api.fetch("/readyz")).status, 200);
    overwrite(join(api.base, "../../catalog.sqlite"), 0, 0.1);
    await vi.waitUntil(async () => (await api.fetch("/readyz")).status === 503, { timeout: 50_000 });
    assert.equal((await api.fetch("/healthz")).status, 200);
    const list = await api.fetch("/api/archives/list");
    assert.deepEqual([list.status, await list.json()], [500, { ok: false, error: "Failed to list archives" }]);
    const { errors } = await api.ask("{ status { store { archives } } }");
    assert.equal(errors?.[0]?.extensions.code, "STORE_FAILED");
  });

  test("is 503 while the archive is gone from its place, makes no folder there, and is ready once it is back", async () => {
    await using api = await startApi();
    assert.equal((await api.fetch("/readyz")).status, 200, "nothing is missed of an archive that never had a day");
    await api.keep("2025-11-04");
    await rename(api.base, `${api.base}-away`);
    api.setNow("2025-11-05T12:00:05Z");
    const response = await api.fetch("/readyz");
    const problem =
      "The archive is gone from its place: no file of the one day that the catalog knows is there. Is its disk mounted?";
    assert.deepEqual([response.status, await response.json()], [503, { ok: false, problems: [problem] }]);
    await assert.rejects(stat(api.base), { code: "ENOENT" });
    await rename(`${api.base}-away`, api.base);
    api.setNow("2025-11-05T12:00:10Z");
    assert.equal((await api.fetch("/readyz")).status, 200);
  });

  test("tries the store no more than once in five seconds", async () => {
    let tries = 0;
    const checkWritable = () => Promise.resolve(void tries++);
    await using api = await startApi({ services: { archive: { checkWritable } as never } });
    for (let times = 0; times < 3; times++) assert.equal((await api.fetch("/readyz")).status, 200);
    assert.equal(tries, 1);
    api.setNow("2025-11-05T12:00:05Z");
    assert.equal((await api.fetch("/readyz")).status, 200);
    assert.equal(tries, 2);
  });

  test("is 503 when the archive can't be written to, and says no more of it than that", async () => {
    const failed = new StoreFailed("Cannot write", { path: "/secret/place", errno: "EROFS" });
    await using api = await startApi({
      services: { archive: { checkWritable: () => Promise.reject(failed) } as never },
    });
    const response = await api.fetch("/readyz");
    assert.deepEqual(
      [response.status, await response.json()],
      [503, { ok: false, problems: ["The archive can't be written to"] }],
    );
    assert.ok(api.logged.some(({ path, errno }) => path === "/secret/place" && errno === "EROFS"));
    assert.equal((await api.fetch("/healthz")).status, 200);
  });
});
