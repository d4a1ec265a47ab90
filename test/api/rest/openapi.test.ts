/** Real answers of every route, held against what /api/openapi.json says of them. */
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, test } from "vitest";
import { z } from "zod";
import { createHandler } from "../../../src/api/handler.ts";
import { READ_TOKEN, reading, startApi, type ApiServer } from "../../support/api-server.ts";
import { plotOf, putPlots } from "../../support/tremor.ts";

type Json = Record<string, unknown>;
interface Described {
  operationId?: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, { get: Described }>;
  components: { schemas: Record<string, Json> };
}

let open: ApiServer;
let closed: ApiServer;
let document: Document;
beforeAll(async () => {
  [open, closed] = await Promise.all([startApi(), startApi({ settings: { readToken: READ_TOKEN } })]);
  for (const api of [open, closed]) {
    const day = await api.keep("2025-11-03");
    api.catalog.putDay(day.day, day, reading("2025-11-03", "2025-11-03T00:00:00Z", 40));
    await api.keep("2025-11-02");
    await api.keep("2025-11-01");
    putPlots(
      api.catalog,
      plotOf("2025-10-20", () => 0.5),
    );
    await writeFile(join(api.base, "2025/11/01/etna_20251101.png"), "no picture");
  }
  document = (await (await open.fetch("/api/openapi.json")).json()) as Document;
});
afterAll(() => Promise.all([open[Symbol.asyncDispose](), closed[Symbol.asyncDispose]()]));

/** With its references put in, and no field allowed that isn't described. */
function resolved(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(resolved);
  if (typeof schema !== "object" || schema === null) return schema;
  const { $ref, ...rest } = schema as Json & { $ref?: string };
  if ($ref !== undefined) return resolved(document.components.schemas[$ref.replace("#/components/schemas/", "")]);
  const own = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, resolved(value)]));
  return own["type"] === "object" ? { additionalProperties: false, ...own } : own;
}

const day = "/api/archives/data/2025-11-03";
const graph = "/api/archives/graph/2025-11-03";
const tremor = "/api/tremor?start=2025-10-18&end=2025-10-19";
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

interface Case {
  path: string;
  status: number;
  route: string;
  headers?: Record<string, string>;
  where?: "closed";
  /** Asks again with the tag of the first answer. */
  again?: boolean;
}
const routes = [
  { route: "/api/archives/list", path: "/api/archives/list" },
  { route: "/api/archives/data/{date}", path: day },
  { route: "/api/archives/graph/{date}", path: graph },
  { route: "/api/tremor", path: tremor },
  { route: "/api/openapi.json", path: "/api/openapi.json" },
  { route: "/metrics", path: "/metrics" },
];
const cases: Case[] = [
  ...routes.flatMap(({ route, path }): Case[] => [
    { route, path, status: 200 },
    { route, path, status: 401, where: "closed" },
    { route, path, status: 403, where: "closed", headers: bearer("nonsense") },
    { route, path, status: 200, where: "closed", headers: bearer(READ_TOKEN) },
    ...(route === "/metrics" ? [] : [{ route, path, status: 304, again: true }]),
  ]),
  { route: "/healthz", path: "/healthz", status: 200 },
  { route: "/readyz", path: "/readyz", status: 200 },
  { route: "/api/archives/list", path: "/api/archives/list?start_date=2025", status: 400 },
  { route: "/api/archives/list", path: "/api/archives/list?start_date=2030-01-01", status: 200 },
  { route: "/api/archives/data/{date}", path: `${day}?window=plot`, status: 200 },
  { route: "/api/archives/data/{date}", path: `${day}?format=csv`, status: 200 },
  { route: "/api/archives/data/{date}", path: day, headers: { Accept: "text/csv" }, status: 200 },
  { route: "/api/archives/data/{date}", path: `${day}?format=xml`, status: 400 },
  { route: "/api/archives/data/{date}", path: "/api/archives/data/2025-11-02", status: 200 },
  { route: "/api/archives/data/{date}", path: "/api/archives/data/yesterday", status: 400 },
  { route: "/api/archives/data/{date}", path: "/api/archives/data/2020-01-01", status: 404 },
  { route: "/api/archives/graph/{date}", path: graph, headers: { Range: "bytes=0-9" }, status: 206 },
  { route: "/api/archives/graph/{date}", path: graph, headers: { Range: "bytes=99999999-" }, status: 416 },
  { route: "/api/archives/graph/{date}", path: "/api/archives/graph/2025-02-30", status: 400 },
  { route: "/api/archives/graph/{date}", path: "/api/archives/graph/2020-01-01", status: 404 },
  { route: "/api/archives/graph/{date}", path: "/api/archives/graph/2025-11-01", status: 500 },
  { route: "/api/tremor", path: `${tremor}&format=csv`, status: 200 },
  { route: "/api/tremor", path: `${tremor}&format=geocsv&step=P1D`, status: 200 },
  { route: "/api/tremor", path: "/api/tremor?start=2000-01-01&end=2000-01-01", status: 200 },
  { route: "/api/tremor", path: "/api/tremor", status: 400 },
  { route: "/api/tremor", path: `${tremor}&step=PT7M`, status: 400 },
  { route: "/api/tremor", path: `${tremor}&format=xml`, status: 400 },
];

