/** Disks that are really full, read-only or denied. What this machine doesn't let us make is skipped. */
import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { runtimes, startScript } from "../support/runtimes.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { mayMount, mountDisk } from "../support/small-disk.ts";

const day = Day.parse("2025-11-04");
const nextDay = Day.parse("2025-11-05");

const failsWith = (errno: string, says: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFailed, String(error));
  assert.equal(error.errno, errno);
  assert.match(error.message, says);
  assert.doesNotMatch(error.message, /\/tmp|disk\//, "a whole path is for logs alone");
  assert.ok(error.path?.includes("disk"));
  return true;
};

describe.skipIf(!(await mayMount()))("a real disk", () => {
  test("that is full refuses in words, keeps the old day, and takes the next one when there is room", async () => {
    await using disk = await mountDisk("128k");
    const archive = createArchive(createFsStore({ basePath: join(disk.path, "archives") }));
    await archive.save(day, samplePlot(1));
    const before = await archive.get(day);
    await fs.writeFile(join(disk.path, "filler"), Buffer.alloc(80 << 10));

    await assert.rejects(
      archive.save(day, samplePlot(2)),
      failsWith("ENOSPC", /^Cannot write 2025\/11\/04\/etna_20251104\.png: no space left/),
    );
    await assert.rejects(archive.save(nextDay, samplePlot(2)), failsWith("ENOSPC", /2025\/11\/05/));
    await assert.rejects(
      fs.writeFile(join(disk.path, "filler"), Buffer.alloc(1 << 20)).then(() => archive.checkWritable()),
      { code: "ENOSPC" },
    );
    await assert.rejects(archive.checkWritable(), failsWith("ENOSPC", /^Cannot write to the archive: no space left/));
    assert.deepEqual(await archive.get(day), before);
    assert.equal(await archive.freeBytes(), 0);

    await fs.unlink(join(disk.path, "filler"));
    await archive.checkWritable();
    assert.equal((await archive.save(day, samplePlot(2))).outcome, "ARCHIVED");
    const left = (await fs.readdir(join(disk.path, "archives"), { recursive: true })).filter((name) =>
      name.includes("tmp"),
    );
    assert.deepEqual(left, []);
  });

  test("that is full from the start says so at the lock", async () => {
    await using disk = await mountDisk("4k");
    await fs.writeFile(join(disk.path, "filler"), Buffer.alloc(4 << 10));
    const archive = createArchive(createFsStore({ basePath: disk.path }));
    await assert.rejects(archive.save(day, samplePlot(1)), failsWith("ENOSPC", /no space left/));
  });

  for (const { name, lockThere } of [
    { name: "with our lock on it", lockThere: true },
    { name: "of the old system", lockThere: false },
  ])
    test(`that is read-only, ${name}, is read, and refuses in words`, async () => {
      await using disk = await mountDisk("1m");
      const archive = createArchive(createFsStore({ basePath: disk.path }));
      await archive.save(day, samplePlot(1));
      if (!lockThere)
        for (const name of await fs.readdir(disk.path))
          if (name.startsWith(".")) await fs.unlink(join(disk.path, name));
      const before = await archive.get(day);
      disk.remountReadOnly();

      assert.deepEqual(await archive.get(day), before);
      assert.equal((await Array.fromAsync(archive.list())).length, 1);
      assert.ok(await archive.findRecord(day));
      await assert.rejects(archive.save(day, samplePlot(2)), failsWith("EROFS", /read-only file system \(EROFS\)/));
      await assert.rejects(archive.checkWritable(), failsWith("EROFS", /read-only file system/));
      await assert.rejects(
        archive.cleanup({ today: Day.parse("2026-01-01"), retentionDays: 1, keepSeries: true }),
        failsWith("EROFS", /./),
      );
    });

  test("that is read-only takes no backup, as a file in the place of one doesn't, and says why", async () => {
    await using disk = await mountDisk("64k");
    const file = join(disk.path, "a-file");
    await fs.writeFile(file, "");
    disk.remountReadOnly();
    for (const { path, errno, says } of [
      { path: disk.path, errno: "EROFS", says: /^Cannot lock the backup: read-only file system/ },
      { path: file, errno: "ENOTDIR", says: /^Cannot lock the backup: not a (folder|directory)/ },
    ])
      await assert.rejects(
        createFolderTarget({ path }).exclusively(() => Promise.resolve()),
        failsWith(errno, says),
      );
  });
});

// Root is denied nothing, so a process of another user does the asking; Node, which needs no cache of its own for that.
const node = runtimes.find((runtime) => runtime.name === "node");
const NOBODY = 65534;

describe.skipIf(process.getuid?.() !== 0 || node === undefined)("a real denial", () => {
  const saveAsNobody = async (basePath: string) => {
    await using child = startScript("torture/save-once.ts", [basePath], node, { user: NOBODY });
    return (await child.lines.next()).value as string;
  };
  async function openTree() {
    const scratch = await scratchFolder();
    await fs.chmod(scratch.path, 0o755);
    const basePath = join(scratch.path, "archives");
    const archive = createArchive(createFsStore({ basePath }));
    await archive.save(day, samplePlot(1));
    return { archive, basePath, scratch, [Symbol.asyncDispose]: scratch[Symbol.asyncDispose] };
  }

  test("of the base says so at the lock", async () => {
    await using tree = await openTree();
    assert.equal(await saveAsNobody(tree.basePath), "EACCES Cannot lock the archive: permission denied (EACCES)");
  });

  test("of the place for the base names no path of the machine", async () => {
    await using tree = await openTree();
    const beyond = join(tree.scratch.path, "other/archives");
    assert.equal(await saveAsNobody(beyond), "EACCES Cannot write to the archive: permission denied (EACCES)");
  });

  test("of the day's folder names the file, and leaves the day as it was", async () => {
    await using tree = await openTree();
    const before = await tree.archive.get(day);
    await fs.chown(tree.basePath, NOBODY, NOBODY);
    await fs.chown(join(tree.basePath, ".etna-archive.lock"), NOBODY, NOBODY);
    assert.equal(
      await saveAsNobody(tree.basePath),
      "EACCES Cannot write 2025/11/04/etna_20251104.png: permission denied (EACCES)",
    );
    assert.deepEqual(await tree.archive.get(day), before);
    for (const folder of ["2025/11/04", "2025/11", "2025"]) await fs.chown(join(tree.basePath, folder), NOBODY, NOBODY);
    assert.equal(await saveAsNobody(tree.basePath), "ARCHIVED");
  });

  test("of the lock alone names the lock", async () => {
    await using tree = await openTree();
    await fs.chown(tree.basePath, NOBODY, NOBODY);
    assert.equal(
      await saveAsNobody(tree.basePath),
      "EACCES Cannot lock the archive by .etna-archive.lock: attempt to write a readonly database",
    );
  });
});
