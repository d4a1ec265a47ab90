/** The S3 store on a server that fails: what passes is tried again, within limits; what doesn't is said. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test, vi } from "vitest";
import { createArchive } from "../../src/archive/create-archive.ts";
import { pictureKey, recordKey } from "../../src/archive/keys.ts";
import { createLease } from "../../src/archive/lease.ts";
import { openBucket } from "../../src/archive/s3-client.ts";
import { openObjects } from "../../src/archive/s3-objects.ts";
import { createS3Store } from "../../src/archive/s3-store.ts";
import { createBucketTurns } from "../../src/archive/s3-turns.ts";
import type { Store } from "../../src/archive/store.ts";
import { addDays, Day, FIRST_DAY, LAST_DAY } from "../../src/model/day.ts";
import { StoreFailed } from "../../src/model/errors.ts";
import { startFaultProxy, type Fault, type FaultProxy } from "../support/fault-proxy.ts";
import { createMemoryEpochs } from "../support/memory-epochs.ts";
import { startRawServer, type RawAnswer } from "../support/raw-server.ts";
import { hasS3, openS3Place } from "../support/s3.ts";
import { samplePlot } from "../support/sample-plot.ts";

const day = Day.parse("2025-11-04");
const key = pictureKey(day, false);
const bytes = new Uint8Array(Buffer.from("a picture's bytes, some of them"));
/** Long enough for a real answer on a busy machine, short enough to be waited for. */
const LIMITS = { connectMs: 1500, answerMs: 1500, totalMs: 8000, tries: 3 };

interface Opened extends AsyncDisposable {
  store: Store;
  /** The same archive, without the proxy. */
  direct: Store;
  proxy: FaultProxy;
}

