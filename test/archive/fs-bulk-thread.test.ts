/** Writing on a thread: it writes as its caller would, and what fails there is told here. */
import assert from "node:assert/strict";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { startBulkThreads } from "../../src/archive/fs-bulk-thread.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { scratchFolder } from "../support/scratch.ts";

const key = "2025/11/04/etna_20251104.png";
const picture = () => ({ key, bytes: new Uint8Array([1, 2, 3]), modifiedMs: undefined });

for (const processors of [1, 2]) {
  test(`with ${processors} processors new files are written, settled, and no day is written twice`, async () => {
    await using scratch = await scratchFolder();
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(scratch.path);
    assert.deepEqual(await writer.putNew([picture()]), []);
    await writer.settle();
    assert.deepEqual([...(await readFile(join(scratch.path, key)))], [1, 2, 3]);
    const [left] = await writer.putNew([picture()]);
    assert.deepEqual([left?.key, [...left!.bytes]], [key, [1, 2, 3]]);
  });

  test(`with ${processors} processors a part of a larger buffer is written without the rest`, async () => {
    await using scratch = await scratchFolder();
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(scratch.path);
    const all = new Uint8Array([0, 1, 2, 3, 4]);
    assert.deepEqual(await writer.putNew([{ ...picture(), bytes: all.subarray(1, 4) }]), []);
    assert.deepEqual([...(await readFile(join(scratch.path, key)))], [1, 2, 3]);
    assert.equal(all.length, 5);
  });

  test(`with ${processors} processors a disk that can't be written is a StoreFailed with its path and errno`, async () => {
    await using scratch = await scratchFolder();
    const base = join(scratch.path, "file");
    await writeFile(base, "");
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(join(base, "archives"));
    await assert.rejects(writer.putNew([picture()]), (error) => {
      assert.ok(error instanceof StoreFailed);
      assert.deepEqual([error.errno, error.path], ["ENOTDIR", join(base, "archives", key)]);
      return true;
    });
  });

  test(`with ${processors} processors nothing is written through a link`, async () => {
    await using scratch = await scratchFolder();
    await using elsewhere = await scratchFolder();
    await symlink(elsewhere.path, join(scratch.path, "2025"));
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(scratch.path);
    const left = await writer.putNew([picture()]);
    assert.deepEqual(
      left.map((file) => file.key),
      [key],
    );
  });
}
