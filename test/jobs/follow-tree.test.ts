import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pino } from "pino";
import { afterEach, beforeEach, describe, test } from "vitest";
import type { Archive } from "../../src/archive/archive.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import type { FileSystem } from "../../src/archive/file-system.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { sha256Of } from "../../src/archive/reader.ts";
import { openCatalog, type Catalog } from "../../src/catalog/catalog.ts";
import { createDigitizer } from "../../src/jobs/digitizer.ts";
import { recordKey } from "../../src/archive/keys.ts";
import { whyNotBelowDisk } from "../../src/jobs/emptied.ts";
import { followTree, renewCatalog } from "../../src/jobs/follow-tree.ts";
import { rebuild } from "../../src/jobs/rebuild.ts";
import { importTree } from "../../src/jobs/import-tree.ts";
import { indexDay, putFiles, type IndexParts } from "../../src/jobs/index-day.ts";
import { Day } from "../../src/model/day.ts";
import { demoPlots } from "../../src/source/demo.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";

let folder: string;
let catalog: Catalog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "etna-follow-"));
  catalog = openCatalog(":memory:");
});
afterEach(async () => {
  catalog[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

function parts(base = "archives", fs?: FileSystem): IndexParts {
  const archive = createArchive(createFsStore({ basePath: join(folder, base), ...(fs && { fs }) }));
  return { archive, catalog, log: pino({ level: "silent" }) };
}
const listed = (): string[] => catalog.listDays({ order: "OLDEST_FIRST" }).map(({ key }) => key);

async function put(name: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), bytes);
}

/** A file that is newer than all that the archive has written. */
async function putLater(name: string, bytes: Uint8Array): Promise<void> {
  await put(name, bytes);
  const later = new Date(Date.now() + 10_000);
  await utimes(join(folder, name), later, later);
}

describe("followTree", () => {
  test("lists an old tree, whatever else lies in it", async () => {
    await put("archives/2025/11/03/etna_20251103.png", samplePng(3));
    await put("archives/2025/11/04/etna_20251104.png.gz", gzipSync(samplePng(4)));
    await put("archives/2025/11/04/notes.txt", Buffer.from("mine"));
    await put("archives/2025/13/40/etna_20251340.png", samplePng(1));
    await mkdir(join(folder, "archives/2025/11/05/etna_20251105.png"), { recursive: true });
    await symlink("/nowhere", join(folder, "archives/2025/12"));
    assert.deepEqual(await followTree(parts()), { changed: 2, gone: 0 });
    assert.deepEqual(listed(), ["2025/11/03/etna_20251103.png", "2025/11/04/etna_20251104.png.gz"]);
  });

  test("finds nothing new in a tree that it has seen", async () => {
    await parts().archive.save(Day.parse("2025-11-04"), samplePlot(1));
    await followTree(parts());
    assert.deepEqual(await followTree(parts()), { changed: 0, gone: 0 });
  });

  test("lets go of a day that went while the disk didn't give what its record says", async () => {
    const days = [Day.parse("2025-11-03"), Day.parse("2025-11-04")] as const;
    let fails = false;
    const fs = watchedFileSystem((called, path) => {
      if (fails && called === "open" && String(path).endsWith("20251103.json")) throw systemError("EIO");
    });
    const followed = parts("archives", fs);
    for (const day of days) await followed.archive.save(day, samplePlot(day), { reading: sampleReading() });
    await followTree(followed);
    fails = true;
    await putLater("archives/2025/11/03/etna_20251103.json", Buffer.from("{}"));
    await followTree(followed);
    await rm(join(folder, "archives/2025/11/03"), { recursive: true });
    assert.deepEqual(await followTree(followed), { changed: 0, gone: 1 });
    assert.deepEqual(listed(), ["2025/11/04/etna_20251104.png"]);
    assert.equal(catalog.findReading(days[0]), undefined);
  });

  test("reads the numbers later that the disk doesn't give just now, and keeps those that it knows until then", async () => {
    const [letGo, today] = [Day.parse("2025-11-03"), Day.parse("2025-11-04")];
    let fails = false;
    const fs = watchedFileSystem((called, path) => {
      if (fails && called === "open" && String(path).endsWith(".json")) throw systemError("EMFILE");
    });
    const told: { msg: string; days: number }[] = [];
    const log = pino({}, { write: (line: string) => told.push(JSON.parse(line)) });
    const { archive, ...rest } = parts("archives", fs);
    const follow = () => followTree({ archive, ...rest, log });
    for (const day of [letGo, today]) await archive.save(day, samplePlot(day), { reading: sampleReading() });
    await archive.cleanup({ today, retentionDays: 1, keepSeries: true });
    fails = true;
    await follow();
    assert.deepEqual(listed(), ["2025/11/04/etna_20251104.png"]);
    assert.equal(catalog.findReading(letGo), undefined);
    assert.deepEqual(
      told.map(({ msg, days }) => ({ msg, days })),
      [{ msg: "files of days can't be read now", days: 2 }],
    );
    const { problems } = await rebuild({ archive, ...rest, digitizer: createDigitizer() });
    assert.deepEqual(
      problems.map(({ day }) => day),
      [letGo, today],
    );
    fails = false;
    await follow();
    for (const day of [letGo, today]) assert.equal(catalog.findReading(day)?.samples.length, 996);
    const { sha256 } = catalog.findDay(today)!;
    assert.equal(sha256, (await archive.get(today)).sha256);
    assert.deepEqual(await follow(), { changed: 0, gone: 0 });

    const newer = samplePlot("newer", "2025-11-04T18:00:00Z");
    await archive.save(today, newer, { reading: sampleReading({ axisEnd: "2025-11-04T19:00:00Z" }) });
    fails = true;
    await follow();
    assert.equal(catalog.findReading(today)?.samples.length, 996);
    fails = false;
    await follow();
    assert.equal(catalog.findDay(today)?.sha256, sha256Of(newer.png));
  });

  test("tells of no change and of no new picture while the disk doesn't give a day's record, nor once it does", async () => {
    const day = Day.parse("2025-11-04");
    let fails = false;
    const fs = watchedFileSystem((called, path) => {
      if (fails && called === "open" && String(path).endsWith(".json")) throw systemError("EMFILE");
    });
    const heard: string[] = [];
    const followed = { ...parts("archives", fs), onPicture: (picture: { day: Day }) => heard.push(picture.day) };
    await followed.archive.save(day, samplePlot(1), { reading: sampleReading() });
    await followTree(followed);
    heard.length = 0;
    const before = catalog.findDay(day);
    const later = new Date(Date.now() + 10_000);
    await utimes(join(folder, "archives", recordKey(day)), later, later);
    fails = true;
    for (let minute = 0; minute < 2; minute++) assert.deepEqual(await followTree(followed), { changed: 0, gone: 0 });
    assert.deepEqual(catalog.findDay(day), before);
    fails = false;
    assert.deepEqual(await followTree(followed), { changed: 1, gone: 0 });
    assert.deepEqual(heard, []);
  });

  test("notices a picture that came, one that changed and one that went", async () => {
    for (const date of ["2025-11-01", "2025-11-02"]) await parts().archive.save(Day.parse(date), samplePlot(date));
    await followTree(parts());
    const first = catalog.findDay(Day.parse("2025-11-01"));
    await rm(join(folder, "archives/2025/11/02"), { recursive: true });
    await parts().archive.save(Day.parse("2025-11-01"), samplePlot("newer", "2025-11-04T13:00:00Z"));
    await parts().archive.save(Day.parse("2025-11-03"), samplePlot("another"));
    assert.deepEqual(await followTree(parts()), { changed: 2, gone: 1 });
    assert.deepEqual(
      catalog.listDays({ order: "OLDEST_FIRST" }).map(({ day }) => day),
      ["2025-11-01", "2025-11-03"],
    );
    assert.notEqual(catalog.findDay(Day.parse("2025-11-01"))?.sha256, first?.sha256);
  });

  test("lets stand what a run has archived while it looked at the tree", async () => {
    const [first, next] = [Day.parse("2025-11-01"), Day.parse("2025-11-02")];
    const { archive, ...rest } = parts();
    await archive.save(first, samplePlot(1));
    await followTree({ archive, ...rest });
    async function* overtaken(...range: Parameters<Archive["survey"]>) {
      const found = await Array.fromAsync(archive.survey(...range));
      await archive.save(first, samplePlot("newer", "2025-11-04T13:00:00Z"));
      await archive.save(next, samplePlot(2));
      for (const day of [first, next]) await indexDay(day, { archive, ...rest });
      yield* found;
    }
    const { sha256 } = await archive.get(first);
    await followTree({ ...rest, archive: { ...archive, survey: overtaken } });
    assert.deepEqual(listed(), ["2025/11/01/etna_20251101.png", "2025/11/02/etna_20251102.png"]);
    assert.notEqual(catalog.findDay(first)?.sha256, sha256);
  });

  test("looks again at a day of which somebody has put what was there before, while it looked at the tree", async () => {
    const day = Day.parse("2025-11-04");
    const file = "archives/2025/11/04/etna_20251104.png";
    const { archive, ...rest } = parts();
    await put(file, samplePng(1));
    await followTree({ archive, ...rest });
    const [before] = await Array.fromAsync(archive.survey({ from: day, to: day }));
    await putLater(file, samplePng(2));
    let isOvertaken = false;
    async function* overtaken(...range: Parameters<Archive["survey"]>) {
      const found = await Array.fromAsync(archive.survey(...range));
      const record = { ...before!.picture!, key: recordKey(day) };
      if (!isOvertaken) putFiles({ ...before!, record }, undefined, rest);
      isOvertaken = true;
      yield* found;
    }
    await followTree({ ...rest, archive: { ...archive, survey: overtaken } });
    assert.equal(catalog.findDay(day)?.modifiedMs, (await archive.find(day))?.modifiedMs);
  });

  test("lets stand what a run has archived while it read the records", async () => {
    const day = Day.parse("2025-11-01");
    const { archive, ...rest } = parts();
    await archive.save(day, samplePlot(1));
    async function findRecord(of: Day) {
      const found = await archive.findRecord(of);
      await archive.save(day, samplePlot("newer", "2025-11-04T13:00:00Z"));
      await indexDay(day, { archive, ...rest });
      return found;
    }
    await followTree({ ...rest, archive: { ...archive, findRecord } });
    const { sha256, modifiedMs } = await archive.get(day);
    const known = catalog.findDay(day);
    assert.deepEqual([known?.sha256, known?.modifiedMs], [sha256, modifiedMs]);
  });

  for (const { name, lose } of [
    { name: "is missing", lose: (base: string) => rename(base, join(folder, "away")) },
    {
      name: "is empty, as that of a disk that isn't mounted",
      lose: async (base: string) => {
        await rename(base, join(folder, "away"));
        await mkdir(base);
      },
    },
  ])
    test(`lets go of no day where the archive's folder ${name}, until the archive has a day again`, async () => {
      for (const date of ["2025-11-01", "2025-11-02"]) await parts().archive.save(Day.parse(date), samplePlot(date));
      await followTree(parts());
      const before = listed();
      await lose(join(folder, "archives"));
      for (const range of [{}, { from: Day.parse("2025-11-02") }])
        await assert.rejects(followTree(parts(), range), {
          code: "STORE_FAILED",
          message: /any of the 2 days that the catalog knows is there\. Is its disk mounted\?$/,
        });
      assert.deepEqual(listed(), before);

      await parts().archive.save(Day.parse("2025-11-03"), samplePlot(3));
      assert.deepEqual(await followTree(parts()), { changed: 1, gone: 2 });
      assert.deepEqual(listed(), ["2025/11/03/etna_20251103.png"]);
    });

  test("keeps its catalog where that is gone with the archive, as from a disk that holds both, until it is back or begun anew", async () => {
    const path = join(folder, "disk/catalog.sqlite");
    using onDisk = openCatalog(path);
    const archive: Archive = createArchive(createFsStore({ basePath: join(folder, "disk/archives") }), {
      whyGone: () => whyNotBelowDisk({ archive, catalog: onDisk }),
    });
    const both = { archive, catalog: onDisk, log: pino({ level: "silent" }) };
    await archive.save(Day.parse("2025-11-01"), samplePlot(1));
    await followTree(both);
    await rename(join(folder, "disk"), join(folder, "away"));
    await mkdir(join(folder, "disk"));
    onDisk.checkPlace();
    assert.ok(onDisk.problem());
    await assert.rejects(renewCatalog(both), /The archive is gone from its place/);
    await assert.rejects(archive.save(Day.parse("2025-11-02"), samplePlot(2)), /The archive is gone from its place/);
    assert.deepEqual(await readdir(join(folder, "disk")), []);

    await rm(join(folder, "disk"), { recursive: true });
    await rename(join(folder, "away"), join(folder, "disk"));
    await renewCatalog(both);
    assert.deepEqual([onDisk.problem(), onDisk.totals().archives], [undefined, 1]);
    await archive.save(Day.parse("2025-11-02"), samplePlot(2));

    await rm(join(folder, "disk"), { recursive: true });
    using other = openCatalog(path); // as any command beside the server does
    onDisk.checkPlace();
    await assert.rejects(renewCatalog(both), /The archive is gone from its place/);
    await rebuild({ ...parts("disk/archives"), catalog: other, digitizer: createDigitizer() });
    await renewCatalog(both);
    assert.deepEqual([onDisk.problem(), onDisk.totals().archives], [undefined, 0]);
    await archive.save(Day.parse("2025-11-02"), samplePlot(2));
  });

  test("(and a rebuild) lets go of no day that the disk doesn't give, and says so", async () => {
    for (const date of ["2025-10-31", "2025-11-01"]) await parts().archive.save(Day.parse(date), samplePlot(date));
    await followTree(parts());
    const failing = watchedFileSystem((called, at) => {
      if (called === "readdir" && at === join(folder, "archives/2025/11")) throw systemError("EIO");
    });
    const { problems } = await rebuild({ ...parts("archives", failing), digitizer: createDigitizer() });
    assert.deepEqual([problems.map(({ day }) => day), listed().length], [["2025-11-01"], 2]);
  });

  test("lets go of no day that the disk doesn't give while the catalog comes back", async () => {
    const path = join(folder, "disk/catalog.sqlite");
    using onDisk = openCatalog(path);
    for (const date of ["2025-10-31", "2025-11-01"]) await parts().archive.save(Day.parse(date), samplePlot(date));
    await followTree({ ...parts(), catalog: onDisk });
    await rename(join(folder, "disk"), join(folder, "away"));
    onDisk.checkPlace();
    await rename(join(folder, "away"), join(folder, "disk"));
    const failing = watchedFileSystem((called, at) => {
      if (called === "readdir" && at === join(folder, "archives/2025/11")) throw systemError("EIO");
    });
    await renewCatalog({ ...parts("archives", failing), catalog: onDisk });
    assert.deepEqual([onDisk.problem(), onDisk.totals().archives], [undefined, 2]);
  });

  test("lets go of all days where they were deleted in the archive's folder", async () => {
    for (const date of ["2025-11-01", "2025-11-02"]) await parts().archive.save(Day.parse(date), samplePlot(date));
    await followTree(parts());
    await rm(join(folder, "archives/2025"), { recursive: true });
    assert.deepEqual(await followTree(parts()), { changed: 0, gone: 2 });
    assert.deepEqual(listed(), []);
  });

  for (const [name, place, doing] of [
    ["month's folder can't be opened", "archives/2025/11", "readdir"],
    ["picture can't be looked at", "archives/2025/11/02/etna_20251102.png", "lstat"],
  ] as const)
    test(`lets go of no day whose ${name}, and of those that went meanwhile once it can be`, async () => {
      for (const date of ["2025-10-31", "2025-11-01", "2025-11-02"])
        await parts().archive.save(Day.parse(date), samplePlot(date));
      await followTree(parts());
      const before = listed();
      await rm(join(folder, "archives/2025/10"), { recursive: true });
      const failing = watchedFileSystem((called, path) => {
        if (called === doing && path === join(folder, place)) throw systemError("EACCES");
      });
      assert.deepEqual(await followTree(parts("archives", failing)), { changed: 0, gone: 1 });
      assert.deepEqual(listed(), before.slice(1));
      await rm(join(folder, "archives/2025/11/02"), { recursive: true });
      assert.deepEqual(await followTree(parts()), { changed: 0, gone: 1 });
    });

  test("finds nothing where there never was anything", async () => {
    assert.deepEqual(await followTree(parts()), { changed: 0, gone: 0 });
  });

  test("looks at no other days than it is asked for", async () => {
    for (const date of ["2025-11-01", "2025-11-02"]) await parts().archive.save(Day.parse(date), samplePlot(date));
    const day = Day.parse("2025-11-02");
    assert.deepEqual(await followTree(parts(), { from: day, to: day }), { changed: 1, gone: 0 });
  });

  test("tells nothing of the picture that lay there before", async () => {
    await parts().archive.save(Day.parse("2025-11-04"), samplePlot(1));
    await putLater("archives/2025/11/04/etna_20251104.png", samplePng(2));
    await followTree(parts());
    const { sha256, widthPx, sourceUrl } = catalog.findDay(Day.parse("2025-11-04"))!;
    assert.deepEqual([sha256, widthPx, sourceUrl], [undefined, undefined, undefined]);
  });

  test("believes a record that is older than its picture, where a copy made it so", async () => {
    await parts().archive.save(Day.parse("2025-11-04"), samplePlot(1));
    await putLater("archives/2025/11/04/etna_20251104.png", samplePng(1));
    await followTree(parts());
    assert.equal(catalog.findDay(Day.parse("2025-11-04"))?.sourceUrl, samplePlot(1).sourceUrl);
  });

  test("lists a picture whose record is damaged", async () => {
    await parts().archive.save(Day.parse("2025-11-04"), samplePlot(1));
    await put("archives/2025/11/04/etna_20251104.json", Buffer.from("{"));
    await followTree(parts());
    assert.equal(catalog.findDay(Day.parse("2025-11-04"))?.sha256, undefined);
  });
});

describe("importTree", () => {
  const imported = (source: string) =>
    importTree(join(folder, source), { ...parts(), digitizer: createDigitizer(), clock: Date.now });

  test("keeps the pictures of an old tree and loose ones, plain or in gzip", async () => {
    await put("old/2025/11/03/etna_20251103.png", samplePng(3));
    await put("old/etna_20251104.png.gz", gzipSync(samplePng(4)));
    await put("old/deep/er/etna_20251105.png", samplePng(5));
    await put("old/other.png", samplePng(6));
    const { archived, unchanged, refused } = await imported("old");
    assert.deepEqual([archived.sort(), unchanged, refused], [["2025-11-03", "2025-11-04", "2025-11-05"], 0, []]);
    assert.deepEqual((await parts().archive.get(Day.parse("2025-11-04"))).png, samplePng(4));
  });

  test("changes nothing the second time", async () => {
    await put("old/etna_20251104.png", samplePng(4));
    await imported("old");
    assert.deepEqual(await imported("old"), { archived: [], unchanged: 1, left: [], refused: [] });
  });

  test("keeps one of two pictures of a day, says which it left, and leaves it again the second time", async () => {
    await put("old/a/etna_20251104.png", samplePng(4));
    await put("old/b/etna_20251104.png", samplePng(5));
    const reason = "nothing tells that the plot is fresher than the day's";
    const left = [{ file: "b/etna_20251104.png", reason }];
    assert.deepEqual(await imported("old"), { archived: ["2025-11-04"], unchanged: 1, left, refused: [] });
    assert.deepEqual(await imported("old"), { archived: [], unchanged: 2, left, refused: [] });
    assert.deepEqual((await parts().archive.get(Day.parse("2025-11-04"))).png, samplePng(4));
  });

  test("keeps the plot that shows tremor of two pictures of a day, whichever is found first and was written later", async () => {
    const day = Day.parse("2025-11-04");
    const [plot] = await Array.fromAsync(demoPlots({ from: day, to: day, sourceUrl: "-" }));
    for (const [place, names] of [
      ["first", ["a", "b"]],
      ["second", ["b", "a"]],
    ] as const) {
      for (const [name, bytes, at] of [
        [names[0], plot!.png, "08:00"],
        [names[1], samplePng(4), "20:00"],
      ] as const) {
        const file = `${place}/${name}/etna_20251104.png`;
        await put(file, bytes);
        const written = new Date(`2025-11-04T${at}:00Z`);
        await utimes(join(folder, file), written, written);
      }
      await imported(place);
      assert.equal((await parts().archive.get(day)).sha256, sha256Of(plot!.png));
      await rm(join(folder, "archives"), { recursive: true });
    }
  });

  test("puts the later of two pictures of a day into its place, whichever is found first", async () => {
    for (const [file, seed, at] of [
      ["old/a/etna_20251104.png", 4, "20:00"],
      ["old/b/etna_20251104.png", 5, "08:00"],
    ] as const) {
      await put(file, samplePng(seed));
      const written = new Date(`2025-11-04T${at}:00Z`);
      await utimes(join(folder, file), written, written);
    }
    const { left } = await imported("old");
    assert.deepEqual(left, [{ file: "b/etna_20251104.png", reason: "the day's plot was fetched later" }]);
    assert.deepEqual((await parts().archive.get(Day.parse("2025-11-04"))).png, samplePng(4));
  });

  for (const { name, file, bytes, reason } of [
    { name: "half a picture", file: "etna_20251104.png", bytes: samplePng(4).subarray(0, 100), reason: /PNG|cut|end/i },
    { name: "HTML", file: "etna_20251104.png", bytes: Buffer.from("<html>"), reason: /PNG/ },
    { name: "a picture that is no gzip under .gz", file: "etna_20251104.png.gz", bytes: samplePng(4), reason: /gzip/ },
    {
      name: "a gzip bomb",
      file: "etna_20251104.png.gz",
      bytes: gzipSync(Buffer.alloc(64 << 20)),
      reason: /gzip of at most/,
    },
  ])
    test(`refuses ${name}, says why, and keeps the rest`, async () => {
      await put(`old/${file}`, bytes);
      await put("old/etna_20251105.png", samplePng(5));
      const { archived, refused } = await imported("old");
      assert.deepEqual(archived, ["2025-11-05"]);
      assert.deepEqual(
        refused.map((one) => one.file),
        [file],
      );
      assert.match(refused[0]!.reason, reason);
    });

  test("says that a folder isn't there", () =>
    assert.rejects(imported("nowhere"), { code: "SOURCE_UNAVAILABLE", message: /nowhere: ENOENT/ }));

  test("leaves links alone", async () => {
    await put("elsewhere.png", samplePng(1));
    await mkdir(join(folder, "old"));
    await symlink(join(folder, "elsewhere.png"), join(folder, "old/etna_20251104.png"));
    await copyFile(join(folder, "elsewhere.png"), join(folder, "old/etna_20251105.png"));
    assert.deepEqual((await imported("old")).archived, ["2025-11-05"]);
  });
});
