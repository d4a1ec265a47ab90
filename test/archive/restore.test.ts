/** Restoring from real folders, plain and encrypted: what comes back, what stays, what is refused. */
import assert from "node:assert/strict";
import { cp, mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { createCipher, createDecipher } from "../../src/archive/age.ts";
import type { BackupTarget } from "../../src/archive/backup-target.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { createBackupCopies } from "../../src/archive/backup-copies.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createBulkHand } from "../../src/archive/fs-bulk-hand.ts";
import { createBulkWriter, toFarHand } from "../../src/archive/fs-bulk.ts";
import { createFolderTarget } from "../../src/archive/folder-target.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { formatManifest, parseManifest } from "../../src/archive/manifest.ts";
import { mirror } from "../../src/archive/mirror.ts";
import type { DayRecord } from "../../src/archive/record.ts";
import { restore, type RestoreOptions } from "../../src/archive/restore.ts";
import type { Store } from "../../src/archive/store.ts";
import { addDays, Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import type { Digitization } from "../../src/model/plot.ts";
import { ageDecrypt, ageEncrypt, hasAge } from "../support/age-tool.ts";
import { contentsOf, firstDay, keepDay, openBackupScene, type BackupScene } from "../support/backups.ts";
import { samplePlot, samplePng } from "../support/sample-plot.ts";
import { sampleReading } from "../support/sample-reading.ts";
import { systemError, watchedFileSystem } from "../support/watched-file-system.ts";

let scene: BackupScene;
/** The tree that is restored to. */
let base: string;
beforeEach(async () => {
  scene = await openBackupScene(4);
  base = join(scene.folder, "restored");
});
afterEach(() => scene[Symbol.asyncDispose]());

const restoreTo = (options: RestoreOptions = {}) =>
  restore(createFsStore({ basePath: base }), scene.target, { bulk: createBulkWriter(base), ...options });
const archiveThere = () => createArchive(createFsStore({ basePath: base }));
const pathIn = (folder: string, day: string, kind: string) =>
  join(folder, day.replaceAll("-", "/"), `etna_${day.replaceAll("-", "")}.${kind}`);

async function keys() {
  const identity = await generateIdentity();
  const identityFile = join(scene.folder, "identity.txt");
  await writeFile(identityFile, `# of a test\n${identity}\n`);
  return {
    identity,
    identityFile,
    recipient: await identityToRecipient(identity),
    cipher: createCipher(await identityToRecipient(identity)),
    decipher: await createDecipher(await readFile(identityFile, "utf8")),
  };
}

const deniesFolder = (name: string, path: string) => name === "readdir" && path.endsWith("2025/11/05");
const deniesFile = (name: string, path: string) => name === "open" && path.endsWith("etna_20251105.png");

const goneOf = (key: string) => ({ key, message: `Cannot read ${key} in the backup: it is gone` });

test("a restore from a place without a backup fails, and makes nothing", async () => {
  await assert.rejects(
    restoreTo(),
    (error) => error instanceof StoreFailed && /found no copy of any day in the backup/.test(error.message),
  );
  await assert.rejects(stat(base));
});

describe("a restore into an empty tree", () => {
  for (const bulk of [true, false])
    test(`gives the same tree, with the same times${bulk ? "" : ", written file by file"}`, async () => {
      await mirror(scene.store, scene.target);
      const { restoredDays, problems } = await restoreTo(bulk ? {} : { bulk: undefined });
      assert.deepEqual([restoredDays.length, problems], [4, []]);
      assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
      if (bulk)
        for (const day of [firstDay, addDays(firstDay, 1)])
          assert.equal(
            (await stat(pathIn(base, day, "png"))).mtimeMs,
            (await stat(pathIn(scene.base, day, "png"))).mtimeMs,
          );
    });

  test("brings back all else of a backup of which the disk doesn't give a folder, as a check proves it", async () => {
    await mirror(scene.store, scene.target);
    const day = "2025/11/05";
    const fs = watchedFileSystem((name, path) => {
      if ((name === "readdir" || name === "open") && String(path).includes(day)) throw systemError("EIO");
    });
    const target = createFolderTarget({ path: scene.copyBase, fs });
    const unread = ["json", "png"].map((kind) => `${day}/etna_20251105.${kind}`);
    const { restoredDays, problems } = await restore(createFsStore({ basePath: base }), target);
    assert.deepEqual([restoredDays.length, problems.map(({ key }) => key)], [3, unread]);
    assert.match(problems[0]!.message, /\(EIO\)$/);
    const checked = await checkBackup(target);
    assert.deepEqual(
      checked.problems.map(({ key }) => key),
      [day, ...unread],
    );
    await rm(join(scene.copyBase, "manifests"), { recursive: true });
    await assert.rejects(restore(createFsStore({ basePath: base }), target), /Cannot list 2025\/11\/05/);
  });

  test("takes a range of days alone", async () => {
    await mirror(scene.store, scene.target);
    const { restoredDays } = await restoreTo({ from: Day.parse("2025-11-05"), to: Day.parse("2025-11-06") });
    assert.deepEqual(restoredDays, ["2025-11-05", "2025-11-06"]);
    assert.equal(Object.keys(await contentsOf(base)).length, 4);
  });

  test("proves all and writes nothing when it runs dry", async () => {
    await mirror(scene.store, scene.target);
    const { restoredDays, restoredFiles } = await restoreTo({ dryRun: true });
    assert.deepEqual([restoredDays.length, restoredFiles], [4, 8]);
    await assert.rejects(stat(base), { code: "ENOENT" });
  });

  test("leaves out what is damaged in the backup, and says so", async () => {
    await mirror(scene.store, scene.target);
    const path = pathIn(scene.copyBase, firstDay, "png");
    const bytes = await readFile(path);
    bytes[20_000]! ^= 4;
    await writeFile(path, bytes);
    const { problems } = await restoreTo();
    assert.deepEqual(
      problems.map(({ key }) => key),
      ["2025/11/04/etna_20251104.png"],
    );
    assert.equal(Object.keys(await contentsOf(base)).length, 7);
  });

  test("reads a tree without any manifest, and proves it by its records", async () => {
    await mirror(scene.store, scene.target);
    await rm(join(scene.copyBase, "manifests"), { recursive: true });
    const path = pathIn(scene.copyBase, firstDay, "png");
    const bytes = await readFile(path);
    bytes[20_000]! ^= 4;
    await writeFile(path, bytes);
    const { problems, restoredFiles } = await restoreTo();
    assert.equal(problems.length, 1);
    assert.match(problems[0]!.message, /damaged/);
    assert.equal(restoredFiles, 7);
  });
});

describe("a restore of new days, which are copied as the manifest tells", () => {
  beforeEach(async () => void (await mirror(scene.store, scene.target)));
  const pathOfPicture = () => pathIn(scene.copyBase, firstDay, "png");
  const namesIn = async (folder: string) => Object.keys(await contentsOf(folder));

  test("brings back what the manifest doesn't name, too", async () => {
    await keepDay(scene.archive, addDays(firstDay, 4));
    await mirror(scene.store, scene.target);
    await rm(join(scene.copyBase, "manifests/00000002.jsonl.gz"));
    const { restoredDays, problems } = await restoreTo();
    assert.deepEqual([restoredDays.length, problems], [5, []]);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("brings back what was backed up later than the last manifest that is whole, proven by its records", async () => {
    await scene.archive.save(firstDay, samplePlot("later", `${firstDay}T18:00:00Z`));
    await scene.archive.save(addDays(firstDay, 1), samplePlot("later", `${addDays(firstDay, 1)}T18:00:00Z`));
    await mirror(scene.store, scene.target);
    await writeFile(join(scene.copyBase, "manifests/00000002.jsonl.gz"), "");
    const damaged = pathIn(scene.copyBase, addDays(firstDay, 1), "png");
    const bytes = await readFile(damaged);
    bytes[20_000]! ^= 4;
    await writeFile(damaged, bytes);
    const { problems } = await restoreTo();
    assert.deepEqual(
      problems.map(({ key }) => key),
      ["2025/11/05/etna_20251105.png"],
    );
    const { "2025/11/05/etna_20251105.png": _, ...others } = await contentsOf(scene.base);
    assert.deepEqual(await contentsOf(base), others);
  });

  test("brings back nothing that somebody has put beside a day's copies", async () => {
    const third = pathIn(scene.copyBase, addDays(firstDay, 2), "png.gz");
    await rm(pathOfPicture());
    await cp(third, `${pathOfPicture()}.gz`);
    const { problems } = await restoreTo();
    assert.deepEqual(
      problems.map(({ key }) => key),
      ["2025/11/04/etna_20251104.png", "2025/11/04/etna_20251104.png.gz"],
    );
    assert.match(problems[1]!.message, /the picture isn't the one that its record names/);
    assert.ok(!(await namesIn(base)).includes("2025/11/04/etna_20251104.png.gz"));
  });

  for (const [what, change] of Object.entries({
    longer: (bytes: Buffer) => Buffer.concat([bytes, Buffer.from([0])]),
    shorter: (bytes: Buffer) => bytes.subarray(0, -1),
    empty: () => Buffer.alloc(0),
  }))
    test(`leaves out a copy that is ${what}, and says so`, async () => {
      await writeFile(pathOfPicture(), change(await readFile(pathOfPicture())));
      const { problems, restoredFiles } = await restoreTo();
      assert.deepEqual([problems.length, restoredFiles], [1, 7]);
      assert.match(problems[0]!.message, /aren't those that were backed up/);
      assert.deepEqual(
        await namesIn(base),
        (await namesIn(scene.base)).filter((key) => !key.endsWith("04.png")),
      );
    });

  test("brings back the record of a day whose picture the backup has lost", async () => {
    await rm(pathOfPicture());
    const { restoredDays, restoredFiles, problems } = await restoreTo();
    assert.deepEqual([restoredDays.length, restoredFiles], [4, 7]);
    assert.deepEqual(problems, [goneOf("2025/11/04/etna_20251104.png")]);
  });

  test("says of a day that the backup has lost that both of its files are gone", async () => {
    await rm(dirname(pathOfPicture()), { recursive: true });
    const { days, restoredDays, problems } = await restoreTo();
    assert.deepEqual([days, restoredDays.length], [4, 3]);
    assert.deepEqual(problems, [goneOf("2025/11/04/etna_20251104.json"), goneOf("2025/11/04/etna_20251104.png")]);
    assert.deepEqual((await restoreTo({ from: addDays(firstDay, 1) })).problems, [], "none of that range");
  });

  test("misses nothing that a stopped run may have removed", async () => {
    await scene.archive.cleanup({ today: addDays(firstDay, 3), retentionDays: 1, keepSeries: false });
    const target = { ...scene.target, remove: (key: string) => scene.target.remove(key).then(stop) };
    const stop = () => Promise.reject(new StoreFailed("stopped"));
    await assert.rejects(
      mirror(scene.store, target, { prune: { upTo: addDays(firstDay, 2), keepSeries: false } }),
      StoreFailed,
    );
    assert.deepEqual((await restoreTo()).problems, []);
  });

  for (const bulk of [true, false])
    test(`brings back all days but those whose place something else has taken${bulk ? "" : ", file by file"}`, async () => {
      await mirror(scene.store, scene.target);
      const [beside, file, name, whole] = [0, 1, 2, 3].map((after) => addDays(firstDay, after));
      await mkdir(pathIn(base, beside!, "png"), { recursive: true });
      await cp(pathIn(scene.base, beside!, "json"), pathIn(base, beside!, "json"), { preserveTimestamps: true });
      await writeFile(dirname(pathIn(base, file!, "png")), "a file in the place of the day's folder");
      await mkdir(pathIn(base, name!, "png.gz"), { recursive: true });
      const { restoredDays, restoredFiles, problems } = await restoreTo(bulk ? {} : { bulk: undefined });
      assert.deepEqual([restoredDays, restoredFiles], [[whole], 3], "of the third day its record came");
      assert.deepEqual([...new Set(problems.map(({ key }) => key))], ["2025/11/04", "2025/11/05", "2025/11/06"]);
      assert.match(problems[0]!.message, /its name is taken by something that isn't a regular file/);
      assert.equal(
        await readFile(dirname(pathIn(base, file!, "png")), "utf8"),
        "a file in the place of the day's folder",
      );
      assert.deepEqual(await readFile(pathIn(base, whole!, "png")), await readFile(pathIn(scene.base, whole!, "png")));
    });

  test("passes over files that aren't the backup's", async () => {
    await writeFile(join(dirname(pathOfPicture()), "notes.txt"), "of a person");
    assert.equal((await restoreTo()).restoredFiles, 8);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  for (const folder of ["2025", "2025/11", "2025/11/04"])
    test(`follows no link in the backup: ${folder}`, async () => {
      const elsewhere = join(scene.folder, "elsewhere");
      await rename(join(scene.copyBase, folder), elsewhere);
      await symlink(elsewhere, join(scene.copyBase, folder));
      if (folder === "2025/11/04") assert.equal((await restoreTo()).restoredDays.length, 3);
      else await assert.rejects(restoreTo(), /found no copy of any day/);
    });

  test("writes what an earlier one was stopped at", async () => {
    await mkdir(dirname(pathIn(base, firstDay, "png")), { recursive: true });
    await writeFile(join(dirname(pathIn(base, firstDay, "png")), ".etna_20251104.png.1.0123456789ab.tmp"), "half");
    assert.equal((await restoreTo()).restoredFiles, 8);
    const names = (await namesIn(base)).filter((key) => !key.endsWith(".tmp"));
    assert.deepEqual(names, await namesIn(scene.base));
  });

  test("leaves nothing half done where the disk fails, and the next one does it all", async () => {
    const good = toFarHand(createBulkHand(base));
    const copy = async (...asked: Parameters<typeof good.copy>): Promise<string[]> => {
      await good.copy(...asked);
      throw new StoreFailed("Cannot write: no space left on device (ENOSPC)", { errno: "ENOSPC" });
    };
    await assert.rejects(restoreTo({ bulk: createBulkWriter(base, [{ ...good, copy }]) }), { errno: "ENOSPC" });
    assert.deepEqual(await contentsOf(base), {});
    assert.equal((await restoreTo()).restoredFiles, 8);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("leaves nothing half done where it is stopped", async () => {
    const stopped = new AbortController();
    const onProgress = () => stopped.abort(new Error("enough"));
    await assert.rejects(restoreTo({ signal: stopped.signal, onProgress }), /enough/);
    assert.deepEqual(await contentsOf(base), {});
    assert.equal((await restoreTo()).restoredFiles, 8);
  });
});

test("a restore whose copying fails ends only when the listing beside it has", async () => {
  await mirror(scene.store, scene.target);
  let listings = 0;
  const target: BackupTarget = {
    ...scene.target,
    async *list(...asked) {
      listings++;
      try {
        yield* scene.target.list(...asked);
      } finally {
        listings--;
      }
    },
  };
  const bulk = { ...createBulkWriter(base), copyNew: () => Promise.reject(new StoreFailed("no space left")) };
  await assert.rejects(restore(createFsStore({ basePath: base }), target, { bulk }), /no space left/);
  assert.equal(listings, 0);
});

describe("a restore into a living tree", () => {
  for (const { what, bulk, isDenied } of [
    { what: "a folder", bulk: true, isDenied: deniesFolder },
    { what: "a folder, file by file,", bulk: false, isDenied: deniesFolder },
    { what: "a file", bulk: true, isDenied: deniesFile },
    { what: "a file, file by file,", bulk: false, isDenied: deniesFile },
  ])
    test(`brings all else where the disk doesn't give ${what} of the archive, and writes nothing over it`, async () => {
      await mirror(scene.store, scene.target);
      const day = Day.parse("2025-11-05");
      await keepDay(createArchive(createFsStore({ basePath: base })), day, false, "a later plot");
      const later = await readFile(pathIn(base, day, "png"));
      const fs = watchedFileSystem((name, path) => {
        if (isDenied(name, String(path))) throw systemError("EIO");
      });
      const store = createFsStore({ basePath: base, fs });
      const bulkWriter = bulk ? { bulk: createBulkWriter(base) } : {};
      const { restoredDays, problems } = await restore(store, scene.target, { ...bulkWriter, overwrite: true });
      assert.deepEqual([restoredDays.length, problems.map(({ key }) => key)], [3, ["2025/11/05"]]);
      assert.deepEqual(await readFile(pathIn(base, day, "png")), later);
    });

  const [older, newer] = ["2025-11-04T10:00:00Z", "2025-11-04T14:00:00Z"];

  /** The archive there has another plot of the first day, fetched at that time. */
  async function keepAnother(fetchedAt: string): Promise<string> {
    const { record } = await archiveThere().save(firstDay, samplePlot("another", fetchedAt));
    return record.picture.sha256;
  }
  /** The archive there has the record of a picture of the first day that nobody saw arrive, and the picture no more. */
  async function keepOldRecord(about: string, reading: Digitization): Promise<DayRecord> {
    const path = pathIn(base, firstDay, "png");
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, samplePng(about));
    const record = await archiveThere().mendRecord(firstDay, { digitizerVersion: 1, read: async () => reading });
    await rm(path);
    return record;
  }
  const shaThere = async () => (await archiveThere().get(firstDay)).sha256;
  const shaBackedUp = async () => (await scene.archive.get(firstDay)).sha256;

  test("keeps a newer picture, and says so", async () => {
    await mirror(scene.store, scene.target);
    const sha256 = await keepAnother(newer!);
    const { kept, restoredDays } = await restoreTo();
    assert.deepEqual([kept.map(({ day }) => day), restoredDays.length], [[firstDay], 3]);
    assert.equal(await shaThere(), sha256);
  });

  test("replaces a newer picture with --overwrite", async () => {
    await mirror(scene.store, scene.target);
    await keepAnother(newer!);
    assert.deepEqual((await restoreTo({ overwrite: true })).kept, []);
    assert.equal(await shaThere(), await shaBackedUp());
  });

  test("keeps what was written after the backup, where nothing else tells which is newer", async () => {
    await mirror(scene.store, scene.target);
    const sha256 = await keepAnother("2025-11-04T12:00:00Z");
    assert.deepEqual(
      (await restoreTo()).kept.map(({ day }) => day),
      [firstDay],
    );
    assert.equal(await shaThere(), sha256);
  });

  test("replaces an older picture", async () => {
    await mirror(scene.store, scene.target);
    await keepAnother(older!);
    await restoreTo();
    assert.equal(await shaThere(), await shaBackedUp());
    assert.equal((await archiveThere().findRecord(firstDay))?.picture.sha256, await shaBackedUp());
  });

  test("replaces a newer picture in which no tremor was read by a plot that shows some", async () => {
    await scene.archive.save(firstDay, samplePlot("read", older), { reading: sampleReading(), force: true });
    await mirror(scene.store, scene.target);
    const reading = { ...sampleReading(), samples: [] };
    await archiveThere().save(firstDay, samplePlot("in maintenance", newer), { reading });
    assert.deepEqual((await restoreTo()).kept, []);
    assert.equal(await shaThere(), await shaBackedUp());
  });

  test("keeps an older plot that shows tremor beside a picture in which none was read", async () => {
    const reading = { ...sampleReading(), samples: [] };
    await scene.archive.save(firstDay, samplePlot("in maintenance", newer), { reading, force: true });
    await mirror(scene.store, scene.target);
    const { record } = await archiveThere().save(firstDay, samplePlot("read", older), { reading: sampleReading() });
    assert.deepEqual(
      (await restoreTo()).kept.map(({ day }) => day),
      [firstDay],
    );
    assert.equal(await shaThere(), record.picture.sha256);
  });

  for (const kind of ["png", "json"])
    test(`mends what is damaged there: ${kind}`, async () => {
      await mirror(scene.store, scene.target);
      await restoreTo();
      const path = pathIn(base, firstDay, kind);
      const damaged = (await readFile(path)).subarray(0, 100);
      await writeFile(path, damaged);
      await restoreTo({ dryRun: true });
      const aside = pathIn(join(base, "quarantine"), firstDay, kind);
      await assert.rejects(readFile(aside), { code: "ENOENT" });
      const { restoredDays, unchangedDays } = await restoreTo();
      assert.deepEqual([restoredDays, unchangedDays], [[firstDay], 3]);
      assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
      assert.deepEqual(await readFile(aside), damaged, "what was damaged is never written over");
    });

  test("brings back the pictures that retention took, beside their records", async () => {
    await mirror(scene.store, scene.target);
    const before = await contentsOf(scene.base);
    await scene.archive.cleanup({ today: Day.parse("2025-11-07"), retentionDays: 1, keepSeries: true });
    const { restoredDays } = await restore(scene.store, scene.target, { bulk: createBulkWriter(scene.base) });
    assert.equal(restoredDays.length, 3);
    assert.deepEqual(await contentsOf(scene.base), before);
  });

  test("brings back the picture of a day whose own is lost, and whose record has the date of another day", async () => {
    await scene.archive.save(firstDay, samplePlot("read", older), { reading: sampleReading(), force: true });
    await mirror(scene.store, scene.target);
    const reading = sampleReading({ trusted: false });
    reading.calibration!.time.found = "assumed";
    for (const sample of reading.samples) sample.timeMs += 30 * 86_400_000;
    await keepOldRecord("copied by the old system a month later", reading);
    const { kept, restoredDays } = await restoreTo();
    assert.deepEqual([kept, restoredDays.includes(firstDay)], [[], true]);
    assert.equal(await shaThere(), await shaBackedUp());
  });

  for (const { what, lose } of [
    { what: "has gone", lose: (path: string) => rm(path) },
    { what: "is damaged", lose: (path: string) => writeFile(path, "no picture") },
  ])
    test(`keeps the record of a later plot whose picture ${what}, and says so`, async () => {
      await mirror(scene.store, scene.target);
      const sha256 = await keepAnother(newer!);
      await lose(pathIn(base, firstDay, "png"));
      const { kept, restoredDays } = await restoreTo();
      assert.deepEqual([kept.map(({ day }) => day), restoredDays.length], [[firstDay], 3]);
      assert.equal((await archiveThere().findRecord(firstDay))?.picture.sha256, sha256);
      assert.deepEqual((await restoreTo({ overwrite: true })).kept, []);
      assert.equal(await shaThere(), await shaBackedUp());
    });

  test("keeps a day whose record is of a newer version of this program, which may know more than its copy", async () => {
    await mirror(scene.store, scene.target);
    await restoreTo();
    const path = pathIn(base, firstDay, "json");
    const ofNewer = (await readFile(path, "utf8")).replace('"version":1', '"version":2,"more":1');
    await writeFile(path, ofNewer);
    const { kept, restoredDays } = await restoreTo();
    assert.deepEqual([kept.map(({ day }) => day), restoredDays], [[firstDay], []]);
    assert.equal(await readFile(path, "utf8"), ofNewer);
    assert.deepEqual((await restoreTo({ overwrite: true })).restoredDays, [firstDay]);
  });

  test("keeps the record of a later plot also where that says no more than its picture, as those of an old tree do", async () => {
    await scene.archive.save(firstDay, samplePlot("read", older), { reading: sampleReading(), force: true });
    await mirror(scene.store, scene.target);
    const record = await keepOldRecord("written by the old system", sampleReading({ axisEnd: newer! }));
    assert.equal(record.source, undefined);
    const { kept } = await restoreTo();
    assert.deepEqual(
      kept.map(({ day }) => day),
      [firstDay],
    );
    assert.deepEqual(await archiveThere().findRecord(firstDay), record);
  });

  for (const { what, lose } of [
    { what: "has gone", lose: (path: string) => rm(path) },
    { what: "is damaged", lose: (path: string) => writeFile(path, "no picture") },
  ])
    test(`brings back a picture that ${what}, though more was read in it since it was backed up`, async () => {
      const [plot, reading] = [samplePlot("read", newer), sampleReading({ version: 2 })];
      const little = { ...sampleReading({ version: 1 }), samples: [] };
      await scene.archive.save(firstDay, plot, { reading: little, force: true });
      await mirror(scene.store, scene.target);
      await archiveThere().save(firstDay, plot, { reading });
      await lose(pathIn(base, firstDay, "png"));
      const { kept, restoredDays } = await restoreTo();
      assert.deepEqual([kept, restoredDays.length], [[], 4]);
      assert.equal(await shaThere(), await shaBackedUp());
    });

  /** Another writer archives the first day as soon as this one has looked. */
  function overtake(store: Store): Store {
    let others = 1;
    return {
      ...store,
      async exclusively(work, signal) {
        if (others-- > 0) await keepDay(archiveThere(), firstDay, false, "archived meanwhile");
        return await store.exclusively(work, signal);
      },
    };
  }

  for (const bulk of [true, false])
    test(`writes nothing over a newer plot that was archived since it looked${bulk ? "" : ", file by file"}`, async () => {
      await mirror(scene.store, scene.target);
      const overtaken = overtake(createFsStore({ basePath: base }));
      const options = bulk ? { bulk: createBulkWriter(base) } : {};
      const { restoredDays, kept, problems } = await restore(overtaken, scene.target, options);
      assert.deepEqual([restoredDays.length, kept.map(({ day }) => day), problems], [3, [firstDay], []]);
      const { png } = await archiveThere().get(firstDay);
      assert.deepEqual(png, samplePlot("archived meanwhile").png);
    });

  for (const bulk of [true, false])
    test(`leaves a day that was begun since it looked, and can't be listed${bulk ? "" : ", file by file"}`, async () => {
      await mirror(scene.store, scene.target);
      const folder = firstDay.replaceAll("-", "/");
      const fs = watchedFileSystem((name, path) => {
        if (name === "readdir" && String(path).endsWith(folder)) throw systemError("EIO");
      });
      const overtaken = overtake(createFsStore({ basePath: base, fs }));
      const options = bulk ? { bulk: createBulkWriter(base) } : {};
      const { restoredDays, problems } = await restore(overtaken, scene.target, options);
      assert.deepEqual([restoredDays.includes(firstDay), problems.map(({ key }) => key)], [false, [folder]]);
      assert.deepEqual((await archiveThere().get(firstDay)).png, samplePlot("archived meanwhile").png);
    });

  test("changes nothing the second time", async () => {
    await mirror(scene.store, scene.target);
    await restoreTo();
    const { restoredFiles, unchangedDays } = await restoreTo();
    assert.deepEqual([restoredFiles, unchangedDays], [0, 4]);
  });
});

describe("a backed-up picture that is newer than its record, as a stopped writer leaves it", () => {
  // The picture of another day in this day's place, without a record of its own.
  beforeEach(async () => {
    const path = pathIn(scene.base, firstDay, "png");
    await writeFile(path, await readFile(pathIn(scene.base, addDays(firstDay, 1), "png")));
    const soon = new Date(Date.now() + 60_000);
    await utimes(path, soon, soon);
    await mirror(scene.store, scene.target);
  });
  const whole = async () => (await archiveThere().get(firstDay)).sha256;

  for (const bulk of [true, false])
    test(`comes back whole into an empty tree${bulk ? "" : ", written file by file"}`, async () => {
      await restoreTo(bulk ? {} : { bulk: undefined });
      assert.equal(await whole(), (await scene.archive.get(firstDay)).sha256);
    });

  test("comes back whole beside what the archive has", async () => {
    const { record } = await archiveThere().save(firstDay, samplePlot("other", `${firstDay}T23:59:00Z`));
    assert.notEqual(record.picture.sha256, (await scene.archive.get(firstDay)).sha256);
    await restoreTo({ overwrite: true });
    assert.equal(await whole(), (await scene.archive.get(firstDay)).sha256);
  });
});

describe("an encrypted backup", () => {
  test("has the same names with .age behind them, sends nothing twice, and comes back whole", async () => {
    const { cipher, decipher } = await keys();
    await mirror(scene.store, scene.target, { cipher });
    assert.deepEqual(
      Object.keys(await contentsOf(scene.copyBase)),
      Object.keys(await contentsOf(scene.base)).map((key) => `${key}.age`),
    );
    await keepDay(scene.archive, addDays(firstDay, 4));
    assert.equal((await mirror(scene.store, scene.target, { cipher })).sentFiles, 2);
    assert.deepEqual((await checkBackup(scene.target, { decipher })).problems, []);
    await restoreTo({ decipher });
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("with a flipped bit is found out with and without the identity", async () => {
    const { cipher, decipher } = await keys();
    await mirror(scene.store, scene.target, { cipher });
    const path = pathIn(scene.copyBase, firstDay, "png.age");
    const bytes = await readFile(path);
    bytes[3]! ^= 1;
    await writeFile(path, bytes);
    for (const options of [{}, { decipher }]) {
      const { problems } = await checkBackup(scene.target, options);
      assert.deepEqual(
        problems.map(({ key }) => key),
        ["2025/11/04/etna_20251104.png.age"],
      );
    }
    const suspects = new Set(["2025/11/04/etna_20251104.png.age"]);
    assert.equal((await mirror(scene.store, scene.target, { cipher, suspects })).sentFiles, 1);
    assert.deepEqual((await checkBackup(scene.target, { decipher })).problems, []);
  });

  test("that has lost a copy gives the plain one of before, where that is still there", async () => {
    await mirror(scene.store, scene.target);
    const { cipher, decipher } = await keys();
    await mirror(scene.store, scene.target, { cipher });
    await rm(pathIn(scene.copyBase, firstDay, "png.age"));
    assert.deepEqual((await restoreTo({ decipher })).problems, []);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("is sent anew to another recipient", async () => {
    await mirror(scene.store, scene.target, { cipher: (await keys()).cipher });
    const { cipher, decipher } = await keys();
    assert.equal((await mirror(scene.store, scene.target, { cipher })).sentFiles, 8);
    await restoreTo({ decipher });
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("for a former recipient, which one run couldn't send anew, is sent by the next that can", async () => {
    await mirror(scene.store, scene.target, { cipher: (await keys()).cipher });
    const { cipher, decipher } = await keys();
    const path = pathIn(scene.base, firstDay, "png");
    const [whole, { mtime }] = [await readFile(path), await stat(path)];
    await writeFile(path, whole.with(40, whole[40]! ^ 1));
    await utimes(path, mtime, mtime);
    assert.equal((await mirror(scene.store, scene.target, { cipher })).problems.length, 1);
    await writeFile(path, whole);
    await utimes(path, mtime, mtime);
    assert.deepEqual((await mirror(scene.store, scene.target, { cipher })).problems, []);
    assert.equal((await mirror(scene.store, scene.target, { cipher })).sentFiles, 0);
    assert.deepEqual((await restoreTo({ decipher })).problems, []);
    assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
  });

  test("that holds what the identity doesn't open is mended by who was told so", async () => {
    await mirror(scene.store, scene.target, { cipher: (await keys()).cipher });
    const { cipher, decipher, recipient } = await keys();
    // Programs of before said so of copies that they couldn't send anew.
    const manifest = join(scene.copyBase, "manifests/00000001.jsonl.gz");
    const { sequence, atMs, entries } = (await parseManifest(await readFile(manifest)))!;
    const untrue = entries.map((entry) => ({ ...entry, stored: entry.stored && { ...entry.stored, recipient } }));
    const told = { sequence, atMs, recipient, previous: undefined, removing: [], entries: untrue };
    await writeFile(manifest, (await formatManifest(told)).bytes);
    assert.equal((await mirror(scene.store, scene.target, { cipher })).sentFiles, 0);
    const suspects = new Set((await checkBackup(scene.target, { decipher })).problems.map(({ key }) => key));
    assert.equal(suspects.size, 8);
    assert.equal((await mirror(scene.store, scene.target, { cipher, suspects })).sentFiles, 8);
    assert.deepEqual((await checkBackup(scene.target, { decipher })).problems, []);
    await rm(join(scene.base, "2025/11/04"), { recursive: true });
    const left = new Set(["2025/11/04/etna_20251104.png.age"]);
    const { problems } = await mirror(scene.store, scene.target, { cipher, suspects: left });
    assert.deepEqual(
      problems.map(({ key, message }) => [key, message]),
      [["2025/11/04/etna_20251104.png", "its copy is damaged, and the archive has it no more"]],
    );
  });

  test("whose manifests are lost is for whom the identities tell: what is for a former recipient is sent anew", async () => {
    const [former, latter] = [await keys(), await keys()];
    await mirror(scene.store, scene.target, { cipher: former.cipher });
    await rm(join(scene.copyBase, "manifests"), { recursive: true });
    const decipher = await createDecipher(`${latter.identity}\n${former.identity}\n`);
    assert.equal((await mirror(scene.store, scene.target, { cipher: latter.cipher, decipher })).sentFiles, 8);
    assert.deepEqual((await checkBackup(scene.target, { decipher: latter.decipher })).problems, []);
  });

  test("whose copies are for two recipients is read with both identities in one file", async () => {
    const [former, latter] = [await keys(), await keys()];
    await mirror(scene.store, scene.target, { cipher: former.cipher });
    const expected = await contentsOf(scene.base);
    await rm(join(scene.base, "2025/11/04"), { recursive: true });
    await mirror(scene.store, scene.target, { cipher: latter.cipher });
    await restoreTo({ decipher: await createDecipher(`${latter.identity}\n${former.identity}\n`) });
    assert.deepEqual(await contentsOf(base), expected);
  });

  test("needs an identity, the right one, to be read", async () => {
    await mirror(scene.store, scene.target, { cipher: (await keys()).cipher });
    const { decipher } = await keys();
    await assert.rejects(restoreTo(), /the backup is encrypted, and an age identity is needed/);
    const { problems, restoredFiles } = await restoreTo({ decipher });
    assert.deepEqual([problems.length, restoredFiles], [8, 0]);
    assert.match(problems[0]!.message, /no identity matched/);
  });

  test("among plain ones keep none of these away where no identity is at hand", async () => {
    await mirror(scene.store, scene.target);
    await rm(join(scene.base, "2025/11/04"), { recursive: true });
    await mirror(scene.store, scene.target, { cipher: (await keys()).cipher });
    const { problems, restoredDays } = await restoreTo();
    assert.deepEqual(restoredDays, ["2025-11-04"]);
    assert.match(problems[0]!.message, /2025\/11\/05.* is encrypted: an age identity is needed/);
  });

  test("gives a repair the bytes of one file", async () => {
    const { cipher, decipher } = await keys();
    await mirror(scene.store, scene.target, { cipher });
    const key = "2025/11/04/etna_20251104.png";
    const copies = createBackupCopies(scene.target, decipher);
    assert.deepEqual(Buffer.from((await copies.findCopy(key, 1 << 20))!), await readFile(join(scene.base, key)));
    assert.equal(await copies.findCopy("2025/11/14/etna_20251114.png", 1 << 20), undefined);
    await assert.rejects(createBackupCopies(scene.target).findCopy(key, 1 << 20), /an age identity is needed/);
  });
});

describe.skipIf(!hasAge)("the age tool", () => {
  test("reads every file that we encrypted", async () => {
    const { cipher, identityFile } = await keys();
    await mirror(scene.store, scene.target, { cipher });
    for (const key of Object.keys(await contentsOf(scene.base)))
      assert.deepEqual(
        await ageDecrypt(join(scene.copyBase, `${key}.age`), identityFile),
        await readFile(join(scene.base, key)),
      );
  });

  for (const armored of [false, true])
    test(`wrote a tree${armored ? ", armored," : ""} that we restore`, async () => {
      const { recipient, decipher } = await keys();
      for (const key of Object.keys(await contentsOf(scene.base))) {
        const copy = join(scene.copyBase, `${key}.age`);
        await mkdir(dirname(copy), { recursive: true });
        await ageEncrypt(join(scene.base, key), copy, recipient, { armored });
        const { atime, mtime } = await stat(join(scene.base, key));
        await utimes(copy, atime, mtime);
      }
      assert.deepEqual((await restoreTo({ decipher })).problems, []);
      assert.deepEqual(await contentsOf(base), await contentsOf(scene.base));
    });
});
