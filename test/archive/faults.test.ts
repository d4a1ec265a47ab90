/** A disk on which any single step fails: what is kept stays whole, and the next run succeeds. */
import assert from "node:assert/strict";
import * as fs from "node:fs/promises";
import { describe, test } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import type { FileSystem } from "../../src/archive/file-system.ts";
import { Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { scratchFolder } from "../support/scratch.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";

const day = Day.parse("2025-11-04");
const nextDay = Day.parse("2025-11-05");

const archiveOn = (basePath: string, fileSystem?: FileSystem) =>
  createArchive(createFsStore({ basePath, ...(fileSystem && { fs: fileSystem }) }));

describe("where one step of a save fails", () => {
  const codes = ["ENOSPC", "EIO", "EACCES", "EROFS"];

  test("whichever it is, the day is whole and the next save succeeds", async () => {
    let failures = 0;
    for (let step = 1, reached = true; reached; step++) {
      await using scratch = await scratchFolder();
      const healthy = archiveOn(scratch.path);
      await healthy.save(day, samplePlot("old", "2025-11-04T11:00:00Z"), { compress: true });
      reached = false;
      const code = codes[step % codes.length]!;
      const faulty = watchedFileSystem((_name, _path, count) => {
        if (count !== step) return;
        reached = true;
        throw systemError(code);
      });
      const saved = await archiveOn(scratch.path, faulty)
        .save(day, samplePlot("new"))
        .catch((error: unknown) => {
          assert.ok(error instanceof StoreFailed, `step ${step}: ${String(error)}`);
          assert.equal(error.errno, code);
          assert.ok(!error.message.includes(scratch.path), error.message);
          failures++;
          return undefined;
        });
      const { png } = await healthy.get(day);
      const kept = [samplePng("old"), samplePng("new")].findIndex((known) => Buffer.compare(known, png) === 0);
      assert.ok(kept === 1 || (kept === 0 && saved === undefined), `step ${step} left neither, or not the saved one`);

      await healthy.save(day, samplePlot("new"));
      assert.deepEqual((await healthy.get(day)).png, samplePng("new"));
      assert.equal((await healthy.findRecord(day))?.source?.url, "https://plots.example/2.png");
      const names = await fs.readdir(`${scratch.path}/2025/11/04`);
      assert.deepEqual(names.toSorted(), ["etna_20251104.json", "etna_20251104.png"], `after step ${step}`);
    }
    assert.ok(failures > 20, `only ${failures} steps failed`);
  });

  test("on a new day, the failure leaves no day at all or a whole one", async () => {
    for (let step = 1, reached = true; reached; step++) {
      await using scratch = await scratchFolder();
      reached = false;
      const faulty = watchedFileSystem((_name, _path, count) => {
        if (count !== step) return;
        reached = true;
        throw systemError("ENOSPC");
      });
      await archiveOn(scratch.path, faulty)
        .save(day, samplePlot(1))
        .catch((error: unknown) => {
          assert.ok(error instanceof StoreFailed, `step ${step}: ${String(error)}`);
        });
      const healthy = archiveOn(scratch.path);
      if (await healthy.exists(day)) assert.deepEqual((await healthy.get(day)).png, samplePng(1));
      await healthy.save(day, samplePlot(1));
      assert.equal((await healthy.findRecord(day))?.day, day);
    }
  });
});

describe("cleaning up", () => {
  const policy = { today: Day.parse("2026-01-01"), retentionDays: 1, keepSeries: false };

  test("lets go of what it can where one file can't be removed, and says so at the end", async () => {
    await using scratch = await scratchFolder();
    const denying = watchedFileSystem((name, path) => {
      if (name === "unlink" && String(path).endsWith("etna_20251104.png")) throw systemError("EACCES");
    });
    const archive = archiveOn(scratch.path, denying);
    for (const some of [day, nextDay]) await archive.save(some, samplePlot(some));
    await assert.rejects(archive.cleanup(policy), {
      code: "STORE_FAILED",
      message: "Cannot remove 2025/11/04/etna_20251104.png: permission denied (EACCES)",
    });
    assert.deepEqual(
      (await Array.fromAsync(archive.list())).map((archived) => archived.day),
      [day],
    );
  });

  test("beside saves of the very days that it prunes fails neither", async () => {
    await using scratch = await scratchFolder();
    const saving = archiveOn(scratch.path);
    const cleaning = archiveOn(scratch.path);
    let saves = 0;
    let cleaned = 0;
    const work = async () => {
      for (; saves < 25; saves++)
        assert.equal((await saving.save(day, samplePlot(saves, new Date().toISOString()))).outcome, "ARCHIVED");
    };
    const working = work();
    do cleaned += (await cleaning.cleanup(policy)).days.length;
    while (saves < 25);
    await working;
    assert.ok(cleaned > 0);
    await cleaning.cleanup(policy);
    assert.deepEqual(await fs.readdir(scratch.path), [".etna-archive.lock"]);
  });
});

describe("listing", () => {
  test("reads no more folders than a page needs", async () => {
    await using scratch = await scratchFolder();
    for (let year = 1990; year < 2026; year++)
      for (const rest of ["01/15", "07/01", "07/02"]) {
        const folder = `${scratch.path}/${year}/${rest}`;
        await fs.mkdir(folder, { recursive: true });
        await fs.writeFile(`${folder}/etna_${year}${rest.replace("/", "")}.png`, "");
      }
    let folders = 0;
    const archive = archiveOn(
      scratch.path,
      watchedFileSystem((name) => (folders += Number(name === "readdir"))),
    );
    const page: string[] = [];
    for await (const archived of archive.list({ order: "newest-first" })) {
      page.push(archived.day);
      if (page.length === 5) break;
    }
    assert.deepEqual(page, ["2025-07-02", "2025-07-01", "2025-01-15", "2024-07-02", "2024-07-01"]);
    assert.ok(folders < 40, `read ${folders} of 181 folders`);
  });
});
