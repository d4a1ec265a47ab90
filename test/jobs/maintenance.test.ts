/** What the history keeps of long work, whichever way it ends. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, test } from "vitest";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { asMaintenance, type MaintenanceParts } from "../../src/jobs/maintenance.ts";
import type { Verified } from "../../src/jobs/verified.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { scratchFolder } from "../support/scratch.ts";

const STARTED_MS = Date.parse("2025-11-09T02:40:00Z");
const DAY_MS = 86_400_000;

function openParts(): MaintenanceParts & Disposable & { catalog: Catalog; at: (timeMs: number) => void } {
  const catalog = openCatalog(":memory:");
  let nowMs = STARTED_MS;
  return {
    catalog,
    clock: () => nowMs,
    at: (timeMs) => (nowMs = timeMs),
    log: pino({ level: "silent" }),
    [Symbol.dispose]: () => catalog[Symbol.dispose](),
  };
}

const verified = (damaged: number): Verified => ({
  days: 3650,
  pictures: 3650,
  records: 3650,
  bytes: 2.5e8,
  damaged,
  repaired: 0,
  findings: [],
  repair: false,
});
const summarize = ({ pictures, damaged }: Verified) => ({
  problems: damaged > 0,
  summary: `${damaged} of ${pictures} pictures are damaged`,
  counts: { pictures, damaged },
});

describe("a maintenance run", () => {
  for (const { name, damaged, outcome } of [
    { name: "that found nothing wrong is done", damaged: 0, outcome: "DONE" },
    { name: "that found damage has problems", damaged: 2, outcome: "PROBLEMS" },
  ])
    test(name, async () => {
      using parts = openParts();
      const { run, result } = await asMaintenance(
        "VERIFY",
        "SCHEDULE",
        parts,
        async () => {
          const [underWay] = parts.catalog.listMaintenance({ limit: 1 });
          assert.equal(underWay?.endedMs, undefined);
          assert.deepEqual(underWay?.counts, {});
          parts.at(STARTED_MS + 5000);
          return verified(damaged);
        },
        summarize,
      );
      assert.equal(result.damaged, damaged);
      assert.deepEqual(run, {
        id: run.id,
        kind: "VERIFY",
        trigger: "SCHEDULE",
        startedMs: STARTED_MS,
        endedMs: STARTED_MS + 5000,
        outcome,
        summary: `${damaged} of 3650 pictures are damaged`,
        counts: { pictures: 3650, damaged },
        errorCode: undefined,
        errorMessage: undefined,
        place: undefined,
      });
      assert.deepEqual(parts.catalog.findMaintenance(run.id), run);
    });

  for (const { name, error, code, logged } of [
    {
      name: "that could not go on keeps its error's code; the log alone has the whole path",
      error: new StoreFailed("No room", { path: "/mnt/disk/x" }),
      code: "STORE_FAILED",
      logged: { level: 40, code: "STORE_FAILED", reason: "No room", path: "/mnt/disk/x" },
    },
    {
      name: "that failed unexpectedly is INTERNAL, and logged with its stack",
      error: new RangeError("A bug"),
      code: "INTERNAL",
      logged: { level: 50, code: "INTERNAL" },
    },
  ])
    test(name, async () => {
      using parts = openParts();
      const lines: Record<string, unknown>[] = [];
      const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line) as never) });
      const work = asMaintenance("BACKUP", "COMMAND", { ...parts, log }, () => Promise.reject(error), summarize);
      await assert.rejects(work, error);
      const { time: _time, err, ...line } = lines.at(-1)!;
      assert.deepEqual(line, { ...logged, kind: "BACKUP", trigger: "COMMAND", msg: "maintenance failed" });
      assert.equal(err !== undefined, code === "INTERNAL");
      const [run] = parts.catalog.listMaintenance({ limit: 9 });
      assert.deepEqual(
        [run?.outcome, run?.errorCode, run?.errorMessage, run?.summary],
        ["FAILED", code, error.message, undefined],
      );
    });

  test("that fails keeps what was known of it as it began", async () => {
    using parts = openParts();
    const start = { place: "/mnt/backup", counts: { checkedFiles: 0 } };
    const failing = () => Promise.reject(new StoreFailed("no disk"));
    await assert.rejects(asMaintenance("BACKUP", "COMMAND", parts, failing, summarize, start), StoreFailed);
    const [run] = parts.catalog.listMaintenance({ limit: 1 });
    assert.deepEqual([run?.place, run?.counts], ["/mnt/backup", { checkedFiles: 0 }]);
  });

  test("is done even where the history can't be written", async () => {
    using parts = openParts();
    const full = (): never => {
      throw new Error("database or disk is full");
    };
    const catalog = { startMaintenance: full, findMaintenance: full, endMaintenance: full };
    const { run } = await asMaintenance("VERIFY", "ADMIN", { ...parts, catalog }, async () => verified(1), summarize);
    assert.deepEqual([run.outcome, run.counts], ["PROBLEMS", { pictures: 3650, damaged: 1 }]);
  });

  test("that ends after the catalog was lost is told in the new one, and takes the place of no other run there", async () => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, "catalog.sqlite");
    using catalog = openCatalog(path);
    using memory = openParts();
    const parts = { ...memory, catalog };
    const failing = () => Promise.reject(new StoreFailed("no disk"));
    const { run } = await asMaintenance(
      "VERIFY",
      "SCHEDULE",
      parts,
      async () => {
        await rm(path);
        catalog.checkPlace();
        catalog.renew(() => {});
        await assert.rejects(asMaintenance("BACKUP", "SCHEDULE", parts, failing, summarize));
        return verified(2);
      },
      summarize,
    );
    assert.deepEqual(
      [run.outcome, run.startedMs, run.counts],
      ["PROBLEMS", STARTED_MS, { pictures: 3650, damaged: 2 }],
    );
    assert.deepEqual(
      catalog.listMaintenance({ limit: 9 }).map(({ kind, outcome }) => `${kind} ${outcome}`),
      ["VERIFY PROBLEMS", "BACKUP FAILED"],
    );
  });

  test("that lost its process is closed by a run a day later, and not before", () => {
    using parts = openParts();
    const { catalog } = parts;
    const lost = catalog.startMaintenance({ kind: "VERIFY", trigger: "SCHEDULE", startedMs: STARTED_MS });
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: STARTED_MS + DAY_MS });
    assert.equal(catalog.findMaintenance(lost.id)?.outcome, undefined);
    catalog.startMaintenance({ kind: "BACKUP", trigger: "SCHEDULE", startedMs: STARTED_MS + DAY_MS + 1 });
    assert.equal(catalog.findMaintenance(lost.id)?.errorCode, "INTERNAL", "it has failed, and wasn't stopped");
  });

  test("that lost its process is closed by the next start of the server, unless it is a command's", () => {
    using parts = openParts();
    const { catalog } = parts;
    const triggers = ["SCHEDULE", "STARTUP", "ADMIN", "COMMAND"] as const;
    for (const trigger of triggers) catalog.startMaintenance({ kind: "BACKUP", trigger, startedMs: STARTED_MS });
    catalog.closeLostMaintenance();
    const runs = catalog.listMaintenance({ limit: 9 }).map(({ trigger, outcome }) => `${trigger} ${outcome}`);
    assert.deepEqual(runs, ["COMMAND undefined", "ADMIN FAILED", "STARTUP FAILED", "SCHEDULE FAILED"]);
  });

  test("is listed newest first, by kind and in pages", () => {
    using parts = openParts();
    const kinds = ["VERIFY", "BACKUP", "VERIFY", "RESTORE"] as const;
    const runs = kinds.map((kind) => parts.catalog.startMaintenance({ kind, trigger: "ADMIN", startedMs: STARTED_MS }));
    const ids = (list: { id: number }[]): number[] => list.map(({ id }) => id - runs[0]!.id);
    assert.deepEqual(ids(parts.catalog.listMaintenance({ limit: 9 })), [3, 2, 1, 0]);
    assert.deepEqual(ids(parts.catalog.listMaintenance({ limit: 1, after: runs[2]!.id })), [1]);
    assert.deepEqual(ids(parts.catalog.listMaintenance({ limit: 9, kind: "VERIFY" })), [2, 0]);
  });
});
