/** A backup of real folders: what is sent, what is left, what never goes over a good copy. */
import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { createCipher, createDecipher } from "../../src/archive/age.ts";
import { createBackupCopies } from "../../src/archive/backup-copies.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { eagerFileSystem } from "../../src/archive/eager-file-system.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { KEPT_MANIFESTS } from "../../src/archive/manifest.ts";
import { mirror } from "../../src/archive/mirror.ts";
import { restore } from "../../src/archive/restore.ts";
import type { Store } from "../../src/archive/store.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";
import { samplePlot } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { contentsOf, firstDay, keepDay, openBackupScene, type BackupScene } from "../support/backups.ts";

let scene: BackupScene;
beforeEach(async () => void (scene = await openBackupScene(4)));
afterEach(() => scene[Symbol.asyncDispose]());

const backUp = (options = {}) => mirror(scene.store, scene.target, options);
const check = () => checkBackup(scene.target);
const pathOf = (base: string, day: string, kind: string) =>
  join(base, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.${kind}`);

async function flipBit(path: string, at?: number): Promise<void> {
  const { mtime, atime } = await stat(path);
  const bytes = await readFile(path);
  bytes[at ?? bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

/** The file as it is, written now. */
async function touch(path: string): Promise<void> {
  await writeFile(path, await readFile(path));
}

function forget(): void {
  scene.read.length = 0;
  scene.written.length = 0;
}

describe("a backup", () => {
  test("is the same tree, with the same times, and proves whole", async () => {
    const { files, sentFiles, sentBytes, problems } = await backUp();
    assert.deepEqual([files, sentFiles, problems], [8, 8, []]);
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
    const [of, copy] = [scene.base, scene.copyBase].map((base) => pathOf(base, firstDay, "png"));
    assert.equal((await stat(copy!)).mtimeMs, (await stat(of!)).mtimeMs);
    const { problems: found, files: checked, bytes, unlistedFiles } = await check();
    assert.deepEqual([found, checked, unlistedFiles], [[], 8, 0]);
    assert.equal(bytes, sentBytes);
  });

  test("sends a new day and reads no other", async () => {
    await backUp();
    const day = addDays(firstDay, 4);
    await keepDay(scene.archive, day);
    forget();
    const { sentFiles, unchangedFiles } = await backUp();
    assert.deepEqual([sentFiles, unchangedFiles], [2, 8]);
    assert.ok(
      scene.read.every((key) => key.startsWith(day.replaceAll("-", "/"))),
      scene.read.join(),
    );
  });

  test("sends nothing where only the file's time has changed", async () => {
    await backUp();
    const path = pathOf(scene.base, firstDay, "png");
    await writeFile(path, await readFile(path));
    forget();
    assert.equal((await backUp()).sentFiles, 0);
    assert.deepEqual(scene.written, []);
    forget();
    await backUp();
    assert.deepEqual(scene.read, [], "and knows that time from then on");
  });

  test("follows a picture that is gzipped now", async () => {
    await backUp();
    const { png } = await scene.archive.get(firstDay);
    await keepDay(scene.archive, firstDay, true, "another");
    assert.notDeepEqual(png, (await scene.archive.get(firstDay)).png);
    await backUp();
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
    assert.deepEqual((await check()).problems, []);
  });

  test("lets others have their turn while it looks at many days, as who keeps its turn at a bucket", async () => {
    for (let at = 4; at < 20; at++) await keepDay(scene.archive, addDays(firstDay, at));
    const eager = createFsStore({ basePath: scene.base, fs: eagerFileSystem });
    let turns = 0;
    const seen: number[] = [];
    const store: Store = {
      ...eager,
      async *list(...asked) {
        for await (const file of eager.list(...asked)) {
          seen.push(turns);
          yield file;
        }
      },
    };
    let next = setImmediate(function count() {
      turns++;
      next = setImmediate(count);
    });
    await mirror(store, scene.target);
    clearImmediate(next);
    assert.ok(seen.at(-1)! > seen[0]!, "nothing else happened meanwhile");
  });

  test("adopts a tree that another tool copied there, and sends none of it", async () => {
    await cp(scene.base, scene.copyBase, { recursive: true });
    assert.deepEqual((({ sentFiles, files }) => [sentFiles, files])(await backUp()), [0, 8]);
    assert.deepEqual((await check()).problems, []);
  });

  test("brings back a copy that someone removed", async () => {
    await backUp();
    await rm(pathOf(scene.copyBase, firstDay, "png"));
    assert.deepEqual(
      (await check()).problems.map(({ key }) => key),
      ["2025/11/04/etna_20251104.png"],
    );
    assert.equal((await backUp()).sentFiles, 1);
    assert.deepEqual((await check()).problems, []);
  });

  test("keeps so many manifests, each naming the one before", async () => {
    for (let run = 0; run < KEPT_MANIFESTS + 3; run++) await backUp();
    const names = await readdir(join(scene.copyBase, "manifests"));
    assert.equal(names.length, KEPT_MANIFESTS);
    assert.ok(names.includes("00000033.jsonl.gz") && !names.includes("00000003.jsonl.gz"), names.join());
  });
});

for (const { name, take } of [
  {
    name: "of a copy",
    take: async (copyBase: string) => {
      await rm(pathOf(copyBase, firstDay, "png"));
      await mkdir(pathOf(copyBase, firstDay, "png"));
    },
  },
  {
    name: "of a day's folder",
    take: async (copyBase: string) => {
      await rm(join(copyBase, "2025/11/04"), { recursive: true });
      await writeFile(join(copyBase, "2025/11/04"), "mine");
    },
  },
  {
    name: "of a day's folder, which leads to another's,",
    take: async (copyBase: string) => {
      await rm(join(copyBase, "2025/11/04"), { recursive: true });
      await symlink("05", join(copyBase, "2025/11/04"));
    },
  },
])
  test(`something else in the place ${name} is told, and leaves no other file without a copy`, async () => {
    await backUp();
    await take(scene.copyBase);
    const day = addDays(firstDay, 4);
    await keepDay(scene.archive, day);
    for (const sent of [2, 0]) {
      const { sentFiles, problems } = await backUp();
      assert.equal(sentFiles, sent);
      assert.equal(problems[0]?.key, "2025/11/04/etna_20251104.png");
      assert.match(
        problems[0].message,
        /Cannot write \S+ in the backup: something else has its name, or that of its fold/,
      );
    }
    await rm(join(scene.copyBase, "2025/11/04"), { recursive: true });
    assert.deepEqual((({ sentFiles, problems }) => [sentFiles, problems])(await backUp()), [2, []]);
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
    assert.deepEqual((await check()).problems, []);
  });

test("a backup that another one keeps waiting for too long says so of the backup", async () => {
  const impatient = createFolderTarget({ path: scene.copyBase, lockWaitMs: 30 });
  await scene.target.exclusively(() =>
    assert.rejects(mirror(scene.store, impatient), {
      message: "Cannot lock the backup: another writer has kept it for 0.03 s",
    }),
  );
});

describe("damage in the archive", () => {
  test("never goes over the good copy, and is told", async () => {
    await backUp();
    const before = await contentsOf(scene.copyBase);
    const path = pathOf(scene.base, firstDay, "png");
    const bytes = await readFile(path);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(path, bytes); // with a new time, as a restore by another tool would leave it
    const record = pathOf(scene.base, firstDay, "json");
    await writeFile(record, await readFile(record));
    const { problems, sentFiles, files } = await backUp();
    assert.deepEqual([problems.map(({ key }) => key), sentFiles, files], [["2025/11/04/etna_20251104.png"], 0, 8]);
    assert.match(problems[0]!.message, /damaged/);
    assert.deepEqual(await contentsOf(scene.copyBase), before);
    assert.deepEqual((await check()).problems, []);
  });

  test("of the gzip around a picture goes over no good one either", async () => {
    await backUp();
    const before = await contentsOf(scene.copyBase);
    await flipBit(pathOf(scene.base, addDays(firstDay, 2), "png.gz"), 5); // of the time in its header
    await utimes(pathOf(scene.base, addDays(firstDay, 2), "png.gz"), 1, 1);
    const { problems, sentFiles } = await backUp();
    assert.deepEqual([problems.map(({ key }) => key), sentFiles], [["2025/11/06/etna_20251106.png.gz"], 0]);
    assert.match(problems[0]!.message, /is damaged: the gzip around its picture isn't as it was written/);
    assert.deepEqual(await contentsOf(scene.copyBase), before);
  });

  for (const kind of ["png", "json"])
    test(`is no copy to begin with: ${kind}`, async () => {
      const path = pathOf(scene.base, firstDay, kind);
      await writeFile(path, (await readFile(path)).subarray(0, 100));
      const { problems } = await backUp();
      assert.ok(problems.length > 0);
      const kept = await contentsOf(scene.copyBase);
      assert.equal(kept[`2025/11/04/etna_20251104.${kind}`], undefined);
      assert.ok(Object.keys(kept).length >= 6);
    });
});

describe("an archive that went back in time, as a disk that has lost its last writes,", () => {
  const folderIn = (base: string) => join(base, firstDay.replaceAll("-", "/"));

  /** The backup has a later picture of the first day than the archive. */
  beforeEach(async () => {
    const before = join(scene.folder, "before");
    await cp(folderIn(scene.base), before, { recursive: true, preserveTimestamps: true });
    await scene.archive.save(firstDay, samplePlot("later", `${firstDay}T18:00:00Z`));
    await backUp();
    await rm(folderIn(scene.base), { recursive: true });
    await cp(before, folderIn(scene.base), { recursive: true, preserveTimestamps: true });
  });

  test("never goes over a later plot of a day, and gets it back from there", async () => {
    const later = await contentsOf(scene.copyBase);
    const { sentFiles, problems } = await backUp({ copies: createBackupCopies(scene.target) });
    assert.deepEqual([sentFiles, problems.map(({ key }) => key)], [0, ["2025/11/04/etna_20251104.png"]]);
    assert.match(
      problems[0]!.message,
      /the backup has a later plot of that day, and keeps it: .*`restore` of 2025-11-04/,
    );
    assert.deepEqual(await contentsOf(scene.copyBase), later);
    assert.deepEqual((await restore(scene.store, scene.target)).restoredDays, [firstDay]);
    assert.deepEqual(await contentsOf(scene.base), later);
    assert.deepEqual((await backUp()).problems, []);
  });

  test("never goes over it either where it was put back with new times", async () => {
    const later = await contentsOf(scene.copyBase);
    for (const kind of ["png", "json"]) await touch(pathOf(scene.base, firstDay, kind));
    const { sentFiles, problems } = await backUp({ copies: createBackupCopies(scene.target) });
    assert.deepEqual([sentFiles, problems.map(({ key }) => key)], [0, ["2025/11/04/etna_20251104.png"]]);
    assert.deepEqual(await contentsOf(scene.copyBase), later);
    assert.deepEqual((await restore(scene.store, scene.target)).restoredDays, [firstDay]);
    assert.deepEqual(await contentsOf(scene.base), later);
  });

  test("is told from a plot that somebody has put there on purpose, be it older than the day's", async () => {
    const plot = samplePlot("forced", `${firstDay}T08:00:00Z`, { sourceUrl: "file:forced.png" });
    await scene.archive.save(firstDay, plot, { force: true });
    const { sentFiles, problems } = await backUp({ copies: createBackupCopies(scene.target) });
    assert.deepEqual([sentFiles, problems], [2, []]);
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
  });

  test("is believed where the records can't be compared: a clock may have been set back", async () => {
    assert.deepEqual((await backUp()).problems, []);
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
  });

  test("in its record alone leaves the later one that the backup has", async () => {
    const older = await readFile(pathOf(scene.base, firstDay, "json"));
    const { mtime } = await stat(pathOf(scene.base, firstDay, "json"));
    await restore(scene.store, scene.target);
    const later = await contentsOf(scene.copyBase);
    await writeFile(pathOf(scene.base, firstDay, "json"), older);
    await utimes(pathOf(scene.base, firstDay, "json"), mtime, mtime);
    const { sentFiles, problems } = await backUp();
    assert.deepEqual([sentFiles, problems.map(({ key }) => key)], [0, ["2025/11/04/etna_20251104.json"]]);
    assert.match(problems[0]!.message, /the backup has a later record of that day, and keeps it: `verify --repair`/);
    assert.deepEqual(await contentsOf(scene.copyBase), later);
  });

  test("is told from a clock that was set back by when the plots were fetched", async () => {
    await scene.archive.save(firstDay, samplePlot("latest", `${firstDay}T20:00:00Z`));
    for (const kind of ["png", "json"]) await utimes(pathOf(scene.base, firstDay, kind), 1, 1);
    const { sentFiles, problems } = await backUp({ copies: createBackupCopies(scene.target) });
    assert.deepEqual([sentFiles, problems], [2, []]);
  });
});

describe("a record that another reading of the same picture takes the place of", () => {
  const mend = (digitizerVersion: number) =>
    scene.archive.mendRecord(firstDay, {
      digitizerVersion,
      read: () => Promise.resolve(sampleReading({ version: digitizerVersion })),
    });
  const path = () => pathOf(scene.base, firstDay, "json");
  const withCopies = () => backUp({ copies: createBackupCopies(scene.target) });

  test("goes over the copy of an earlier version's", async () => {
    await mend(9);
    await withCopies();
    await mend(10);
    assert.deepEqual((({ sentFiles, problems }) => [sentFiles, problems])(await withCopies()), [1, []]);
    assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
  });

  test("never goes over that of a later version's, as a record that was put back would", async () => {
    await mend(9);
    const older = await readFile(path());
    await mend(10);
    await withCopies();
    const later = await contentsOf(scene.copyBase);
    await writeFile(path(), older);
    const { sentFiles, problems } = await withCopies();
    assert.deepEqual([sentFiles, problems.map(({ key }) => key)], [0, ["2025/11/04/etna_20251104.json"]]);
    assert.match(problems[0]!.message, /the backup has a later reading of the day's picture, and keeps it: /);
    assert.deepEqual(await contentsOf(scene.copyBase), later);
    await restore(scene.store, scene.target);
    assert.deepEqual(await contentsOf(scene.base), later);
    assert.deepEqual((await withCopies()).problems, []);
  });
});

describe("damage in the backup", () => {
  for (const kind of ["png", "json"])
    test(`is found and mended: ${kind}`, async () => {
      await backUp();
      await flipBit(pathOf(scene.copyBase, firstDay, kind));
      const { problems } = await check();
      const key = `2025/11/04/etna_20251104.${kind}`;
      assert.deepEqual(problems, [{ key, message: "its bytes aren't those that were backed up" }]);
      assert.equal((await backUp({ suspects: new Set([key]) })).sentFiles, 1);
      assert.deepEqual(await contentsOf(scene.copyBase), await contentsOf(scene.base));
      assert.deepEqual((await check()).problems, []);
    });

  test("is told where the archive has the file no more, and goes on being found", async () => {
    await backUp();
    await scene.archive.cleanup({ today: addDays(firstDay, 3), retentionDays: 1, keepSeries: true });
    await backUp();
    const key = "2025/11/04/etna_20251104.png";
    await flipBit(pathOf(scene.copyBase, firstDay, "png"));
    const { problems, keptFiles } = await backUp({ suspects: new Set([key, "2025/11/05/etna_20251105.png"]) });
    assert.deepEqual(problems, [{ key, message: "its copy is damaged, and the archive has it no more" }]);
    assert.equal(keptFiles, 3);
    assert.deepEqual(
      (await check()).problems.map((problem) => problem.key),
      [key],
    );
  });

  test("of the manifest is found, and the one before counts", async () => {
    await backUp();
    await keepDay(scene.archive, addDays(firstDay, 4));
    await backUp();
    await flipBit(join(scene.copyBase, "manifests", "00000002.jsonl.gz"));
    const { problems, unlistedFiles } = await check();
    assert.deepEqual([problems.map(({ key }) => key), unlistedFiles], [["manifests/00000002.jsonl.gz"], 0]);
    forget();
    const { sentFiles, files } = await backUp();
    assert.deepEqual([sentFiles, files], [0, 10]);
    assert.deepEqual((await check()).problems, []);
  });

  test("of the place of a manifest keeps no other from being written", async () => {
    await backUp();
    const last = join(scene.copyBase, "manifests", "00000001.jsonl.gz");
    await rm(last);
    await mkdir(last);
    const { manifest, problems } = await backUp();
    assert.deepEqual([manifest, problems], ["manifests/00000002.jsonl.gz", []]);
    assert.deepEqual((await check()).problems, []);
  });

  test("of the disk below the manifest is found and mended, and restores all the same", async () => {
    for (let run = 0; run < 2; run++) await backUp();
    const last = "manifests/00000002.jsonl.gz";
    const fs = watchedFileSystem((name, path) => {
      if (name === "open" && String(path).endsWith(last)) throw systemError("EIO");
    });
    const target = createFolderTarget({ path: scene.copyBase, fs });
    const base = join(scene.folder, "restored");
    const { restoredDays, problems: missed } = await restore(createFsStore({ basePath: base }), target);
    assert.deepEqual([restoredDays.length, missed], [4, []]);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));

    const { problems } = await checkBackup(target);
    assert.deepEqual(problems, [{ key: last, message: "this manifest isn't whole, or can't be read" }]);
    await assert.rejects(mirror(scene.store, target), /Cannot read manifests\/00000002\.jsonl\.gz in the backup/);
    const { sentFiles } = await mirror(scene.store, target, { suspects: new Set(problems.map(({ key }) => key)) });
    assert.equal(sentFiles, 0);
    assert.deepEqual((await checkBackup(target)).problems, []);
  });

  test("of an older manifest is found, and that one gone once it is mended", async () => {
    await backUp();
    await backUp();
    const old = "manifests/00000001.jsonl.gz";
    await flipBit(join(scene.copyBase, old));
    const { problems } = await check();
    assert.deepEqual(problems, [{ key: old, message: "this manifest isn't whole, or can't be read" }]);
    const { sentFiles } = await backUp({ suspects: new Set(problems.map(({ key }) => key)) });
    assert.equal(sentFiles, 0);
    assert.deepEqual((await check()).problems, []);
    assert.deepEqual(await readdir(join(scene.copyBase, "manifests")), ["00000002.jsonl.gz", "00000003.jsonl.gz"]);
  });
});

describe("what retention took from the archive", () => {
  const policy = { today: Day.parse("2025-11-07"), retentionDays: 2, keepSeries: true };

  test("stays in the backup", async () => {
    await backUp();
    await scene.archive.cleanup(policy);
    const { keptFiles, files } = await backUp();
    assert.deepEqual([keptFiles, files], [2, 8]);
    assert.deepEqual((await check()).problems, []);
  });

  test("stays with the record that tells of it, though the archive's tells of a later picture by now", async () => {
    await backUp();
    const day = Day.parse("2025-11-04");
    await keepDay(scene.archive, day, true, "a later plot, which is never backed up");
    await scene.archive.cleanup(policy);
    await backUp();
    const served = createArchive(createFsStore({ basePath: scene.copyBase }));
    assert.deepEqual((await served.get(day)).sha256, (await served.findRecord(day))?.picture.sha256);
    assert.deepEqual((await check()).problems, []);
  });

  test("goes with --prune, and nothing that is younger", async () => {
    await backUp();
    await scene.archive.cleanup(policy);
    await rm(pathOf(scene.base, "2025-11-07", "png"));
    const { prunedFiles, keptFiles, files } = await backUp({
      prune: { upTo: Day.parse("2025-11-05"), keepSeries: true },
    });
    assert.deepEqual([prunedFiles, keptFiles, files], [2, 1, 6]);
    assert.ok((await contentsOf(scene.copyBase))["2025/11/07/etna_20251107.png"], "what is lost isn't let go");
    assert.deepEqual((await check()).problems, []);
  });

  for (const { name, keepSeries, pruned } of [
    { name: "with its picture where retention never takes a record: it is lost", keepSeries: true, pruned: [] },
    { name: "no longer than its picture where retention takes both", keepSeries: false, pruned: ["json", "png"] },
  ])
    test(`stays with --prune, as a record that the archive has no more, ${name}`, async () => {
      await backUp();
      await scene.archive.cleanup(policy);
      const day = "2025/11/04";
      const before = Object.keys(await contentsOf(scene.copyBase)).filter((key) => key.startsWith(day));
      await rm(join(scene.base, day), { recursive: true });
      await backUp({ prune: { upTo: Day.parse("2025-11-05"), keepSeries } });
      const there = await contentsOf(scene.copyBase);
      const gone = before.filter((key) => there[key] === undefined).map((key) => key.split(".").at(-1));
      assert.deepEqual(gone, pruned);
      assert.deepEqual((await check()).problems, []);
    });

  test("stays with --prune where the disk doesn't give its folder, which is said", async () => {
    await backUp();
    const fs = watchedFileSystem((name, path) => {
      if (name === "readdir" && String(path).endsWith("2025/11/04")) throw systemError("EIO");
    });
    const prune = { upTo: Day.parse("2025-11-05"), keepSeries: false };
    const failing = await mirror(createFsStore({ basePath: scene.base, fs }), scene.target, { prune });
    assert.deepEqual([failing.prunedFiles, failing.keptFiles], [0, 2]);
    assert.deepEqual(
      failing.problems.map(({ key }) => key),
      ["2025/11/04"],
    );
    assert.deepEqual((await check()).problems, []);
  });

  test("stays with --prune where the archive has no file at all, as when its disk isn't mounted", async () => {
    await backUp();
    await rename(scene.base, `${scene.base}-elsewhere`);
    const { prunedFiles, keptFiles } = await backUp({ prune: { upTo: Day.parse("2025-11-05"), keepSeries: false } });
    assert.deepEqual([prunedFiles, keptFiles], [0, 8]);
  });
});

describe("a backup that is encrypted from now on, or no more", () => {
  for (const [name, before, after] of [
    ["encrypted", false, true],
    ["plain", true, false],
  ] as const)
    test(`lets go of the copies in the other form with --prune alone, and answers for all that are ${name}`, async () => {
      const identity = await generateIdentity();
      const cipher = createCipher(await identityToRecipient(identity));
      const decipher = await createDecipher(identity);
      await backUp(before ? { cipher } : {});
      const now = after ? { cipher } : {};
      assert.deepEqual(
        (({ sentFiles, prunedFiles, files }) => [sentFiles, prunedFiles, files])(await backUp(now)),
        [8, 0, 8],
      );
      const pruned = await backUp({ ...now, prune: { upTo: undefined, keepSeries: true } });
      assert.deepEqual((({ sentFiles, prunedFiles, files }) => [sentFiles, prunedFiles, files])(pruned), [0, 8, 8]);
      const { files, unlistedFiles, problems } = await checkBackup(scene.target, { decipher });
      assert.deepEqual([files, unlistedFiles, problems], [8, 0, []]);
      const keys = Object.keys(await contentsOf(scene.copyBase)).filter((key) => !key.startsWith("manifests/"));
      assert.deepEqual([keys.length, keys.every((key) => key.endsWith(".age") === after)], [8, true]);
    });
});

test("a place without a backup doesn't prove whole", async () => {
  const empty = createFolderTarget({ path: join(scene.folder, "nothing") });
  const { problems } = await checkBackup(empty);
  assert.deepEqual(problems, [
    { key: "manifests", message: "there is nothing here: no backup has ended here yet, or its disk isn't mounted" },
  ]);
});

describe("two backups at once", () => {
  test("send no file twice", async () => {
    const other = createFolderTarget({ path: scene.copyBase });
    const written: string[] = [];
    const counted = {
      ...other,
      write(key: string, bytes: Uint8Array, modifiedMs?: number) {
        if (!key.startsWith("manifests/")) written.push(key);
        return other.write(key, bytes, modifiedMs);
      },
    };
    const [one, two] = await Promise.all([backUp(), mirror(scene.store, counted)]);
    assert.equal(one.sentFiles + two.sentFiles, 8);
    assert.equal(new Set([...scene.written, ...written]).size, 8);
    assert.equal(scene.written.length + written.length, 8);
    assert.deepEqual((await check()).problems, []);
  });
});
