import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { checkBackup } from "../../src/archive/check-backup.ts";
import { mirror } from "../../src/archive/mirror.ts";
import { createFsStore } from "../../src/archive/fs-store.ts";
import { restore } from "../../src/archive/restore.ts";
import { createS3Target } from "../../src/archive/s3-target.ts";
import { addDays } from "../../src/model/day.ts";
import { contentsOf, firstDay, keepDay, openBackupScene } from "../support/backups.ts";
import { hasS3, openS3Place } from "../support/s3.ts";

describe.skipIf(!hasS3)("a backup in a bucket", () => {
  test("is sent once, proves whole, and comes back as it was", async () => {
    await using scene = await openBackupScene(3);
    const { bucket, prefix, settings, endpoints } = await openS3Place();
    const target = createS3Target({ bucket, prefix, ...settings });
    // Two at once, each by a gateway of its own: the second finds all there.
    const other = createS3Target({ bucket, prefix, ...settings, endpoint: endpoints[1]! });
    const both = await Promise.all([mirror(scene.store, target), mirror(scene.store, other)]);
    assert.equal(both[0].sentFiles + both[1].sentFiles, 6);
    await keepDay(scene.archive, addDays(firstDay, 3));
    assert.equal((await mirror(scene.store, target)).sentFiles, 2);
    assert.deepEqual((await checkBackup(target)).problems, []);
    const basePath = `${scene.folder}/restored`;
    assert.equal((await restore(createFsStore({ basePath }), target)).restoredFiles, 8);
    assert.deepEqual(await contentsOf(basePath), await contentsOf(scene.base));
    await target.remove("2025/11/04/etna_20251104.png");
    assert.equal((await checkBackup(target)).problems.length, 1);
    assert.equal((await mirror(scene.store, target)).sentFiles, 1);
  });

  test("that another writer keeps to itself is told as the backup, and not as the archive", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const options = { bucket, prefix, ...settings, lockWaitMs: 0, turnTtlMs: 1500 };
    const [first, second] = [createS3Target(options), createS3Target(options)];
    await first.exclusively(() =>
      assert.rejects(
        second.exclusively(async () => {}),
        /: Cannot lock the backup: another writer has kept it/,
      ),
    );
  });
});
