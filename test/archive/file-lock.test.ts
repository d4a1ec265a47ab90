import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, test } from "vitest";
import { createFsStore, LOCK_NAME } from "../../src/archive/fs-store.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { runtimes, startScript } from "../support/runtimes.ts";
import { scratchFolder } from "../support/scratch.ts";

const done = async () => "done";
const FOREIGN = "not a database, and longer than its header: ".repeat(30);

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

  for (const { name, make } of [
    {
      name: "a link",
      make: (at: string) => fs.symlink("elsewhere", at),
    },
    { name: "a folder", make: (at: string) => fs.mkdir(at) },
    { name: "a named pipe", make: (at: string) => promisify(execFile)("mkfifo", [at]) },
  ])
    test(`can't be had where its name is taken by ${name}, and leaves that alone`, async () => {
      await using scratch = await scratchFolder();
      const at = join(scratch.path, LOCK_NAME);
      await make(at);
      const before = await fs.lstat(at);
      await assert.rejects(createFsStore({ basePath: scratch.path }).exclusively(done), {
        code: "STORE_FAILED",
        message: `Cannot lock the archive: ${LOCK_NAME} isn't a regular file: remove it`,
        path: at,
      });
      const after = await fs.lstat(at);
      assert.deepEqual([after.ino, after.size, after.mtimeMs], [before.ino, before.size, before.mtimeMs]);
      assert.deepEqual(await fs.readdir(scratch.path), [LOCK_NAME]);
    });

  test("is emptied where a disk or somebody has put bytes into it, the first of which are kept beside it", async () => {
    await using scratch = await scratchFolder();
    const at = join(scratch.path, LOCK_NAME);
    await fs.writeFile(at, FOREIGN);
    const { ino } = await fs.stat(at);
    for (const later of ["", "", "other bytes ".repeat(100), ""]) {
      if (later !== "") await fs.writeFile(at, later);
      assert.equal(await createFsStore({ basePath: scratch.path }).exclusively(done), "done");
    }
    const { ino: inoNow, size } = await fs.stat(at);
    assert.deepEqual([inoNow, size], [ino, 0], "it is the same file, as others may have it open");
    assert.equal(await fs.readFile(`${at}.damaged`, "utf8"), FOREIGN);
  });

  test("is no less another's that has it where that happens", async () => {
    await using scratch = await scratchFolder();
    await using holder = startScript("torture/lock-holder.ts", [scratch.path]);
    assert.equal((await holder.lines.next()).value, "locked");
    await fs.writeFile(join(scratch.path, LOCK_NAME), FOREIGN);
    await assert.rejects(createFsStore({ basePath: scratch.path, lockWaitMs: 30 }).exclusively(done), {
      message: "Cannot lock the archive: another writer has kept it for 0.03 s",
    });
    holder.process.kill("SIGKILL");
    assert.equal(await holder.ended, "SIGKILL");
    assert.equal(await createFsStore({ basePath: scratch.path }).exclusively(done), "done");
  });

  test("is no less another's of this process, where that happens", async () => {
    await using scratch = await scratchFolder();
    const release = Promise.withResolvers<void>();
    const has = Promise.withResolvers<void>();
    const holding = createFsStore({ basePath: scratch.path }).exclusively(() => {
      has.resolve();
      return release.promise;
    });
    await has.promise;
    // By its path alone: who opens it in this process and closes it gives the lock away.
    await promisify(execFile)("sh", ["-c", 'printf "%s" "$1" > "$2"', "sh", FOREIGN, join(scratch.path, LOCK_NAME)]);
    await assert.rejects(createFsStore({ basePath: scratch.path, lockWaitMs: 30 }).exclusively(done), {
      message: "Cannot lock the archive: another writer has kept it for 0.03 s",
    });
    release.resolve();
    await holding;
    assert.equal(await createFsStore({ basePath: scratch.path }).exclusively(done), "done");
  });
});
