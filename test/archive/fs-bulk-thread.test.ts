/** Writing on a thread: it writes as its caller would, and what fails there is told here. */
import assert from "node:assert/strict";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "vitest";
import { startBulkThreads } from "../../src/archive/fs-bulk-thread.ts";
import { sha256Of } from "../../src/archive/reader.ts";
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

  test(`with ${processors} processors days come into a living tree beside what is there, which stays as it is`, async () => {
    await using scratch = await scratchFolder();
    await using elsewhere = await scratchFolder();
    const from = join(scratch.path, "backup");
    const told = (await writeBackup(from)).map(({ folder, files }) => ({ folder, files }));
    const base = join(scratch.path, "archives");
    await mkdir(join(base, "2025/03/02"), { recursive: true });
    await writeFile(join(base, "2025/03/02/notes"), "mine");
    await symlink(elsewhere.path, join(base, "2025/05"));
    await writeFile(join(base, "2025/06"), "no folder");
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(base);
    const left = await writer.copyNew(from, told);
    await writer.settle();
    const taken = (folder: string): boolean => folder === "2025/03/02" || /^2025.0[56]/.test(folder);
    assert.deepEqual(
      left.toSorted(),
      told
        .map(({ folder }) => folder)
        .filter(taken)
        .toSorted(),
    );
    for (const { folder, files } of told.filter((day) => !taken(day.folder)))
      assert.deepEqual(await readdir(join(base, folder)), [files[0]!.name]);
    assert.deepEqual(await readdir(join(base, "2025/03/02")), ["notes"]);
    assert.deepEqual([await readdir(elsewhere.path), await readdir(base)], [[], ["2025"]]);
  });

  test(`with ${processors} processors days are copied, and those that aren't as they were told are named`, async () => {
    await using scratch = await scratchFolder();
    const from = join(scratch.path, "backup");
    const days = await writeBackup(from);
    const [lost, damaged, ...others] = days;
    await rm(join(from, lost!.folder), { recursive: true });
    await writeFile(join(from, damaged!.folder, damaged!.files[0]!.name), "picture X");

    const base = join(scratch.path, "archives");
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(base);
    let done = 0;
    const told = days.map(({ folder, files }) => ({ folder, files }));
    const left = await writer.copyNew(from, told, (count) => (done += count));
    await writer.settle();
    assert.deepEqual([left.toSorted(), done], [[lost!.folder, damaged!.folder].toSorted(), 300]);
    for (const { folder, bytes, files } of others) {
      const path = join(base, folder, files[0]!.name);
      assert.deepEqual([await readFile(path), Math.floor((await stat(path)).mtimeMs)], [bytes, files[0]!.modifiedMs]);
      assert.deepEqual(await readdir(join(base, folder)), [files[0]!.name]);
    }
    assert.deepEqual((await writer.copyNew(from, told)).length, 300);
  });

  test(`with ${processors} processors nothing is left of what is stopped, and all of it can be copied then`, async () => {
    await using scratch = await scratchFolder();
    const from = join(scratch.path, "backup");
    const told = (await writeBackup(from)).map(({ folder, files }) => ({ folder, files }));
    const base = join(scratch.path, "archives");
    await using threads = startBulkThreads({ processors });
    const writer = threads.writerFor(base);
    const stop = (): never => {
      throw new Error("enough");
    };
    await assert.rejects(writer.copyNew(from, told, stop), /enough/);
    assert.deepEqual(await readdir(base), []);
    assert.deepEqual(await writer.copyNew(from, told), []);
  });
}

/** Many more days than a hand is given at a time, each with a picture of its own. */
async function writeBackup(from: string) {
  const days = Array.from({ length: 300 }, (_, at) => {
    const folder = `2025/${String(1 + (at % 12)).padStart(2, "0")}/${String(1 + Math.floor(at / 12)).padStart(2, "0")}`;
    const bytes = Buffer.from(`picture ${at}`);
    const name = `etna_${folder.replaceAll("/", "")}.png`;
    const file = { name, size: bytes.length, sha256: sha256Of(bytes), modifiedMs: 1_762_257_600_000 + at };
    return { folder, bytes, files: [file] };
  });
  for (const { folder, bytes, files } of days) {
    await mkdir(join(from, folder), { recursive: true });
    await writeFile(join(from, folder, files[0]!.name), bytes);
  }
  return days;
}
