import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import { createFsStore, LOCK_NAME } from "../../src/archive/fs-store.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { runtimes, startScript } from "../support/runtimes.ts";
import { scratchFolder } from "../support/scratch.ts";

const done = async () => "done";

describe("the lock of a tree", () => {
  for (const runtime of runtimes)
    test(`keeps others out while a ${runtime.name} process has it, and is free once that is killed`, async () => {
      await using scratch = await scratchFolder();
      await using holder = startScript("torture/lock-holder.ts", [scratch.path], runtime);
      assert.equal((await holder.lines.next()).value, "locked");
      const { ino } = await fs.stat(join(scratch.path, LOCK_NAME));

      const impatient = createFsStore({ basePath: scratch.path, lockWaitMs: 30 });
      await assert.rejects(impatient.exclusively(done), (error) => {
        assert.ok(error instanceof StoreFailed);
        assert.equal(error.message, "Cannot lock the archive: another writer has kept it for 0.03 s");
        return true;
      });
      const patient = createFsStore({ basePath: scratch.path }).exclusively(done);
      holder.process.kill("SIGKILL");
      assert.equal(await holder.ended, "SIGKILL");
      assert.equal(await patient, "done");
      assert.equal(await createFsStore({ basePath: scratch.path, lockWaitMs: 0 }).exclusively(done), "done");
      // Who removed the file would hold a lock that no one else sees; and nothing lies beside it.
      const { ino: inoNow, size } = await fs.stat(join(scratch.path, LOCK_NAME));
      assert.deepEqual([inoNow, size], [ino, 0]);
      assert.deepEqual(await fs.readdir(scratch.path), [LOCK_NAME]);
    });

  test("is shared fairly: a waiting store gets its turn though another never stops asking", async () => {
    await using scratch = await scratchFolder();
    const greedy = createFsStore({ basePath: scratch.path });
    let stop = false;
    let rounds = 0;
    const asking = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!stop) await greedy.exclusively(async () => rounds++);
      }),
    );
    for (let turn = 0; turn < 3; turn++)
      assert.equal(await createFsStore({ basePath: scratch.path, lockWaitMs: 5000 }).exclusively(done), "done");
    stop = true;
    await asking;
    assert.ok(rounds > 0);
  });

  for (const { name, make, says } of [
    {
      name: "a link",
      make: (at: string) => fs.symlink("elsewhere", at),
      says: `Cannot lock the archive: ${LOCK_NAME} isn't a regular file`,
    },
    {
      name: "a folder",
      make: (at: string) => fs.mkdir(at),
      says: `Cannot lock the archive: ${LOCK_NAME} isn't a regular file`,
    },
    {
      name: "someone's text",
      make: (at: string) => fs.writeFile(at, "not a database, and longer than its header: ".repeat(30)),
      says: `Cannot lock the archive by ${LOCK_NAME}: file is not a database`,
    },
  ])
    test(`can't be had where its name is taken by ${name}, and leaves that alone`, async () => {
      await using scratch = await scratchFolder();
      const at = join(scratch.path, LOCK_NAME);
      await make(at);
      const before = await fs.lstat(at);
      await assert.rejects(createFsStore({ basePath: scratch.path }).exclusively(done), {
        code: "STORE_FAILED",
        message: says,
        path: at,
      });
      const after = await fs.lstat(at);
      assert.deepEqual([after.ino, after.size, after.mtimeMs], [before.ino, before.size, before.mtimeMs]);
      assert.deepEqual(await fs.readdir(scratch.path), [LOCK_NAME]);
    });
});
