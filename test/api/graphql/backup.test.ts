import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { BackedUp } from "../../../src/jobs/backup.ts";
import { StoreFailed } from "../../../src/model/errors.ts";
import { BackupDocument } from "../../../src/web/operations.ts";
import { ADMIN_TOKEN, startApi } from "../../support/api-server.ts";

const backedUp: BackedUp = {
  run: {
    id: 1,
    kind: "BACKUP",
    trigger: "ADMIN",
    startedMs: 0,
    endedMs: 1000,
    outcome: "PROBLEMS",
    summary: "2 files sent, 8 are backed up",
    counts: {},
    errorCode: undefined,
    errorMessage: undefined,
  },
  files: 8,
  bytes: 5_000_000_000,
  sentFiles: 2,
  sentBytes: 44_000,
  unchangedFiles: 5,
  keptFiles: 1,
  prunedFiles: 0,
  problems: [{ key: "2025/11/04/etna_20251104.png", message: "damaged" }],
  manifest: "manifests/00000001.jsonl.gz",
};

describe("the mutation backup", () => {
  test("answers what was sent and what wasn't", async () => {
    const asked: object[] = [];
    await using server = await startApi({ services: { backUp: async (options) => (asked.push(options), backedUp) } });
    const { data } = await server.ask(BackupDocument, { input: { prune: true } }, ADMIN_TOKEN);
    const { run: _run, manifest: _manifest, ...counts } = backedUp;
    assert.deepEqual(data?.backup, {
      __typename: "BackupSuccess",
      run: { kind: "BACKUP", outcome: "PROBLEMS", summary: "2 files sent, 8 are backed up" },
      ...counts,
    });
    assert.deepEqual(asked, [{ prune: true }]);
  });

  test("tells a failing target as a result", async () => {
    const backUp = () => Promise.reject(new StoreFailed("Cannot write 2025 in the backup: no space (ENOSPC)"));
    await using server = await startApi({ services: { backUp } });
    const { data } = await server.ask(BackupDocument, {}, ADMIN_TOKEN);
    assert.deepEqual(data?.backup, {
      __typename: "StoreFailed",
      code: "STORE_FAILED",
      message: "Cannot write 2025 in the backup: no space (ENOSPC)",
    });
  });

  test("says that there is none where none is set up", async () => {
    await using server = await startApi();
    const { data } = await server.ask(BackupDocument, {}, ADMIN_TOKEN);
    assert.equal(data?.backup.__typename, "InvalidRequest");
  });

  test("is an admin's alone", async () => {
    await using server = await startApi();
    const { errors } = await server.ask(BackupDocument, {});
    assert.ok(errors?.length === 1);
  });
});
