import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { describe, test } from "vitest";
import { findPacked, pickCoding } from "../../src/api/content-coding.ts";

describe("pickCoding takes", () => {
  for (const { header, picked } of [
    { header: "gzip, deflate, br", picked: "br" },
    { header: "gzip", picked: "gzip" },
    { header: "GZIP;q=0.5", picked: "gzip" },
    { header: "br;q=0, gzip", picked: "gzip" },
    { header: "*", picked: "br" },
    { header: "*;q=0", picked: undefined },
    { header: "identity", picked: undefined },
    { header: null, picked: undefined },
  ])
    test(`${picked ?? "none"} of ${header ?? "no header"}`, () =>
      assert.equal(pickCoding(header, ["br", "gzip"]), picked));
});

describe("a long answer", () => {
  const body = Buffer.from(JSON.stringify({ data: "Etna ".repeat(10_000) }));
  const answer = { status: 200, headers: { "Content-Type": "application/json" }, body };
  const ask = (acceptEncoding?: string, method = "POST"): Request =>
    new Request("http://127.0.0.1/graphql", {
      method,
      headers: acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding },
    });

  test("is packed for who takes gzip, once for all that ask", async () => {
    const packed = await findPacked(ask("gzip"), answer);
    assert.equal(packed!.headers["Content-Encoding"], "gzip");
    assert.deepEqual(gunzipSync(packed!.body as Uint8Array), body);
    assert.equal(await findPacked(ask("br, gzip"), answer), packed);
  });

  test("is packed whichever of its names JSON has", async () => {
    const named = { ...answer, headers: { "Content-Type": "application/graphql-response+json; charset=utf-8" } };
    assert.equal((await findPacked(ask("gzip"), named))?.headers["Content-Encoding"], "gzip");
  });

  test("has a tag of its own then, since these are other bytes", async () => {
    const tagged = { ...answer, headers: { ...answer.headers, ETag: '"abc"', Vary: "Accept" } };
    const { headers } = (await findPacked(ask("gzip", "GET"), tagged))!;
    assert.deepEqual([headers["ETag"], headers["Vary"]], ['"abc-gzip"', "Accept, Accept-Encoding"]);
  });

  for (const { name, request = ask("gzip"), of = answer } of [
    { name: "who doesn't take that", request: ask() },
    { name: "who refuses it", request: ask("gzip;q=0") },
    { name: "a short one", of: { ...answer, body: body.subarray(0, 1000) } },
    { name: "a picture", of: { ...answer, headers: { "Content-Type": "image/png" } } },
    { name: "one that is coded already", of: { ...answer, headers: { ...answer.headers, "Content-Encoding": "br" } } },
  ])
    test(`goes out as it is for ${name}`, () => assert.equal(findPacked(request, of), undefined));
});
