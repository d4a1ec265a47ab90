/** A backup that was stopped after some of its copies were written: the next run knows what they are, and reads each once. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { afterEach, beforeEach, describe, test } from "vitest";
import { createCipher, createDecipher } from "../../src/archive/age.ts";
import type { BackupTarget } from "../../src/archive/backup-target.ts";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { mirror, type MirrorOptions } from "../../src/archive/mirror.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { openBackupScene, type BackupScene } from "../support/backups.ts";

let scene: BackupScene;
/** Keys of the copies as they are read in the backup. */
let read: string[];
beforeEach(async () => {
  scene = await openBackupScene(4);
  read = [];
});
afterEach(() => scene[Symbol.asyncDispose]());

const identity = await generateIdentity();
const cipher = createCipher(await identityToRecipient(identity));
const decipher = await createDecipher(identity);
const other = createCipher(await identityToRecipient(await generateIdentity()));

/** @param copies that are written before it stops */
async function backUp(options: MirrorOptions, copies = Infinity) {
  let left = copies;
  const target: BackupTarget = {
    ...scene.target,
    async read(key, limitBytes) {
      if (!key.startsWith("manifests/")) read.push(key);
      return await scene.target.read(key, limitBytes);
    },
    async write(key, bytes, modifiedMs) {
      const isManifest = key.startsWith("manifests/");
      if (left <= 0 && !key.includes("-pending-")) throw new StoreFailed("stopped");
      if (!isManifest) left--;
      return await scene.target.write(key, bytes, modifiedMs);
    },
  };
  read.length = 0;
  return await mirror(scene.store, target, options);
}
const stop = (options: MirrorOptions, copies: number) => assert.rejects(backUp(options, copies), /stopped/);

async function provesWhole(): Promise<void> {
  const { problems } = await checkBackup(scene.target, { decipher });
  assert.deepEqual(problems, []);
}

describe("a first backup that was stopped", () => {
  for (const { form, keys } of [
    { form: "plain", keys: {} },
    { form: "encrypted", keys: { cipher } },
    { form: "encrypted, with its identity at hand", keys: { cipher, decipher } },
  ])
    test(`${form}: each copy is read once by the next run, and sent by none again`, async () => {
      await stop(keys, 8);
      const copies = [...scene.written].sort();
      assert.equal(copies.length, 8);
      const { sentFiles, unchangedFiles, problems } = await backUp(keys);
      assert.deepEqual([sentFiles, unchangedFiles, problems], [0, 8, []]);
      assert.deepEqual(read.sort(), copies);
      await provesWhole();
    });
});

describe("a backup that was sending copies again, as these are encrypted anew each time", () => {
  test("and was stopped, is known by the next run as it is", async () => {
    await backUp({ cipher });
    const suspects = new Set(scene.written.slice(0, 2));
    for (const key of suspects) await writeFile(join(scene.copyBase, key), "rotten");
    await stop({ cipher, suspects }, 1);
    await backUp({ cipher });
    await provesWhole();
  });

  test("for another recipient, and was stopped, is known by a run for the one before", async () => {
    await backUp({ cipher });
    await stop({ cipher: other }, 3);
    await backUp({ cipher });
    await provesWhole();
  });
});

describe("a backup that fails", () => {
  test("writes nothing any more when it has ended, as the next one has the backup to itself", async () => {
    let writing = 0;
    let copies = 0;
    const target: BackupTarget = {
      ...scene.target,
      async write(key, bytes, modifiedMs) {
        if (!key.startsWith("manifests/") && copies++ === 0) throw new StoreFailed("the first copy fails");
        writing++;
        try {
          await scene.target.write(key, bytes, modifiedMs);
        } finally {
          writing--;
        }
      },
    };
    await assert.rejects(mirror(scene.store, target, {}), /the first copy fails/);
    assert.ok(copies > 1, "copies of other days were being sent");
    assert.equal(writing, 0);
  });
});
