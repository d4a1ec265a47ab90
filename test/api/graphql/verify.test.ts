/** Verification as a client meets it: the mutation, its history, and the metric. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Verified } from "../../../src/jobs/verified.ts";
import { summarize } from "../../../src/jobs/verify.ts";
import { Day } from "../../../src/model/day.ts";
import { StoreFailed } from "../../../src/model/errors.ts";
import { MaintenanceRunsDocument, VerifyDocument } from "../../../src/web/operations.ts";
import { ADMIN_TOKEN, startApi, type ApiServer } from "../../support/api-server.ts";

const STARTED_MS = Date.parse("2025-11-09T02:40:00Z");
const day = Day.parse("2025-11-04");

const verified = (repair: boolean): Verified => ({
  days: 2,
  pictures: 2,
  records: 2,
  bytes: 3e9,
  damaged: 2,
  repaired: repair ? 1 : 0,
  repair,
  findings: [
    { kind: "FOREIGN_FILE", day: undefined, file: "notes.txt", message: "Not a name of ours", repaired: false },
    { kind: "PICTURE_DAMAGED", day, file: "2025/11/04/etna_20251104.png", message: "Cut off", repaired: false },
    { kind: "CATALOG_DAMAGED", day, file: undefined, message: "Wrong", repaired: repair },
  ],
});

let api: ApiServer;
let fails = false;
beforeAll(async () => {
  api = await startApi({
    services: {
      async verify({ repair }) {
        if (fails) throw new StoreFailed("Cannot list the archive: input/output error (EIO)", { path: "/secret" });
        const { id } = api.catalog.startMaintenance({ kind: "VERIFY", trigger: "ADMIN", startedMs: STARTED_MS });
        const { problems, summary, counts } = summarize(verified(repair));
        const outcome = problems ? "PROBLEMS" : "DONE";
        const run = api.catalog.endMaintenance(id, { endedMs: STARTED_MS + 5000, outcome, summary, counts });
        return { run, verified: verified(repair) };
      },
    },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

describe("the mutation verify", () => {
  test("answers counts and findings, and its entry in the history", async () => {
    const { data } = await api.ask(VerifyDocument, { input: { repair: true } }, ADMIN_TOKEN);
    const answer = data!.verify;
    assert.ok(answer.__typename === "VerifySuccess");
    assert.deepEqual([answer.days, answer.bytes, answer.damaged, answer.repaired], [2, 3e9, 2, 1]);
    assert.deepEqual(answer.findings[1], {
      kind: "PICTURE_DAMAGED",
      date: "2025-11-04",
      file: "2025/11/04/etna_20251104.png",
      message: "Cut off",
      repaired: false,
    });
    assert.deepEqual([answer.run.outcome, answer.run.kind, answer.run.trigger], ["PROBLEMS", "VERIFY", "ADMIN"]);
    const history = await api.ask(MaintenanceRunsDocument, { kind: "VERIFY", first: 1 });
    assert.deepEqual(history.data!.maintenanceRuns.edges[0]?.node, answer.run);
    const counts = Object.fromEntries(answer.run.counts.map(({ name, count }) => [name, count]));
    assert.deepEqual([counts["damaged"], counts["remarks"]], [2, 1]);
  });

  test("answers as many findings as are asked for", async () => {
    const { data } = await api.ask(VerifyDocument, { first: 1 }, ADMIN_TOKEN);
    assert.ok(data!.verify.__typename === "VerifySuccess");
    assert.equal(data!.verify.findings.length, 1);
  });

  test("has a result for an archive that can't be listed, without a path", async () => {
    fails = true;
    const { data } = await api.ask(VerifyDocument, {}, ADMIN_TOKEN);
    fails = false;
    assert.deepEqual(data!.verify, {
      __typename: "StoreFailed",
      code: "STORE_FAILED",
      message: "Cannot list the archive: input/output error (EIO)",
    });
  });

  test("needs the admin's token", async () => {
    const { errors } = await api.ask(VerifyDocument, {});
    assert.equal(errors?.[0]?.extensions.code, "UNAUTHENTICATED");
  });
});

test("the metrics tell what the last verification left damaged, and when it ended", async () => {
  await api.ask(VerifyDocument, { input: { repair: true } }, ADMIN_TOKEN);
  const text = await (await api.fetch("/metrics")).text();
  assert.match(text, /^etna_archive_verify_damaged 1$/m);
  assert.match(text, new RegExp(`^etna_archive_verify_timestamp_seconds ${(STARTED_MS + 5000) / 1000}$`, "m"));
});
