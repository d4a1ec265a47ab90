import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startApi, TODAY, type ApiServer } from "../../support/api-server.ts";
import { samplePng } from "../../support/sample-plot.ts";

const DAY = "2025-11-04";
const PATH = `/api/archives/graph/${DAY}`;
const PNG = Buffer.from(samplePng(`${DAY} ${DAY}T12:00:00Z`));
const TAG = `"${createHash("sha256").update(PNG).digest("hex")}"`;

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  for (const day of [DAY, TODAY]) await api.keep(day);
  await api.keep("2025-11-02", { compress: true });
  await api.keep("2025-11-01");
});
afterAll(() => api[Symbol.asyncDispose]());

const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe("GET /api/archives/graph/{date}", () => {
  test("answers the picture byte for byte, and how it may be kept", async () => {
    const response = await api.fetch(PATH);
    assert.equal(response.status, 200);
    const headers = Object.fromEntries(response.headers);
    assert.equal(headers["content-type"], "image/png");
    assert.equal(headers["content-disposition"], "inline; filename=etna_2025-11-04.png");
    assert.equal(headers["content-length"], String(PNG.length));
    assert.equal(headers["etag"], TAG);
    assert.equal(headers["last-modified"], "Wed, 05 Nov 2025 12:00:00 GMT");
    assert.equal(headers["cache-control"], "max-age=86400");
    assert.equal(headers["accept-ranges"], "bytes");
    assert.deepEqual(await bytesOf(response), PNG);
  });

  test("answers a gzipped archive decompressed", async () => {
    const response = await api.fetch("/api/archives/graph/2025-11-02");
    assert.equal(response.headers.get("content-encoding"), null);
    assert.deepEqual(await bytesOf(response), Buffer.from(samplePng("2025-11-02 2025-11-02T12:00:00Z")));
  });

  test("lets today's picture be kept only if it is asked about again, until the day is over", async () => {
    const policy = async () => (await api.fetch(`/api/archives/graph/${TODAY}`)).headers.get("cache-control");
    for (let times = 0; times < 3; times++) assert.equal(await policy(), "no-cache");
    api.setNow("2025-11-06T00:00:00Z");
    assert.equal(await policy(), "max-age=86400");
    api.setNow(`${TODAY}T12:00:00Z`);
  });

  test("answers HEAD with the same headers and no body", async () => {
    const response = await api.fetch(PATH, { method: "HEAD" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-length"), String(PNG.length));
    assert.equal(response.headers.get("etag"), TAG);
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  });

  for (const { name, headers, status } of [
    { name: "its ETag", headers: { "If-None-Match": TAG }, status: 304 },
    { name: "its ETag among others", headers: { "If-None-Match": `"a", W/${TAG}` }, status: 304 },
    { name: "any ETag", headers: { "If-None-Match": "*" }, status: 304 },
    { name: "another ETag", headers: { "If-None-Match": '"a"' }, status: 200 },
    { name: "its date", headers: { "If-Modified-Since": "Wed, 05 Nov 2025 12:00:00 GMT" }, status: 304 },
    {
      name: "a later date in an old form",
      headers: { "If-Modified-Since": "Thursday, 06-Nov-25 12:00:00 GMT" },
      status: 304,
    },
    { name: "an earlier date", headers: { "If-Modified-Since": "Wed, 05 Nov 2025 11:59:59 GMT" }, status: 200 },
    { name: "what isn't a date", headers: { "If-Modified-Since": "2025-11-06" }, status: 200 },
    {
      name: "another ETag, whatever the date",
      headers: { "If-None-Match": '"a"', "If-Modified-Since": "Wed, 05 Nov 2025 12:00:00 GMT" },
      status: 200,
    },
  ])
    test(`answers ${status} to who has ${name}`, async () => {
      const response = await api.fetch(PATH, { headers: headers as Record<string, string> });
      assert.equal(response.status, status);
      assert.equal(response.headers.get("etag"), TAG);
      assert.equal((await response.arrayBuffer()).byteLength, status === 304 ? 0 : PNG.length);
    });

  const whole = { status: 200, range: null, first: 0, end: PNG.length };
  for (const { name, headers, status, range, first, end } of [
    {
      name: "the first bytes",
      headers: { Range: "bytes=0-9" },
      status: 206,
      range: `bytes 0-9/${PNG.length}`,
      first: 0,
      end: 10,
    },
    {
      name: "the last bytes",
      headers: { Range: "bytes=-5" },
      status: 206,
      range: `bytes ${PNG.length - 5}-${PNG.length - 1}/${PNG.length}`,
      first: PNG.length - 5,
      end: PNG.length,
    },
    { name: "a malformed range", headers: { Range: "bytes=9-2" }, ...whole },
    { name: "several ranges", headers: { Range: "bytes=0-1,4-5" }, ...whole },
    {
      name: "a range of the version that it is",
      headers: { Range: "bytes=1-1", "If-Range": TAG },
      status: 206,
      range: `bytes 1-1/${PNG.length}`,
      first: 1,
      end: 2,
    },
    { name: "a range of another version", headers: { Range: "bytes=1-1", "If-Range": '"a"' }, ...whole },
  ])
    test(`answers ${status} to who asks for ${name}`, async () => {
      const response = await api.fetch(PATH, { headers: headers as Record<string, string> });
      assert.equal(response.status, status);
      assert.equal(response.headers.get("content-range"), range);
      assert.deepEqual(await bytesOf(response), PNG.subarray(first, end));
    });

  test("answers 416 to who asks for bytes beyond it", async () => {
    const response = await api.fetch(PATH, { headers: { Range: `bytes=${PNG.length}-` } });
    assert.equal(response.status, 416);
    assert.equal(response.headers.get("content-range"), `bytes */${PNG.length}`);
    assert.deepEqual(await response.json(), { ok: false, error: "Range not satisfiable" });
  });

  for (const { name, date, status, error } of [
    {
      name: "a day without an archive",
      date: "2025-11-03",
      status: 404,
      error: "Archive not found for date 2025-11-03",
    },
    { name: "no zero padding", date: "2025-11-4", status: 400, error: "Invalid date format. Use YYYY-MM-DD" },
    {
      name: "a way out of the tree",
      date: "..%2F..%2Fpasswd",
      status: 400,
      error: "Invalid date format. Use YYYY-MM-DD",
    },
    { name: "what isn't UTF-8", date: "%E0%A4%A", status: 400, error: "Invalid date format. Use YYYY-MM-DD" },
    { name: "no date", date: "", status: 404, error: "Not found" },
    { name: "more than a date", date: "2025-11-04/etna.png", status: 404, error: "Not found" },
  ])
    test(`answers ${status} to ${name}`, async () => {
      const response = await api.fetch(`/api/archives/graph/${date}`);
      assert.deepEqual([response.status, await response.json()], [status, { ok: false, error }]);
    });

  test("never answers a wrong picture for a damaged archive, and the right one once it is repaired", async () => {
    const path = join(api.base, "2025/11/01/etna_20251101.png");
    const good = await readFile(path);
    const bad = Buffer.from(good);
    bad[bad.length - 100]! ^= 0xff;
    await writeFile(path, bad);
    const broken = await api.fetch("/api/archives/graph/2025-11-01");
    assert.deepEqual(
      [broken.status, await broken.json()],
      [500, { ok: false, error: "Failed to retrieve archive graph" }],
    );
    await writeFile(path, good);
    assert.deepEqual(await bytesOf(await api.fetch("/api/archives/graph/2025-11-01")), good);
  });
});
