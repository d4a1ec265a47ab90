/** Each step of each writing work fails once, in each way: a typed error, a whole archive, and the next run succeeds. */
import assert from "node:assert/strict";
import { cp, mkdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import type { FileSystem, OpenFile } from "../../src/archive/file-system.ts";
import { isDamage } from "../../src/archive/findings.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { scratchFolder } from "../support/scratch.ts";
import { mountDisk } from "../support/small-disk.ts";
import { folderCopies } from "../support/verified-tree.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";

const day = Day.parse("2025-11-04");
const CODES = ["ENOSPC", "EIO", "EACCES", "EROFS"];

/** What writes to an archive that has one gzipped day, `old`, and a good copy of it. */
const WORKS: Record<string, (archive: Archive, copy: string) => Promise<unknown>> = {
  "save a newer plot": (archive) => archive.save(day, samplePlot("new")),
  "save a newer plot gzipped": (archive) => archive.save(day, samplePlot("new"), { compress: true }),
  "save a new day": (archive) => archive.save(Day.parse("2025-11-05"), samplePlot("next", "2025-11-05T12:00:00Z")),
  "mend a record": (archive) =>
    archive.mendRecord(day, { digitizerVersion: 2, read: async () => sampleReading({ version: 2 }) }),
  "clean up": (archive) => archive.cleanup({ today: Day.parse("2026-01-01"), retentionDays: 1, keepSeries: true }),
  repair: async (archive, copy) => {
    const { damaged } = await damageOf(archive);
    if (damaged > 0) await archive.repair(day, { copies: folderCopies(copy) });
  },
};

async function damageOf(archive: Archive): Promise<{ damaged: number }> {
  let damaged = 0;
  for await (const files of archive.survey()) damaged += (await archive.check(files)).findings.filter(isDamage).length;
  return { damaged };
}

/** @param step takes each so many'th step alone, for a short form */
export async function everyStepFails({ step = 1 } = {}) {
  const counts = { works: 0, steps: 0, failed: 0, passedOver: 0 };
  for (const [name, work] of Object.entries(WORKS)) {
    counts.works++;
    for (const code of [...CODES, "short write"])
      for (let at = 1, isReached = true; isReached; at += step) {
        isReached = await failOnce(name, work, code, at, counts);
      }
  }
  return counts;
}

/** @returns false when the work has fewer steps */
async function failOnce(
  name: string,
  work: (typeof WORKS)[string],
  code: string,
  at: number,
  counts: { steps: number; failed: number; passedOver: number },
): Promise<boolean> {
  await using scratch = await scratchFolder();
  const [base, copy] = [join(scratch.path, "archives"), join(scratch.path, "copy")];
  const healthy = createArchive(createFsStore({ basePath: base }));
  await healthy.save(day, samplePlot("old", "2025-11-04T11:00:00Z"), { compress: true, reading: sampleReading() });
  await cp(base, copy, { recursive: true, preserveTimestamps: true });
  if (name === "repair") await rot(join(base, "2025/11/04/etna_20251104.png.gz"));

  let isReached = false;
  const reach = (): void => {
    isReached = true;
  };
  const fs = code === "short write" ? shortWriting(at, reach) : failingAt(at, code, reach);
  const where = `${name}, ${code} at step ${at}`;
  try {
    await work(createArchive(createFsStore({ basePath: base, fs })), copy);
    if (isReached) counts.passedOver++;
  } catch (error) {
    assert.ok(error instanceof StoreFailed, `${where}: ${String(error)}`);
    assert.ok(!error.message.includes(scratch.path), `${where} tells a path: ${error.message}`);
    counts.failed++;
  }
  if (!isReached) return false;
  counts.steps++;

  // The old state or the new one, whole. Under repair the damage may be there still.
  assert.ok(name === "clean up" || (await healthy.find(day)) !== undefined, `${where}: the day is gone`);
  if (name !== "repair") {
    assert.deepEqual(await damageOf(healthy), { damaged: 0 }, where);
    if ((await healthy.find(day)) !== undefined) {
      const { png } = await healthy.get(day);
      assert.ok(
        ["old", "new"].some((seed) => Buffer.compare(samplePng(seed), png) === 0),
        `${where}: neither old nor new`,
      );
    }
  }
  // And the next run succeeds.
  await work(healthy, copy);
  assert.deepEqual(await damageOf(healthy), { damaged: 0 }, `${where}, the run after it`);
  if (name === "repair") assert.equal(Buffer.compare((await healthy.get(day)).png, samplePng("old")), 0, where);
  return true;
}

function failingAt(step: number, code: string, reach: () => void): FileSystem {
  return watchedFileSystem((_name, _path, count) => {
    if (count !== step) return;
    reach();
    throw systemError(code);
  });
}

/** From its so many'th write on, a file takes half of what it is given, and then no more. */
function shortWriting(step: number, reach: () => void): FileSystem {
  let count = 0;
  const plain = watchedFileSystem(() => {});
  return new Proxy(plain, {
    get(target, name) {
      if (name !== "open") return Reflect.get(target, name) as unknown;
      return async (...args: Parameters<FileSystem["open"]>) => {
        const file = await target.open(...args);
        const write: OpenFile["write"] = async (buffer, offset, length) => {
          if (++count < step) return await file.write(buffer, offset, length);
          reach();
          if (count > step) throw systemError("ENOSPC");
          return await file.write(buffer, offset, Math.ceil(length / 2));
        };
        return new Proxy(file, {
          get: (of, member) => (member === "write" ? write : (Reflect.get(of, member) as unknown)),
        });
      };
    },
  });
}

async function rot(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  await writeFile(path, "rotten");
  await utimes(path, atime, mtime);
}

/** A real disk without room, byte by byte fuller, for each of the works. */
export async function fullDisk({ fillings = 12 } = {}) {
  const counts = { works: 0, fillings: 0, failed: 0 };
  for (const [name, work] of Object.entries(WORKS)) {
    counts.works++;
    for (let filling = 0; filling < fillings; filling++) {
      await using disk = await mountDisk("192k");
      await using scratch = await scratchFolder();
      const base = join(disk.path, "archives");
      await mkdir(base);
      const archive = createArchive(createFsStore({ basePath: base }));
      await archive.save(day, samplePlot("old", "2025-11-04T11:00:00Z"), { compress: true, reading: sampleReading() });
      await cp(base, scratch.path, { recursive: true, preserveTimestamps: true });
      if (name === "repair") await rot(join(base, "2025/11/04/etna_20251104.png.gz"));
      const freeBytes = (await archive.freeBytes())!;
      const filler = join(disk.path, "filler");
      await writeFile(filler, Buffer.alloc(Math.max(0, freeBytes - filling * 4096)));
      counts.fillings++;
      try {
        await work(archive, scratch.path);
      } catch (error) {
        assert.ok(error instanceof StoreFailed, `${name}: ${String(error)}`);
        assert.equal(error.errno, "ENOSPC", `${name}: ${error.message}`);
        counts.failed++;
      }
      if (name !== "repair") assert.deepEqual(await damageOf(archive), { damaged: 0 }, name);
      else assert.notEqual(await archive.find(day), undefined, "where no picture is left, none is missed");
      await rm(filler);
      await work(archive, scratch.path);
      assert.deepEqual(await damageOf(archive), { damaged: 0 }, `${name}, once there is room`);
    }
  }
  return counts;
}