async function check(
  { path, status, route, headers = {}, where, again }: Case,
  api: Pick<ApiServer, "fetch"> = where === "closed" ? closed : open,
) {
  let response = await api.fetch(path, { headers });
  if (again === true) {
    await response.arrayBuffer();
    response = await api.fetch(path, { headers: { ...headers, "If-None-Match": response.headers.get("etag")! } });
  }
  const body = Buffer.from(await response.arrayBuffer());
  assert.equal(response.status, status, body.toString().slice(0, 200));
  const described = document.paths[route]!.get.responses[status];
  assert.ok(described, `${status} isn't described`);
  const type = response.headers.get("content-type")?.split(";")[0];
  assert.equal(body.length > 0, described.content !== undefined, "a body is there where one is described");
  if (body.length === 0) return;
  const { schema } = described.content?.[type!] ?? assert.fail(`${type} isn't described`);
  if (type === "image/png") return assert.equal(schema["format"], "binary");
  const value: unknown = type === "application/json" ? JSON.parse(body.toString()) : body.toString();
  const { error } = z.fromJSONSchema(resolved(schema) as never).safeParse(value);
  assert.equal(error, undefined);
}

describe("the document describes what", () => {
  for (const one of cases) {
    const where = [one.where ?? "open", ...Object.entries(one.headers ?? {}).flat(), one.again ? "again" : ""].join(
      " ",
    );
    test(`${one.path} answers: ${one.status} (${where.trimEnd()})`, () => check(one));
  }

  test("routes answer when the catalog fails", async () => {
    const broken = () => {
      throw new Error("disk I/O error");
    };
    await using failing = await startApi({
      services: {
        catalog: { ...open.catalog, listDays: broken, findDay: broken, findReading: broken, readTremor: broken },
      },
    });
    for (const { route, path } of routes.slice(0, 4)) await check({ route, path, status: 500 }, failing);
  });

  test("/api/tremor answers when as many exports are sent as may be", async () => {
    const handler = createHandler(open.services, { subscription: 0, export: 0 });
    const busy = { fetch: async (path: string, init?: RequestInit) => handler(new Request(`http://a${path}`, init)) };
    await check({ route: "/api/tremor", path: tremor, status: 503 }, busy);
  });

  test("/readyz answers when the archive can't be written to", async () => {
    await using failing = await startApi();
    await rm(failing.base, { recursive: true, force: true });
    await mkdir(join(failing.base, ".."), { recursive: true });
    await writeFile(failing.base, "a file where a folder should be");
    await check({ route: "/readyz", path: "/readyz", status: 503 }, failing);
  });

  test("/readyz answers when a store that others share is away", async () => {
    const storeProblem = () => "The store doesn't answer";
    const cluster = { server: "a", leadership: undefined, followedMs: () => undefined, storeProblem };
    await using cut = await startApi({ services: { cluster } });
    await check({ route: "/readyz", path: "/readyz", status: 200 }, cut);
  });

  test("clients are made of: each route has a name of its own", () => {
    const names = Object.values(document.paths).map(({ get }) => get.operationId);
    assert.ok(names.every((name) => name !== undefined && /^[a-z][A-Za-z]+$/.test(name)));
    assert.equal(new Set(names).size, names.length);
  });

  test("is all that is described: each status of each route is seen here", () => {
    const seen = new Set(cases.map(({ route, status }) => `${route} ${status}`));
    const described = Object.entries(document.paths).flatMap(([route, { get }]) =>
      Object.keys(get.responses).map((status) => `${route} ${status}`),
    );
    const alone = described.filter((one) => !seen.has(one) && !/ 50[03]$/.test(one));
    assert.deepEqual(alone, []);
  });
});
