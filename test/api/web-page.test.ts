import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { READ_TOKEN, startApi, type ApiServer } from "../support/api-server.ts";

const PAGE = "<!doctype html><title>built</title>";
const SCRIPT = `console.log("${"tremor ".repeat(100)}")`;

let folder: string;
let api: ApiServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "etna-page-"));
  api = await startApi({ settings: { webFolder: folder, readToken: READ_TOKEN } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** As it came over the wire: `fetch` would unpack it. */
async function getRaw(path: string, acceptEncoding?: string): Promise<{ response: IncomingMessage; body: Buffer }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const headers = acceptEncoding === undefined ? {} : { "Accept-Encoding": acceptEncoding };
    get(api.url + path, { headers }, resolve).on("error", reject);
  });
  return { response, body: await buffer(response) };
}

test("a page that isn't built says so, and leads to the rest", async () => {
  const response = await api.fetch("/");
  assert.deepEqual([response.status, response.headers.get("cache-control")], [200, "no-store"]);
  assert.match(await response.text(), /isn't built[\s\S]+href="\/graphql"/);
  assert.equal((await api.fetch("/assets/index-1.js")).status, 404);
});

describe("a page that is built, while the server runs", () => {
  beforeAll(async () => {
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), PAGE);
    await writeFile(join(folder, "assets", "index-1.js"), SCRIPT);
  });

  test("is served to everyone: it holds no data", async () => {
    const response = await api.fetch("/");
    assert.equal(await response.text(), PAGE);
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  });

  test("may run and reach nothing but this server, and stand in no frame", async () => {
    const policy = (await api.fetch("/")).headers.get("content-security-policy") ?? "";
    for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"])
      assert.ok(policy.split("; ").includes(part), policy);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  });

  test("is asked about each time, its files never", async () => {
    const page = await api.fetch("/");
    assert.equal(page.headers.get("cache-control"), "no-cache");
    const again = await api.fetch("/", { headers: { "If-None-Match": page.headers.get("etag")! } });
    assert.equal(again.status, 304);
    const script = await api.fetch("/assets/index-1.js");
    assert.equal(script.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  });

  for (const { accepted, encoding } of [
    { accepted: "gzip, deflate, br, zstd", encoding: "br" },
    { accepted: "gzip, br;q=0", encoding: "gzip" },
    { accepted: "GZIP;q=0.5", encoding: "gzip" },
    { accepted: "*", encoding: "br" },
    { accepted: "br;q=0, *;q=0", encoding: undefined },
    { accepted: "deflate", encoding: undefined },
    { accepted: undefined, encoding: undefined },
  ])
    test(`goes ${encoding ?? "as it is"} to who accepts ${accepted ?? "nothing in particular"}`, async () => {
      const { response, body } = await getRaw("/assets/index-1.js", accepted);
      assert.equal(response.headers["content-encoding"], encoding);
      assert.equal(response.headers["vary"], "Accept-Encoding");
      const unpacked = encoding === "br" ? brotliDecompressSync(body) : encoding === "gzip" ? gunzipSync(body) : body;
      assert.equal(unpacked.toString(), SCRIPT);
      assert.ok(encoding === undefined || body.length < SCRIPT.length / 2);
    });

  test("has an ETag for each encoding", async () => {
    const tags = await Promise.all(
      ["br", "gzip", undefined].map(async (accepted) => (await getRaw("/", accepted)).response.headers.etag),
    );
    assert.equal(new Set(tags).size, 3);
  });

  test("answers HEAD as GET, without a body", async () => {
    const response = await api.fetch("/assets/index-1.js", { method: "HEAD" });
    assert.deepEqual([response.status, await response.text()], [200, ""]);
    assert.equal(response.headers.get("cache-control"), "public, max-age=31536000, immutable");
  });

  for (const path of ["/assets/index-2.js", "/assets/..%2Findex.html", "/assets/", "/index.html"])
    test(`knows no ${path}`, async () => assert.equal((await api.fetch(path)).status, 404));

  test("knows GET alone", async () =>
    assert.equal((await api.fetch("/assets/index-1.js", { method: "POST" })).status, 405));
});
