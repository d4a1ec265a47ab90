/** What is executed plainly is what graphql's `execute` answers, and whatever isn't plain is left to it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { execute, getNamedType, isObjectType, parse, validate, type GraphQLObjectType } from "graphql";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createAuth } from "../../../src/api/auth.ts";
import { Exchange } from "../../../src/api/exchange.ts";
import type { GraphQLContext } from "../../../src/api/graphql/builder.ts";
import { executePlainly } from "../../../src/api/graphql/plain-execution.ts";
import { schema } from "../../../src/api/graphql/schema.ts";
import { SourceUnavailable } from "../../../src/model/errors.ts";
import { reading, startApi, type ApiServer } from "../../support/api-server.ts";
import { sampleReading } from "../../support/sample-reading.ts";

let api: ApiServer;
let contextValue: GraphQLContext;
beforeAll(async () => {
  api = await startApi();
  await api.keep("2025-11-03");
  const day = await api.keep("2025-11-04", { reading: sampleReading() });
  api.catalog.putDay(day.day, day, reading("2025-11-04", "2025-11-03T20:00:00Z", 30));
  const run = api.catalog.startRun({ trigger: "SCHEDULE", startedMs: Date.parse("2025-11-04T12:00:00Z") });
  const error = new SourceUnavailable("no plot today");
  api.catalog.endRun(run.id, { endedMs: run.startedMs + 5000, outcome: "FAILED", day: day.day, error });
  api.catalog.startRun({ trigger: "ADMIN", startedMs: run.startedMs + 60_000 });
  contextValue = {
    services: api.services,
    auth: createAuth(api.services.settings),
    exchange: new Exchange(
      { id: "1", access: "anonymous", path: "/graphql", origin: "http://127.0.0.1", bodyText: undefined },
      api.services.log,
    ),
    getPicture: () => Promise.reject(new Error("no pictures here")),
  };
});
afterAll(() => api[Symbol.asyncDispose]());

const asked = (query: string, variableValues?: Record<string, unknown>) => ({
  schema,
  document: parse(query),
  contextValue: { ...contextValue }, // what a request has cost is remembered by it
  ...(variableValues && { variableValues }),
});
/** As it is sent: `execute` makes objects that inherit nothing. */
const sent = (value: unknown): unknown => JSON.stringify(value);

describe("executePlainly answers as execute does", () => {
  for (const { name, query, variables } of [
    { name: "a page", query: "{ archives(first: 1) { edges { cursor node { id date } } pageInfo { hasNextPage } } }" },
    {
      name: "all that the catalog tells of archives, which no field makes wait",
      query: `{ archives { totalCount edges { node { id date path size compressed modified imageUrl sourceUrl fetchedAt
        station windowStart windowEnd stale } } } }`,
    },
    {
      name: "other names, and one name twice",
      query: "{ b: latestArchive { d: date d: date __typename } a: __typename }",
    },
    { name: "a field whose selections are joined", query: "{ latestArchive { date } latestArchive { size date } }" },
    {
      name: "fragments, of the type and of its interface",
      query: `{ latestArchive { ...A ... on Node { id } ... { size } ...A } }
        fragment A on Archive { date ...B } fragment B on Node { id }`,
    },
    { name: "null where there is none", query: '{ archive(date: "2001-01-01") { date } }' },
    {
      name: "variables, and what is absent",
      query: "query ($n: Int!, $d: Date) { archives(first: $n, startDate: $d) { totalCount edges { node { date } } } }",
      variables: { n: 1 },
    },
    { name: "lists of lists of enums", query: "{ archivalRuns { edges { node { trigger outcome startedAt } } } }" },
    { name: "a name that objects have", query: "{ __proto__: latestArchive { date } }" },
    { name: "an operation without a row", query: "{ archives(first: 0) { edges { node { date } } } }" },
  ])
    test(name, async () => {
      const args = asked(query, variables);
      assert.equal(`{"data":${executePlainly(args)}}`, sent(await execute(args)));
    });

  test("whatever is asked", async () => {
    let plain = 0;
    await fc.assert(
      fc.asyncProperty(selections(schema.getQueryType()!, 4), async (query) => {
        const args = asked(query);
        fc.pre(validate(schema, args.document).length === 0);
        const data = executePlainly(args);
        if (data === undefined) return;
        plain += 1;
        assert.equal(`{"data":${data}}`, sent(await execute(args)), query);
      }),
      { numRuns: 300 },
    );
    assert.ok(plain > 100, `${plain} plain queries`);
  });
});

describe("executePlainly leaves to execute", () => {
  for (const { name, query, variables } of [
    { name: "what is wrong", query: "{ archives(first: 501) { totalCount } }" },
    {
      name: "what is too complex",
      query: "{ archives(first: 500) { edges { node { data(window: PLOT) { points { value } } } } } }",
    },
    {
      name: "a wrong variable",
      query: "query ($n: Int!) { archives(first: $n) { totalCount } }",
      variables: { n: "x" },
    },
    { name: "what isn't allowed", query: "{ archivalRuns { edges { node { errorCode } } } }" },
    { name: "what has to be waited for", query: "{ status { store { freeBytes } } }" },
    { name: "interfaces", query: '{ node(id: "QXJjaGl2ZToyMDI1LTExLTA0") { id } }' },
    { name: "directives", query: "{ latestArchive { date @skip(if: true) size } }" },
    { name: "introspection", query: "{ __schema { queryType { name } } }" },
  ])
    test(name, () => assert.equal(executePlainly(asked(query, variables)), undefined));
});

/** Arguments of fields that need some. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  archive: ['(date: "2025-11-04")', '(date: "2025-11-03")', '(date: "2025-11-02")'],
  archives: ["", "(first: 1)", "(last: 1)", "(order: OLDEST_FIRST)", '(startDate: "2025-11-04")'],
  data: ["", "(window: PLOT)"],
  tremor: ['(start: "2025-11-03T00:00:00Z", end: "2025-11-05T00:00:00Z", step: "PT1H")'],
  tremorStatistics: ['(startDate: "2025-11-03", endDate: "2025-11-04")'],
};

/** A selection of some fields of a type, below each other no deeper than so many levels. */
function selections(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const inner = getNamedType(field.type);
    const args = ARGUMENTS[field.name];
    if (args === undefined && field.args.some(({ type: argument }) => String(argument).endsWith("!"))) return [];
    const head = fc.tuple(fc.constantFrom("", "a: ", "b: "), fc.constantFrom(...(args ?? [""])));
    const own = head.map(([alias, given]) => `${alias}${field.name}${given}`);
    if (!isObjectType(inner)) return inner.name in schema.getTypeMap() && "getFields" in inner ? [] : [own];
    if (depth === 0) return [];
    return [fc.tuple(own, selections(inner, depth - 1)).map(([start, below]) => `${start} ${below}`)];
  });
  return fc
    .array(fc.oneof(fc.constant("__typename"), ...fields), { minLength: 1, maxLength: 4 })
    .map((chosen) => `{ ${chosen.join(" ")} }`);
}
