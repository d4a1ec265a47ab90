import assert from "node:assert/strict";
import { HeadObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, test } from "vitest";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { addDays, Day, dayOf, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
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
    const sleeper = createS3Store({ bucket, prefix, ...settings, turnTtlMs: 2000 });
    const other = createS3Store({ bucket, prefix, ...settings, turnTtlMs: 2000 });
    await sleeper.exclusively(async () => {
      await sleeper.write(recordKey(day), Buffer.from("first"));
      // As a process that is stopped: nothing of it runs, its renewals included, and the clock goes on.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
      await assert.rejects(sleeper.write(recordKey(day), Buffer.from("late")), /turn is over/);
      await assert.rejects(sleeper.remove(recordKey(day)), /turn is over/);
    });
    await other.exclusively(() => other.write(recordKey(day), Buffer.from("second")));
    assert.deepEqual((await other.read(recordKey(day), 100))?.bytes, new Uint8Array(Buffer.from("second")));
  });

  test("tells followers which days other writers changed, and says so when it can't", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const options = { bucket, prefix, ...settings, turnTtlMs: 2000 };
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
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
    });
    assert.deepEqual(await changes.take(), [], "its turn has no end yet");
    await writer.exclusively(() => writer.remove(recordKey(day)));
    assert.equal(await changes.take(), undefined);
    assert.deepEqual(await changes.take(), []);
  });

  test("tells caches how long an object may be kept: today's picture a minute, a past day's a day", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const store = createS3Store({ bucket, prefix, ...settings });
    const client = clientOf({ endpoints: [settings.endpoint], ...settings.credentials });
    const tomorrow = addDays(dayOf(Date.now()), 1); // it is today soon enough, and never past while this runs
    for (const { of, type, cached } of [
      { of: pictureKey(tomorrow, false), type: "image/png", cached: "max-age=60" },
      { of: pictureKey(day, true), type: "application/gzip", cached: "max-age=86400" },
      { of: recordKey(day), type: "application/json", cached: "max-age=86400" },
    ]) {
      await store.write(of, Buffer.from("bytes"));
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: `${prefix}/${of}` }));
      assert.deepEqual([head.ContentType, head.CacheControl], [type, cached]);
    }
    client.destroy();
  });

  test("keeps to its prefix, whatever characters that has", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    const store = createS3Store({ bucket, prefix: `${prefix}/a+b %41#d?e=ä`, ...settings });
    const key = pictureKey(day, false);
    await store.write(key, Buffer.from("picture"));
    const listed = await Array.fromAsync(store.list(FIRST_DAY, LAST_DAY, "newest-first"));
    assert.deepEqual(
      listed.map((file) => file.key),
      [key],
    );
    assert.equal(await store.quarantine(key), `quarantine/${key}`);
    assert.equal(await store.find(key), undefined);
    assert.equal(Buffer.from((await store.read(`quarantine/${key}`, 100))!.bytes).toString(), "picture");
  });

  test("passes over keys that aren't ours", async () => {
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
    client.destroy();
  });
});
