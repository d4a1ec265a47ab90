import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { parse, validate } from "graphql";
import { examplesOn } from "../../../src/api/graphql/examples.ts";
import { createHandler } from "../../../src/api/handler.ts";
import { schema } from "../../../src/api/graphql/schema.ts";
import { addDays } from "../../../src/model/day.ts";
import { startApi, TODAY, type ApiServer } from "../../support/api-server.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

describe("GraphiQL", () => {
  test("is one page of our own, which may run its own script and nothing else", async () => {
    const response = await api.fetch("/graphql", { headers: { Accept: "text/html,*/*;q=0.8" } });
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    const html = await response.text();
    const script = html.slice(html.indexOf("<script>") + 8, html.lastIndexOf("</script>"));
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.ok(policy.includes(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}';`));
    assert.match(policy, /default-src 'none'.*connect-src 'self'.*frame-ancestors 'none'/);
    assert.doesNotMatch(html, /<(script|link)[^>]+(src|href)="?(https?:)?\/\//);
  });

  test("isn't sent again to who has it", async () => {
    const headers = { Accept: "text/html" };
    const tag = (await api.fetch("/graphql", { headers })).headers.get("etag")!;
    assert.equal((await api.fetch("/graphql", { headers: { ...headers, "If-None-Match": tag } })).status, 304);
  });

  for (const { takes, coding } of [
    { takes: "gzip, br", coding: "gzip" },
    { takes: "*", coding: "gzip" },
    { takes: "gzip;q=0, identity", coding: null },
  ])
    test(`comes in ${coding ?? "no coding"} to who takes ${takes}`, async () => {
      const headers = { Accept: "text/html", "Accept-Encoding": takes };
      const response = await createHandler(api.services)(new Request("http://a/graphql", { headers }));
      assert.equal(response.headers.get("content-encoding"), coding);
      assert.equal(response.headers.get("etag")?.endsWith('-gzip"'), coding === "gzip");
    });

  test("isn't for programs", async () => {
    const response = await api.fetch("/graphql?query={__typename}", { headers: { Accept: "application/json" } });
    assert.deepEqual(await response.json(), { data: { __typename: "Query" } });
  });

  test("asks of the record the last month, which a young archive knows, too", async () => {
    const html = await (await api.fetch("/graphql", { headers: { Accept: "text/html" } })).text();
    const asked = /tremor\(start: \\"(\S+?)\\", end: \\"(\S+?)\\"/.exec(html)?.slice(1);
    assert.deepEqual(asked, [`${addDays(TODAY, -30)}T00:00:00Z`, `${addDays(TODAY, 1)}T00:00:00Z`]);
  });

  for (const example of examplesOn(TODAY))
    test(`opens with an example that holds: ${/(query|mutation|subscription) \w+/.exec(example)?.[0]}`, () =>
      assert.deepEqual(validate(schema, parse(example)), []));
});
