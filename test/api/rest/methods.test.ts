import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { startApi, type ApiServer } from "../../support/api-server.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  await api.keep("2025-11-04");
});
afterAll(() => api[Symbol.asyncDispose]());

const PATHS = [
  "/api/archives/list",
  "/api/archives/graph/2025-11-04",
  "/api/archives/data/2025-11-04",
  "/api/openapi.json",
  "/healthz",
  "/readyz",
  "/metrics",
  "/",
];

describe("each route", () => {
  for (const path of PATHS) {
    test(`${path} answers HEAD as GET, without the body`, async () => {
      const [get, head] = [await api.fetch(path), await api.fetch(path, { method: "HEAD" })];
      assert.deepEqual([head.status, (await head.arrayBuffer()).byteLength], [get.status, 0]);
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
    });

    test(`${path} tells its methods to OPTIONS`, async () => {
      const response = await api.fetch(path, { method: "OPTIONS" });
      assert.deepEqual([response.status, response.headers.get("allow")], [204, "GET, HEAD, OPTIONS"]);
    });

    for (const method of ["POST", "PUT", "DELETE", "PATCH"])
      test(`${path} refuses ${method}`, async () => {
        const response = await api.fetch(path, { method });
        assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
        assert.deepEqual([response.status, await response.json()], [405, { ok: false, error: "Method not allowed" }]);
      });
  }

  for (const { method, path } of [
    { method: "GET", path: "/api" },
    { method: "GET", path: "/api/" },
    { method: "GET", path: "/api/archives" },
    { method: "GET", path: "/api/archives/list/" },
    { method: "GET", path: "/api/Archives/List" },
    { method: "POST", path: "/api/nothing" },
    { method: "GET", path: "/nothing" },
  ])
    test(`there is none at ${method} ${path}`, async () => {
      const response = await api.fetch(path, { method });
      assert.deepEqual([response.status, await response.json()], [404, { ok: false, error: "Not found" }]);
    });
});

describe("/api/openapi.json", () => {
  test("describes the routes from the schemas that validate them", async () => {
    const document = (await (await api.fetch("/api/openapi.json")).json()) as Record<string, never>;
    assert.equal(document["openapi"], "3.1.0");
    assert.deepEqual(Object.keys(document["paths"]!).sort(), [
      "/api/archives/data/{date}",
      "/api/archives/graph/{date}",
      "/api/archives/list",
      "/api/openapi.json",
      "/api/tremor",
      "/healthz",
      "/metrics",
      "/readyz",
    ]);
    const list = document["paths"]!["/api/archives/list"]!["get"]! as { parameters: { name: string; in: string }[] };
    assert.deepEqual(
      list.parameters.map(({ name, in: place }) => `${place} ${name}`),
      ["query start_date", "query end_date"],
    );
  });
});
