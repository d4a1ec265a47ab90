/** A backup whose newest manifests are lost: what its copies are is told by what is left, and by themselves. */
import assert from "node:assert/strict";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { createCipher, createDecipher } from "../../src/archive/age.ts";
import { createBackupCopies } from "../../src/archive/backup-copies.ts";
import type { BackupTarget } from "../../src/archive/backup-target.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { createArchive } from "../../src/archive/create-archive.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { mirror, type MirrorOptions } from "../../src/archive/mirror.ts";
import { dayFolder } from "../../src/archive/keys.ts";
import { restore } from "../../src/archive/restore.ts";
import { addDays, type Day } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { contentsOf, firstDay, openBackupScene, type BackupScene } from "../support/backups.ts";
import { samplePlot } from "../support/sample-plot.ts";

const RUNS = 3;
const [first, second, third] = [0, 1, 2].map((days) => addDays(firstDay, days)) as [Day, Day, Day];

let scene: BackupScene;
/** The archive as it was backed up by the last run. */
let whole: Record<string, string>;

const identity = await generateIdentity();
const cipher = createCipher(await identityToRecipient(identity));
const decipher = await createDecipher(identity);

/** How copies are written, and what the backup can read of them. */
const PLAIN = { form: "a plain backup", keys: {} };
const READABLE = { form: "an encrypted backup, with its identity at hand,", keys: { cipher, decipher } };
const SEALED = { form: "an encrypted backup", keys: { cipher } };

const flipBit = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 1;
  await writeFile(path, bytes);
};
const cutOff = async (path: string): Promise<void> => await writeFile(path, (await readFile(path)).subarray(0, 100));
const remove = (path: string): Promise<void> => rm(path);

const backUp = ({ decipher: reads, ...options }: MirrorOptions = {}) =>
  mirror(scene.store, scene.target, {
    copies: createBackupCopies(scene.target, reads),
    decipher: reads,
    ...options,
  });
const manifests = join("backup", "manifests");

const LOST = [
  { which: "the last one", count: 1 },
  { which: "the last two", count: 2 },
  { which: "all", count: RUNS },
];

async function keep(day: Day, hour: number, compress = false): Promise<void> {
  const time = `${day}T${String(hour).padStart(2, "0")}:00:00Z`;
  await scene.archive.save(day, samplePlot(time, time), { compress });
}

/** Three runs; each of the last two brings another day, and a later plot of one that was there. */
async function backUpThrice(keys: MirrorOptions): Promise<void> {
  await backUp(keys);
  await keep(first, 18);
  await keep(addDays(firstDay, 4), 12);
  await backUp(keys);
  await keep(second, 18, true); // in the place of a plain one
  await keep(third, 18, true);
  await keep(addDays(firstDay, 5), 12);
  await backUp(keys);
  whole = await contentsOf(scene.base);
}

/** With all of them goes what was pending, too. */
async function loseManifests(count: number, lose: (path: string) => Promise<void>): Promise<void> {
  const folder = join(scene.folder, manifests);
  for (const name of await readdir(folder))
    if (Number(name.slice(0, 8)) > RUNS - count && (count === RUNS || !name.includes("pending")))
      await lose(join(folder, name));
}

async function restored(): Promise<Record<string, string>> {
  const basePath = join(scene.folder, "restored");
  await rm(basePath, { recursive: true, force: true });
  const { problems } = await restore(createFsStore({ basePath }), scene.target, { decipher });
  assert.deepEqual(problems, []);
  const archive = createArchive(createFsStore({ basePath }));
  for await (const files of archive.survey()) assert.deepEqual((await archive.check(files)).findings, []);
  return await contentsOf(basePath);
}

beforeEach(async () => {
  scene = await openBackupScene(4);
});
afterEach(() => scene[Symbol.asyncDispose]());

/** What a check says, and whether a manifest names all copies. */
async function checked(): Promise<{ problems: string[]; unlistedFiles: number }> {
  const { problems, unlistedFiles } = await checkBackup(scene.target, { decipher });
  return { problems: problems.map(({ key }) => key).filter((key) => !key.startsWith("manifests")), unlistedFiles };
}

const isWhole = { problems: [], unlistedFiles: 0 };

for (const { form, keys, losses } of [
  { ...PLAIN, losses: { "with a bit that flipped": flipBit, "cut off": cutOff, removed: remove } },
  { ...READABLE, losses: { "cut off": cutOff } },
  { ...SEALED, losses: { removed: remove } },
])
  describe(`${form} whose manifests are lost`, () => {
    beforeEach(() => backUpThrice(keys));

    for (const [how, lose] of Object.entries(losses))
      for (const { which, count } of LOST)
        test(`(${which} ${how}) gives all that it has, and checks whole after the next run`, async () => {
          await loseManifests(count, lose);
          assert.deepEqual(await restored(), whole);
          assert.deepEqual((await backUp(keys)).problems, []);
          assert.deepEqual(await checked(), isWhole);
          assert.deepEqual(await restored(), whole);
          const { sentFiles, problems } = await backUp(keys);
          assert.deepEqual([sentFiles, problems], [0, []]);
        });
  });

