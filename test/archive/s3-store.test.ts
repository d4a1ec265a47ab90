import assert from "node:assert/strict";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, test } from "vitest";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { Day, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import { clientOf } from "../support/s3-place.ts";
import { describeStore } from "./store-contract.ts";

describe.skipIf(!hasS3)("on Ceph", () => {
  describeStore("the S3 store", async () => {
    const { bucket, prefix, settings, endpoints } = await openS3Place();
    const options = { bucket, prefix, ...settings };
    return {
      store: createS3Store(options),
      another: () => createS3Store({ ...options, endpoint: endpoints[1]! }),
      async [Symbol.asyncDispose]() {},
    };
  });
});

describe.skipIf(!hasS3)("the S3 store", () => {
  const day = Day.parse("2025-11-04");

  test("lets a writer write no more once its turn has run out, and another has begun", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const sleeper = createS3Store({ bucket, prefix, ...settings, turnTtlMs: 500 });
    const other = createS3Store({ bucket, prefix, ...settings, turnTtlMs: 500 });
    await sleeper.exclusively(async () => {
      await sleeper.write(recordKey(day), Buffer.from("first"));
      // As a process that is stopped: nothing of it runs, its renewals included, and the clock goes on.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
      await assert.rejects(sleeper.write(recordKey(day), Buffer.from("late")), /turn is over/);
      await assert.rejects(sleeper.remove(recordKey(day)), /turn is over/);
    });
    await other.exclusively(() => other.write(recordKey(day), Buffer.from("second")));
    assert.deepEqual((await other.read(recordKey(day), 100))?.bytes, new Uint8Array(Buffer.from("second")));
  });

  test("tells followers which days other writers changed, and says so when it can't", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const options = { bucket, prefix, ...settings, turnTtlMs: 300 };
    const [writer, dying, reader] = [createS3Store(options), createS3Store(options), createS3Store(options)];
    const { changes } = reader.shared!;
    assert.deepEqual(await changes.take(), []);
    await writer.exclusively(() => writer.write(recordKey(day), Buffer.from("{}")));
    assert.deepEqual(await changes.take(), [day]);
    assert.deepEqual(await changes.take(), []);
    await writer.exclusively(async () => {});
    assert.deepEqual(await changes.take(), []);

    await dying.exclusively(async () => {
      await dying.write(recordKey(day), Buffer.from("{ }"));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
    });
    assert.deepEqual(await changes.take(), [], "its turn has no end yet");
    await writer.exclusively(() => writer.remove(recordKey(day)));
    assert.equal(await changes.take(), undefined);
    assert.deepEqual(await changes.take(), []);
  });

  test("passes over keys that aren't ours, and gives its own a type", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const store = createS3Store({ bucket, prefix, ...settings });
    const client = clientOf({ endpoints: [settings.endpoint], ...settings.credentials });
    for (const key of [
      "notes.txt",
      "2025/11/04/notes.txt",
      "2025/11/04x/etna_20251104.png",
      "2025/11/05/etna_20251104.png",
      "zzz",
    ])
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}/${key}`, Body: "mine" }));
    const key = pictureKey(day, false);
    await store.write(key, Buffer.from("picture"));
    for (const order of ["oldest-first", "newest-first"] as const)
      assert.deepEqual(
        (await Array.fromAsync(store.list(FIRST_DAY, LAST_DAY, order))).map((file) => file.key),
        [key],
      );
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `${prefix}/${key}` }));
    assert.deepEqual([head.ContentType, head.CacheControl], ["image/png", "no-cache"]);
    client.destroy();
  });
});