async function open(): Promise<Opened> {
  const { bucket, prefix, settings } = await openS3Place();
  const proxy = await startFaultProxy(settings.endpoint);
  const options = { bucket, prefix, ...settings, turnTtlMs: 10_000 };
  return {
    store: createS3Store({ ...options, endpoint: proxy.url, limits: LIMITS }),
    direct: createS3Store(options),
    proxy,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

/** The fault for the first requests of a method alone. */
function first(count: number, method: string, fault: Fault, path = ""): FaultProxy["faultOf"] {
  let left = count;
  return (asked, at) => (asked === method && at.includes(path) && left-- > 0 ? fault : undefined);
}

const PASSING: { name: string; fault: Fault }[] = [
  { name: "500", fault: { answer: 500, code: "InternalError" } },
  { name: "503 SlowDown", fault: { answer: 503, code: "SlowDown" } },
  { name: "a connection that is reset", fault: "reset before" },
  { name: "an answer that is lost", fault: "reset after" },
  { name: "an answer that is late", fault: { lateMs: 4000 } },
];

describe.skipIf(!hasS3)("the S3 store", () => {
  for (const { name, fault } of PASSING)
    test(`reads, writes and lists beyond ${name}`, async () => {
      await using opened = await open();
      const { store, proxy } = opened;
      proxy.faultOf = first(1, "PUT", fault);
      await store.write(key, bytes);
      proxy.faultOf = first(1, "GET", fault);
      assert.deepEqual((await store.read(key, 100))?.bytes, bytes);
      proxy.faultOf = first(1, "GET", fault, "list-type=2");
      assert.equal((await Array.fromAsync(store.list(FIRST_DAY, LAST_DAY, "oldest-first"))).length, 1);
      proxy.faultOf = first(1, "HEAD", fault);
      assert.equal((await store.find(key))?.size, bytes.length);
    });

  // From the second read on, a store knows a short way.
  for (const { name, fault } of PASSING)
    test(`reads a second time beyond ${name}`, async () => {
      await using opened = await open();
      const { store, direct, proxy } = opened;
      await direct.write(key, bytes);
      await store.read(key, 100);
      proxy.faultOf = first(2, "GET", fault);
      for (let reads = 0; reads < 2; reads++) assert.deepEqual((await store.read(key, 100))?.bytes, bytes);
    });

  test("reads again what was cut off", async () => {
    await using opened = await open();
    await opened.direct.write(key, bytes);
    for (let reads = 0; reads < 3; reads++) {
      opened.proxy.faultOf = first(1, "GET", "truncated");
      assert.deepEqual((await opened.store.read(key, 100))?.bytes, bytes);
    }
  });

  test("asks once for what is there, for what isn't, and for what is too large", async () => {
    await using opened = await open();
    const { store, direct, proxy } = opened;
    await direct.write(key, bytes);
    for (let reads = 0; reads < 3; reads++) {
      proxy.requests.length = 0;
      const { modifiedMs } = (await store.find(key))!;
      assert.deepEqual(await store.read(key, 100), { key, size: bytes.length, modifiedMs, bytes });
      assert.equal(await store.read(recordKey(day), 100), undefined);
      await assert.rejects(store.read(key, 5), /found \d+ bytes, need at most 5/);
      assert.equal(proxy.requests.filter((request) => request.startsWith("GET ")).length, 3);
    }
  });

  for (const { name, fault } of [...PASSING, { name: "a body that stalls", fault: "stalled" as const }])
    test(`gives up on ${name} for good, within its limits, with what failed and why`, async () => {
      await using opened = await open();
      const { store, direct, proxy } = opened;
      await direct.write(key, bytes);
      for (const way of ["the first", "the short"]) {
        if (way === "the short") await store.read(key, 100);
        proxy.requests.length = 0;
        proxy.faultOf = () => fault;
        await assert.rejects(store.read(key, 100), (error: Error) => {
          assert.ok(error instanceof StoreFailed);
          assert.match(error.message, /^Cannot read 2025\/11\/04\/etna_20251104\.png: /);
          return true;
        });
        // One more by the short way, which Deno sends again by itself where the connection was cut.
        assert.ok(proxy.requests.length <= 3 * LIMITS.tries + 2, `${proxy.requests.length} requests on ${way} way`);
        proxy.faultOf = () => undefined;
      }
    });

  test("works on a machine whose clock is twenty minutes off, from the first write on", async () => {
    await using opened = await open();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_200_000 });
    try {
      await opened.store.exclusively(() => opened.store.write(key, bytes));
      for (let reads = 0; reads < 2; reads++) assert.deepEqual((await opened.store.read(key, 100))?.bytes, bytes);
      // The short way knows of the clock too, and needs no second try.
      assert.equal(opened.proxy.requests.filter((request) => /^GET .*etna_/.test(request)).length, 2);
    } finally {
      vi.useRealTimers();
    }
  });

  test("writes a picture later than its day's record also where the store's clocks differ", async () => {
    await using opened = await open();
    const { store, direct, proxy } = opened;
    proxy.faultOf = () => ({ aheadMs: 5000 });
    const record = await direct.write(recordKey(day), bytes);
    const picture = await store.write(key, bytes);
    assert.ok(picture.modifiedMs > record.modifiedMs, `${picture.modifiedMs} > ${record.modifiedMs}`);
  });

  for (const { name, fault } of [
    { name: "lost", fault: "reset after" as const },
    { name: "412", fault: { doneButAnswer: 412, code: "PreconditionFailed" } },
    { name: "500", fault: { doneButAnswer: 500, code: "InternalError" } },
  ])
    test(`has its turn though the answer to that was ${name}, since what is there says so`, async () => {
      await using opened = await open();
      const { store, proxy } = opened;
      await store.exclusively(async () => {}); // so that the self-test is behind it
      proxy.faultOf = first(1, "PUT", fault, "/turn/0");
      proxy.requests.length = 0;
      assert.equal(await store.exclusively(async () => "mine"), "mine");
      const asked = proxy.requests.filter((request) => /^PUT .*\/turn\/\d+\?/.test(request));
      // Deno sends it again by itself where the connection was cut, and that is no other turn.
      assert.equal(new Set(asked).size, 1, "no turn was waited for");
    });

  test("is no place for several servers where the server creates a key twice, and says so", async () => {
    await using opened = await open();
    const { store, proxy } = opened;
    proxy.faultOf = (method, path) =>
      method === "PUT" &&
      path.includes("self-test") &&
      proxy.requests.filter((one) => one.includes("self-test")).length > 1
        ? { doneButAnswer: 200, code: "none" }
        : undefined;
    assert.match((await store.shared!.whyNoElection())!, /200, not 412/);
    await assert.rejects(
      store.exclusively(async () => {}),
      /can't keep several writers apart/,
    );
  });

  test("says of no write that it was done by a writer that was stopped, for longer than its turn, in the midst of it", async () => {
    const { bucket, prefix, settings } = await openS3Place();
    await using proxy = await startFaultProxy(settings.endpoint);
    const store = createS3Store({ bucket, prefix, ...settings, endpoint: proxy.url, turnTtlMs: 2000 });
    proxy.faultOf = (method, path) => {
      // The proxy is in this process, so that the writer stops when its request has gone out.
      if (method === "PUT" && path.includes("etna_"))
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2100);
      return undefined;
    };
    await assert.rejects(
      store.exclusively(() => store.write(recordKey(day), bytes)),
      StoreFailed,
    );
  });

  test("signs the very bytes that it sends, by sha256 and MD5", async () => {
    await using opened = await open();
    await opened.store.write(key, bytes);
    const { PUT: headers = {} } = opened.proxy.headers;
    assert.equal(headers["x-amz-content-sha256"], createHash("sha256").update(bytes).digest("hex"));
    assert.equal(headers["content-md5"], createHash("md5").update(bytes).digest("base64"));
    assert.equal(headers["x-amz-checksum-crc32"], undefined);
  });

  test("asks for a range with one request, and for all with one a page", async () => {
    await using opened = await open();
    const { store, direct, proxy } = opened;
    for (let year = 2001; year <= 2003; year++) await direct.write(recordKey(Day.parse(`${year}-05-05`)), bytes);
    const requestsFor = async (from: Day, to: Day, order: "oldest-first" | "newest-first"): Promise<number> => {
      proxy.requests.length = 0;
      await Array.fromAsync(store.list(from, to, order));
      return proxy.requests.length;
    };
    const [from, to] = [Day.parse("2002-05-01"), addDays(Day.parse("2002-05-01"), 40)];
    assert.equal(await requestsFor(from, to, "oldest-first"), 1);
    assert.equal(await requestsFor(from, to, "newest-first"), 1);
    assert.equal(await requestsFor(FIRST_DAY, LAST_DAY, "oldest-first"), 1);
    assert.equal(await requestsFor(FIRST_DAY, LAST_DAY, "newest-first"), 1 + 3);
  });

  test("never shows a torn day, whichever request of a save fails for good", async () => {
    await using opened = await open();
    const { store, direct, proxy } = opened;
    const archive = createArchive(store);
    const watched = createArchive(direct);
    await watched.save(day, samplePlot("old", "2025-11-04T12:00:00Z"), { compress: true });
    const whole = async (): Promise<string> => (await watched.get(day)).sha256;
    const old = await whole();
    const seen = new Set<string>();
    for (let failing = 1; ; failing++) {
      await watched.save(day, samplePlot("old", "2025-11-04T12:00:00Z"), { compress: true, force: true });
      assert.equal(await whole(), old);
      let writes = 0;
      proxy.faultOf = (method, path) => {
        if (!/^(PUT|DELETE)$/.test(method) || !path.includes("etna_")) return undefined;
        // The SDK's own tries fail too.
        return ++writes >= failing ? { answer: 500, code: "InternalError" } : undefined;
      };
      const failed = await archive.save(day, samplePlot("new", "2025-11-04T13:00:00Z")).then(
        () => false,
        (error: unknown) => error instanceof StoreFailed,
      );
      proxy.faultOf = () => undefined;
      const found = await whole(); // whole, or it throws
      seen.add(found === old ? "old" : "new");
      if (!failed) break;
    }
    assert.deepEqual([...seen].sort(), ["new", "old"]);
  }, 120_000);
});