for (const { form, keys, lost } of [
  { ...PLAIN, lost: LOST },
  { ...READABLE, lost: [LOST[1]!] },
])
  for (const { which, count } of lost)
    describe(`${form} that has lost ${which} of its manifests`, () => {
      beforeEach(() => backUpThrice(keys));
      const ext = keys === READABLE.keys ? ".age" : "";

      test("keeps what retention took meanwhile, and answers for it", async () => {
        await loseManifests(count, cutOff);
        await scene.archive.cleanup({ today: addDays(firstDay, 5), retentionDays: 1, keepSeries: true });
        if (count < RUNS) assert.deepEqual((await checked()).problems, []);
        const { problems, keptFiles } = await backUp(keys);
        assert.deepEqual([problems, keptFiles], [[], 5]);
        assert.deepEqual(await checked(), isWhole);
        assert.deepEqual(await restored(), whole);
      });

      test("keeps the later plots of days that the archive has lost the last writes of", async () => {
        const { sha256 } = await scene.archive.get(first);
        await loseManifests(count, cutOff);
        await rm(scene.base, { recursive: true });
        for (const day of [first, second, third]) await keep(day, 6);
        const { problems } = await backUp(keys);
        assert.equal(problems.length, 3);
        for (const { message } of problems)
          assert.match(message, /the backup has a later plot of that day, and keeps it/);
        assert.deepEqual(await checked(), isWhole);
        assert.deepEqual(await restored(), whole);
        await restore(scene.store, scene.target, { decipher });
        assert.equal((await scene.archive.get(first)).sha256, sha256);
        assert.deepEqual((await backUp(keys)).problems, []);
      });

      test("takes what came since, and sends nothing twice", async () => {
        await loseManifests(count, cutOff);
        await keep(first, 20);
        await keep(addDays(firstDay, 6), 12);
        whole = await contentsOf(scene.base);
        if (count < RUNS) assert.equal((await backUp(keys)).sentFiles, 4);
        assert.deepEqual((await backUp(keys)).problems, []);
        assert.deepEqual(await checked(), isWhole);
        assert.deepEqual(await restored(), whole);
      });

      for (const kind of ["png", "json"])
        test(`passes no damage: ${kind}`, async () => {
          const key = `${first.replaceAll("-", "/")}/etna_${first.replaceAll("-", "")}.${kind}`;
          const path = join(scene.copyBase, `${key}${ext}`);
          await loseManifests(count, cutOff);
          await flipBit(path);
          if (count < RUNS) assert.deepEqual((await checked()).problems, [`${key}${ext}`]);

          // The archive has the file no more: that is told, and the next check finds it where anything told of it.
          const elsewhere = join(scene.folder, "elsewhere");
          await rename(scene.base, elsewhere);
          const { problems } = await backUp(keys);
          assert.deepEqual(
            problems.map((problem) => problem.key).filter((of) => of === key),
            [key],
          );
          if (count < RUNS) assert.deepEqual((await checked()).problems, [`${key}${ext}`]);

          await rename(elsewhere, scene.base);
          const suspects = new Set((await checked()).problems);
          assert.deepEqual((await backUp({ ...keys, suspects })).problems, []);
          assert.deepEqual(await checked(), isWhole);
          assert.deepEqual(await restored(), whole);
        });
    });

for (const { also, lose } of [
  { also: "", lose: async () => {} },
  { also: ", also where the manifest before it is cut off", lose: cutOff },
])
  test(`a picture that a run which was stopped has superseded goes in the next one${also}`, async () => {
    await backUp();
    await keep(second, 18, true); // in the place of a plain one
    whole = await contentsOf(scene.base);
    const stopped = { ...scene.target, remove: () => Promise.reject(new StoreFailed("stopped")) };
    await assert.rejects(mirror(scene.store, stopped, {}), /stopped/);
    const folder = join(scene.folder, "backup", dayFolder(second));
    assert.equal((await readdir(folder)).length, 3);
    await lose(join(scene.folder, manifests, "00000001.jsonl.gz"));
    assert.deepEqual((await backUp()).problems, []);
    assert.equal((await readdir(folder)).length, 2);
    assert.deepEqual(await checked(), isWhole);
    assert.deepEqual(await restored(), whole);
  });

test("a backup that has lost its last manifest tells a verification of the days that this named", async () => {
  await backUpThrice({});
  await loseManifests(1, remove);
  const kept = await createBackupCopies(scene.target).listKept();
  const { sha256 } = await scene.archive.get(third);
  const days = Array.from({ length: 6 }, (_, at) => addDays(firstDay, at));
  assert.deepEqual(kept.map(({ day }) => day).toSorted(), days);
  assert.equal(kept.find(({ day }) => day === third)?.picture?.sha256, sha256);
});

