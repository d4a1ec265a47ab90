import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { ArchivesDocument, CleanupDocument } from "../../src/web/operations.ts";
import { ADMIN_TOKEN, READ_TOKEN, startApi, type ApiServer } from "../support/api-server.ts";

const cleanUp = () => Promise.resolve({ days: [], freedBytes: 0, dryRun: true });
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

describe("where reading is open", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApi({ services: { cleanUp } });
    await api.keep("2025-11-04");
  });
  afterAll(() => api[Symbol.asyncDispose]());

  test("a picture's URL is unsigned", async () => {
    const { data } = await api.ask(ArchivesDocument, {});
    assert.equal(data?.archives.edges[0]?.node.imageUrl, `${api.url}/api/archives/graph/2025-11-04`);
  });

  test("a wrong token reads all the same", async () => {
    const response = await api.fetch("/api/archives/list", { headers: bearer("nonsense") });
    assert.equal(response.status, 200);
  });

  for (const { name, token, status, code } of [
    { name: "no token", token: undefined, status: 401, code: "UNAUTHENTICATED" },
    { name: "a wrong token", token: "nonsense", status: 403, code: "FORBIDDEN" },
    { name: "a token that begins rightly", token: ADMIN_TOKEN.slice(0, -1), status: 403, code: "FORBIDDEN" },
    { name: "the admin's token", token: ADMIN_TOKEN, status: 200, code: undefined },
  ])
    test(`a mutation with ${name} is ${status}`, async () => {
      const answer = await api.ask(CleanupDocument, {}, token);
      assert.deepEqual([answer.status, answer.errors?.[0]?.extensions.code], [status, code]);
    });

  test("a 401 says how to authenticate", async () => {
    const response = await api.fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"query":"mutation { cleanup { __typename } }"}',
    });
    assert.equal(response.headers.get("www-authenticate"), 'Bearer realm="etna-archive"');
  });

  test("a mutation by GET is refused, whoever asks", async () => {
    const query = encodeURIComponent("mutation { cleanup { __typename } }");
    const response = await api.fetch(`/graphql?query=${query}`, { headers: bearer(ADMIN_TOKEN) });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "POST"]);
  });

  test("whoever is refused is named in the log, with what he claims of himself, and his tokens are counted", async () => {
    const counted = async (): Promise<number> =>
      Number(/^etna_archive_refused_tokens_total (\d+)$/m.exec(await (await api.fetch("/metrics")).text())?.[1]);
    const mutation = (accept: string, headers: Record<string, string>): Promise<Response> =>
      api.fetch("/graphql", {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: accept, ...headers },
        body: '{"query":"mutation { cleanup { __typename } }"}',
      });
    const before = await counted();
    api.logged.length = 0;
    const claim = "10.0.0.1, ".repeat(30);
    const refusals = [
      await mutation("application/json", {}),
      await mutation("application/json", bearer("nonsense")),
      await mutation("text/event-stream", { ...bearer("nonsense"), "X-Forwarded-For": claim }),
      // Reading is open; but in an answer of which a field is refused, tokens could be tried as well.
      await api.fetch("/api/archives/list", { headers: bearer("nonsense") }),
    ];
    await Promise.all(refusals.map((response) => response.text()));
    const told = api.logged.filter(({ msg }) => msg === "Request answered");
    assert.deepEqual(
      told.map(({ status, peer, forwardedFor }) => [status, peer, forwardedFor]),
      [
        [401, "127.0.0.1", undefined],
        [403, "127.0.0.1", undefined],
        [403, "127.0.0.1", claim.slice(0, 160)],
        [200, "127.0.0.1", undefined],
      ],
    );
    assert.equal((await counted()) - before, 3);
  });

  test("no token is ever logged", async () => {
    await api.ask(CleanupDocument, {}, ADMIN_TOKEN);
    assert.doesNotMatch(JSON.stringify(api.logged), new RegExp(ADMIN_TOKEN));
  });
});