describe("a turn at a bucket", () => {
  const TTL_MS = 60_000;
  const answers =
    (status: string): RawAnswer =>
    (socket) =>
      socket.end(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
  const breaksOff: RawAnswer = (socket) => socket.destroy();

  for (const { name, tries, isHandedOver } of [
    { name: "is handed over at its end where its write was done", tries: [answers("200 OK")], isHandedOver: true },
    { name: "is handed over where its write was refused", tries: [answers("403 Forbidden")], isHandedOver: true },
    {
      name: "runs out where nobody knows of its write, which may be done later",
      tries: [breaksOff],
      isHandedOver: false,
    },
    { name: "runs out where a gateway alone answered", tries: [answers("504 Gateway Timeout")], isHandedOver: false },
    {
      name: "runs out where nobody knows of a write's first try, though another was answered",
      tries: [breaksOff, answers("200 OK")],
      isHandedOver: false,
    },
  ])
    test(name, async () => {
      await using server = await startRawServer(...tries);
      const bucket = openBucket("bucket", {
        endpoint: server.url,
        credentials: { accessKeyId: "id", secretAccessKey: "secret" },
        limits: { ...LIMITS, tries: tries.length },
      });
      let nowMs = 0;
      const epochs = createMemoryEpochs();
      const times = { ttlMs: TTL_MS, marginMs: TTL_MS / 5 };
      const leaseOf = () =>
        createLease(
          epochs,
          times,
          () => nowMs,
          () => nowMs,
        );
      const turns = createBucketTurns({ lease: leaseOf(), waitMs: 0 });
      const headers = { contentType: "image/png", cacheControl: "no-store" };
      await turns.exclusively(() => openObjects(bucket, "").put(key, bytes, headers, turns.fenced())).catch(() => {}); // whether it failed is another question
      const next = leaseOf();
      assert.equal((await next.tryAcquire({})) !== undefined, isHandedOver);
      nowMs += TTL_MS;
      assert.ok(isHandedOver || (await next.tryAcquire({})) !== undefined, "nobody waits for ever");
    });
});