test("an encrypted backup that has lost its last two manifests says what it can't prove without an identity", async () => {
  await backUpThrice({ cipher });
  await loseManifests(2, cutOff);
  const elsewhere = join(scene.folder, "elsewhere");
  await rename(scene.base, elsewhere);
  const unproven = ["2025/11/04/etna_20251104.json", "2025/11/04/etna_20251104.png"];
  const { problems } = await backUp({ cipher });
  const told = problems.filter(({ message }) => /an age identity is needed to tell/.test(message));
  assert.deepEqual(told.map(({ key }) => key).slice(0, 2), unproven);
  assert.deepEqual((await backUp({ cipher })).problems, problems, "and says so each time");
  assert.deepEqual((await checked()).problems, [], "none is called damaged");
  assert.deepEqual(await restored(), whole);
  const withIdentity = await backUp({ cipher, decipher });
  assert.deepEqual([withIdentity.problems, withIdentity.files], [[], 12], "until an identity is there once");
  assert.deepEqual((await backUp({ cipher })).problems, []);
  assert.deepEqual(await checked(), isWhole);
  await rename(elsewhere, scene.base);
  assert.deepEqual((await backUp({ cipher })).problems, []);
  assert.deepEqual(await checked(), isWhole);
});

for (const { form, keys } of [PLAIN, READABLE, SEALED])
  test(`${form} says each time that it can't prove a copy which no manifest names`, async () => {
    await backUpThrice(keys);
    const key = `${dayFolder(addDays(firstDay, 9))}/etna_20251113.png`;
    const stored = form === PLAIN.form ? key : `${key}.age`;
    await mkdir(join(scene.copyBase, dayFolder(addDays(firstDay, 9))), { recursive: true });
    await writeFile(join(scene.copyBase, stored), "no picture at all");
    for (let times = 0; times < 2; times++)
      assert.deepEqual(
        (await backUp(keys)).problems.map((problem) => problem.key),
        [key],
      );
    assert.deepEqual(await checked(), { problems: [], unlistedFiles: 1 });
  });

test("a damaged copy that the archive has no more stays known as such, whatever somebody puts beside it", async () => {
  await backUpThrice({ cipher });
  const fourth = dayFolder(addDays(firstDay, 3));
  await rm(join(scene.base, fourth, "etna_20251107.png"));
  await writeFile(join(scene.copyBase, fourth, "etna_20251107.png.age"), "rotten");
  await writeFile(join(scene.copyBase, fourth, "etna_20251107.png.gz.age"), "somebody's");
  const { problems } = await checked();
  assert.deepEqual(problems, [`${fourth}/etna_20251107.png.age`]);
  await backUp({ cipher });
  assert.deepEqual((await checked()).problems, problems);
});

test("an encrypted backup that has lost its last manifest, and a copy, is read once", async () => {
  await backUpThrice({ cipher, decipher });
  await loseManifests(1, cutOff);
  const fourth = dayFolder(addDays(firstDay, 3));
  await rm(join(scene.copyBase, fourth, "etna_20251107.png.age"));
  scene.read.length = 0;
  const { sentFiles, problems } = await backUp({ cipher, decipher });
  assert.deepEqual([sentFiles, problems], [1, []]);
  assert.deepEqual(
    new Set(scene.read.map((key) => key.slice(0, fourth.length))),
    new Set([fourth]),
    "nothing else is read",
  );
});

for (const listed of ["folder by folder", "whole, as a bucket's is"])
  test(`a plain backup, listed ${listed}, takes in whole copies that somebody has put there, reads them once and no others`, async () => {
    await backUpThrice({});
    const [from, to] = [dayFolder(second), dayFolder(addDays(firstDay, 9))];
    await mkdir(join(scene.copyBase, to), { recursive: true });
    await copyFile(join(scene.base, from, "etna_20251105.png.gz"), join(scene.copyBase, to, "etna_20251113.png.gz"));
    const read: string[] = [];
    const target: BackupTarget = {
      ...scene.target,
      read(key, limitBytes) {
        if (!key.startsWith("manifests/")) read.push(key);
        return scene.target.read(key, limitBytes);
      },
      list: (skips, onUnreadable) => scene.target.list(listed.startsWith("whole") ? undefined : skips, onUnreadable),
    };
    const { files, problems } = await mirror(scene.store, target);
    assert.deepEqual([files, problems], [13, []]);
    assert.deepEqual(read, [`${to}/etna_20251113.png.gz`]);
    await mirror(scene.store, target);
    assert.equal(read.length, 1);
    assert.deepEqual(await checked(), isWhole);
  });