describe("where reading needs a token", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApi({ settings: { readToken: READ_TOKEN, publicUrl: undefined }, services: { cleanUp } });
    await api.keep("2025-11-04");
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const CLOSED = [
    "/api/archives/list",
    "/api/archives/list?start_date=nonsense",
    "/api/archives/graph/2025-11-04",
    "/api/archives/graph/2025-11-03",
    "/api/archives/data/2025-11-04",
    "/api/openapi.json",
    "/api/nothing",
    "/metrics",
    "/graphql?query={__typename}",
  ];
  for (const path of CLOSED) {
    test(`${path} is 401 without a token, 403 with a wrong one`, async () => {
      const codes = [undefined, "nonsense"].map(async (token) => {
        const response = await api.fetch(path, token === undefined ? {} : { headers: bearer(token) });
        return [response.status, response.headers.has("www-authenticate")];
      });
      assert.deepEqual(await Promise.all(codes), [
        [401, true],
        [403, false],
      ]);
    });
  }

  for (const token of [READ_TOKEN, ADMIN_TOKEN])
    test(`${token} reads, and the next one without a token doesn't get that answer`, async () => {
      for (let times = 0; times < 3; times++)
        assert.equal((await api.fetch("/api/archives/list", { headers: bearer(token) })).status, 200);
      assert.equal((await api.fetch("/api/archives/list")).status, 401);
    });

  for (const path of ["/healthz", "/readyz", "/"])
    test(`${path} is open`, async () => assert.equal((await api.fetch(path)).status, 200));

  test("GraphiQL's page is open", async () =>
    assert.equal((await api.fetch("/graphql", { headers: { Accept: "text/html" } })).status, 200));

  test("the read token may not change anything", async () => {
    const answer = await api.ask(CleanupDocument, {}, READ_TOKEN);
    assert.deepEqual([answer.status, answer.errors?.[0]?.extensions.code], [403, "FORBIDDEN"]);
  });

  test("a refusal tells its code to GraphQL's clients", async () => {
    const answer = await api.ask("{ __typename }");
    assert.deepEqual([answer.status, answer.errors?.[0]?.extensions.code], [401, "UNAUTHENTICATED"]);
  });

  test("a picture's signed URL opens that picture alone, for 15 minutes", async () => {
    const { data } = await api.ask(ArchivesDocument, {}, READ_TOKEN);
    const url = data!.archives.edges[0]!.node.imageUrl;
    const statusOf = async (address: string) => (await fetch(address)).status;
    const opened = await fetch(url);
    assert.deepEqual([opened.status, opened.headers.get("cache-control")], [200, "private, max-age=86400"]);
    assert.equal(await statusOf(url.replace("2025-11-04", "2025-11-03")), 401);
    const altered = await fetch(url.replace(/expires=\d+/, "expires=99999999999"));
    assert.equal(altered.status, 401);
    assert.match(await altered.text(), /This link isn't whole or has expired/);
    assert.equal(await statusOf(url.slice(0, -1)), 401);
    assert.equal(await statusOf(url.replace("/graph/", "/data/")), 401);
    api.setNow("2025-11-05T12:15:00Z");
    assert.equal(await statusOf(url), 200);
    api.setNow("2025-11-05T12:15:01Z");
    assert.equal(await statusOf(url), 401);
    api.setNow("2025-11-05T12:00:00Z");
  });

  test("no signature is logged", () => assert.doesNotMatch(JSON.stringify(api.logged), /signature/));
});

describe("every answer", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApi({
      settings: { publicUrl: "https://etna.example/archive", corsOrigins: ["https://page.example"] },
    });
    await api.keep("2025-11-04");
  });
  afterAll(() => api[Symbol.asyncDispose]());

  for (const path of ["/", "/api/archives/list", "/api/nothing", "/healthz", "/graphql?query={__typename}", "/graphql"])
    test(`has its security headers and an id: ${path}`, async () => {
      const { headers } = await api.fetch(path);
      assert.deepEqual(
        [headers.get("x-content-type-options"), headers.get("referrer-policy")],
        ["nosniff", "no-referrer"],
      );
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    });

  test("names its requests apart, even where the answer is the same", async () => {
    const ids = new Set<string | null>();
    for (let times = 0; times < 4; times++)
      ids.add((await api.fetch("/api/archives/list")).headers.get("x-request-id"));
    assert.equal(ids.size, 4);
  });

  for (const { origin, allowed } of [
    { origin: "https://page.example", allowed: "https://page.example" },
    { origin: "https://other.example", allowed: null },
    { origin: "null", allowed: null },
  ])
    test(`is ${allowed === null ? "closed" : "open"} to pages of ${origin}`, async () => {
      for (const path of ["/api/archives/list", "/graphql?query={__typename}"]) {
        const headers = { Origin: origin };
        const answer = await api.fetch(path, { headers });
        const preflight = await api.fetch(path, {
          method: "OPTIONS",
          headers: { ...headers, "Access-Control-Request-Method": "POST" },
        });
        for (const response of [answer, preflight]) {
          assert.equal(response.headers.get("access-control-allow-origin"), allowed);
          assert.equal(response.headers.get("access-control-allow-credentials"), null);
          assert.match(response.headers.get("vary") ?? "", /Origin/i);
        }
      }
    });

  test("lets the pages of its origins send whatever its answers depend on", async () => {
    const { headers } = await api.fetch("/api/archives/graph/2025-11-04", {
      method: "OPTIONS",
      headers: { Origin: "https://page.example", "Access-Control-Request-Method": "GET" },
    });
    const allowed = headers.get("access-control-allow-headers")?.toLowerCase().split(", ");
    for (const name of ["authorization", "if-modified-since", "if-none-match", "if-range", "range"])
      assert.ok(allowed?.includes(name), name);
  });

  test("names pictures by the configured URL", async () => {
    const { data } = await api.ask(ArchivesDocument, {});
    assert.equal(data?.archives.edges[0]?.node.imageUrl, "https://etna.example/archive/api/archives/graph/2025-11-04");
  });
});

describe("a request's body", () => {
  let api: ApiServer;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api[Symbol.asyncDispose]());

  const query = (bytes: number): string => '{"query":"{__typename}"}'.padEnd(bytes);
  const inPieces = (text: string) => ({ body: new Blob([text]).stream(), duplex: "half" });
  for (const { name, init, status } of [
    { name: "of a mebibyte is answered", init: { body: query(1 << 20) }, status: 200 },
    { name: "of one byte more is refused", init: { body: query((1 << 20) + 1) }, status: 413 },
    { name: "of unknown length is answered", init: inPieces(query(1 << 20)), status: 200 },
    { name: "of unknown length that goes on is refused", init: inPieces(query(3 << 20)), status: 413 },
  ])
    test(name, async () => {
      const response = await api.fetch("/graphql", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        ...init,
      } as RequestInit);
      assert.equal(response.status, status);
      const body = (await response.json()) as { errors?: { extensions: { code: string } }[] };
      assert.equal(body.errors?.[0]?.extensions.code, status === 413 ? "INVALID_REQUEST" : undefined);
    });
});
