/** What is asked wrongly, or for too much: a clear error with a stable code, never a stack. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { getIntrospectionQuery } from "graphql";
import { startApi, type ApiServer } from "../../support/api-server.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi({
    services: { archive: { freeBytes: () => Promise.reject(new Error("the secret")) } as never },
  });
});
afterAll(() => api[Symbol.asyncDispose]());

interface Failed {
  errors: { message: string; extensions: Record<string, unknown> }[];
}
const JSON_TYPE = "application/json";
const SPEC_TYPE = "application/graphql-response+json";
const post = async (body: string, accept = JSON_TYPE, contentType = JSON_TYPE) => {
  const headers = { "Content-Type": contentType, Accept: accept };
  const response = await api.fetch("/graphql", { method: "POST", headers, body });
  return { status: response.status, text: await response.text() };
};
const ask = (query: string, variables?: object, accept?: string) => post(JSON.stringify({ query, variables }), accept);
const failure = ({ text }: { text: string }) => {
  assert.doesNotMatch(text, /stack|\.ts:|node_modules/);
  const [error] = (JSON.parse(text) as Failed).errors;
  return {
    message: error!.message,
    code: error!.extensions["code"],
    others: Object.keys(error!.extensions).length - 1,
  };
};

const nested = `{ archives { edges { node { data { calibration { time { found } } } } } } }`;
const wide = `{ status { ${Array.from({ length: 160 }, (_, at) => (at % 2 ? "version" : "synthetic")).join(" ")} } }`;
const aliased = `{ ${Array.from({ length: 31 }, (_, at) => `a${at}: latestArchive { id }`).join(" ")} }`;
const spread = `{ a: status { ...F0 } } ${Array.from({ length: 12 }, (_, at) => `fragment F${at} on ServiceStatus { ...F${at + 1} ...F${at + 1} }`).join(" ")} fragment F12 on ServiceStatus { version }`;

describe("a request", () => {
  for (const { name, query, variables, code, message, strict = 400 } of [
    { name: "that can't be parsed", query: "{ archives(", code: "GRAPHQL_PARSE_FAILED", message: /Syntax Error/ },
    {
      name: "for a field that isn't there",
      query: "{ volcano }",
      code: "GRAPHQL_VALIDATION_FAILED",
      message: /volcano/,
    },
    {
      name: "for a date beyond the calendar",
      query: '{ archive(date: "2025-02-29") { id } }',
      code: "INVALID_REQUEST",
      message: /^Invalid Date "2025-02-29". Use YYYY-MM-DD$/,
    },
    {
      name: "for such a date in a variable",
      query: "query ($date: Date!) { archive(date: $date) { id } }",
      variables: { date: "2025-2-3" },
      code: "INVALID_REQUEST",
      message: /Invalid Date "2025-2-3"/,
    },
    {
      name: "without a variable that it needs",
      query: "query ($date: Date!) { archive(date: $date) { id } }",
      code: "INVALID_REQUEST",
      message: /\$date/,
    },
    {
      name: "that leaves open which operation is meant",
      query: "query A { __typename } query B { __typename }",
      code: "OPERATION_RESOLUTION_FAILURE",
      message: /Could not determine what operation to execute/,
    },
    { name: "with too many aliases", query: aliased, code: "QUERY_TOO_COMPLEX", message: /31 aliases, at most 30/ },
    {
      name: "for the same again and again",
      query: `{ ${"latestArchive { date } ".repeat(740)} }`,
      code: "QUERY_TOO_COMPLEX",
      message: /1480 fields, at most 500/,
    },
    {
      name: "that is too long",
      query: `{ ${"status { version } ".repeat(800)} }`,
      code: "GRAPHQL_PARSE_FAILED",
      message: /3000 tokens/,
    },
    {
      name: "that is too wide",
      query: wide,
      code: "QUERY_TOO_COMPLEX",
      message: /breadth is 161, at most 150/,
      strict: 200,
    },
    { name: "that widens by fragments", query: spread, code: "QUERY_TOO_COMPLEX", message: /breadth/, strict: 200 },
    {
      name: "for more numbers than a page may have",
      query: "{ archives(first: 500) { edges { node { data(window: PLOT) { points { value } } } } } }",
      code: "QUERY_TOO_COMPLEX",
      message: /complexity is \d+, at most 50000 is answered: ask for a smaller page \(first or last\), or for fewer/,
      strict: 200,
    },
    {
      name: "for more readings of plots than a page may have, though none of their numbers",
      query: `{ ${["a", "b"].map((name) => `${name}: archives(first: 500) { edges { node { data { count } } } }`).join(" ")} }`,
      code: "QUERY_TOO_COMPLEX",
      message: /complexity is \d+, at most 50000/,
      strict: 200,
    },
  ])
    test(`${name} fails with ${code}`, async () => {
      const answer = await ask(query, variables);
      const { message: told, ...rest } = failure(answer);
      assert.match(told, message);
      assert.deepEqual({ status: answer.status, ...rest }, { status: 200, code, others: 0 });
      assert.equal((await ask(query, variables, SPEC_TYPE)).status, strict);
    });

  for (const { name, query } of [
    {
      name: "the points of all days that are kept unless told otherwise",
      query: "{ archives(first: 90) { edges { node { date data { count points { timestamp value clipped } } } } } }",
    },
    {
      name: "how many points the largest page of days has",
      query: "{ archives(first: 500) { edges { node { date data { count } } } } }",
    },
    {
      name: "how many points four months of plots have",
      query: "{ archives(first: 120) { edges { node { date data(window: PLOT) { count } } } } }",
    },
  ])
    test(`for ${name} is within the limits`, async () => {
      const { data, errors } = await api.ask(query);
      assert.deepEqual([data !== null, errors], [true, undefined]);
    });

  for (const { name, body, message } of [
    { name: "a batch", body: '[{"query":"{__typename}"}]', message: "Batching is not supported." },
    { name: "what isn't JSON", body: "{", message: "POST body sent invalid JSON." },
    { name: "null", body: "null", message: "POST body is expected to be object but received null" },
    { name: "no query", body: "{}", message: "Must provide query string." },
    {
      name: "an operation's name that is none",
      body: '{"query":"{__typename}","operationName":5}',
      message: 'Expected "operationName" param to be empty or a string.',
    },
  ])
    test(`refuses ${name}`, async () => {
      for (const accept of [SPEC_TYPE, JSON_TYPE]) {
        const answer = await post(body, accept);
        assert.deepEqual(
          { status: answer.status, ...failure(answer) },
          { status: 400, message, code: "INVALID_REQUEST", others: 0 },
        );
      }
    });

  for (const { name, path, init } of [
    { name: "variables in a URL", path: "/graphql?query={__typename}&variables=x", init: {} },
    { name: "extensions in a URL", path: "/graphql?query={__typename}&extensions={", init: {} },
    {
      name: "variables in a form",
      path: "/graphql",
      init: { method: "POST", body: new URLSearchParams({ query: "{__typename}", variables: "x" }) },
    },
  ])
    test(`refuses ${name} that aren't JSON, and blames nobody else`, async () => {
      const before = api.logged.length;
      const response = await api.fetch(path, init);
      const { message, code } = failure({ text: await response.text() });
      assert.deepEqual(
        { status: response.status, message, code },
        {
          status: 400,
          message: "The variables and extensions of a URL or a form must be JSON.",
          code: "INVALID_REQUEST",
        },
      );
      assert.ok(api.logged.slice(before).every((line) => Number(line["level"]) < 50));
    });

  test("for events must take events, and is told so", async () => {
    const answer = await ask("subscription { archived { date } }");
    assert.equal(answer.status, 406);
    assert.match(failure(answer).message, /text\/event-stream for a subscription/);
  });

  for (const { name, status, accept, contentType } of [
    { name: "with files", status: 415, accept: JSON_TYPE, contentType: "multipart/form-data; boundary=x" },
    { name: "for another type", status: 406, accept: "image/png", contentType: JSON_TYPE },
  ])
    test(`${name} isn't taken, and is told so`, async () => {
      const answer = await post('{"query":"{__typename}"}', accept, contentType);
      assert.deepEqual([answer.status, failure(answer).code], [status, "INVALID_REQUEST"]);
    });

  test("by HEAD isn't taken, before and after the same GET", async () => {
    const path = "/graphql?query={__typename}";
    const head = () => api.fetch(path, { method: "HEAD" });
    assert.equal((await head()).status, 405);
    for (let times = 0; times < 3; times++) assert.equal((await api.fetch(path)).status, 200);
    assert.equal((await head()).status, 405);
  });

  test("of another method isn't taken", async () => {
    const response = await api.fetch("/graphql", { method: "PUT", body: "{}" });
    assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, POST"]);
  });

  test("may go as deep as the schema does", async () => {
    assert.equal((JSON.parse((await ask(nested)).text) as Partial<Failed>).errors, undefined);
  });

  test("may look at the whole schema", async () => {
    assert.equal((JSON.parse((await ask(getIntrospectionQuery())).text) as Partial<Failed>).errors, undefined);
  });

  test("that fails unexpectedly tells its id alone; the log tells the rest", async () => {
    const answer = await ask("{ status { store { freeBytes } } }");
    const { message, code } = failure(answer);
    const id = /^Unexpected error\. The log tells more of request (?<id>[0-9a-f-]{36})$/.exec(message)?.groups?.["id"];
    assert.ok(id !== undefined, message);
    assert.equal(code, "INTERNAL");
    assert.doesNotMatch(answer.text, /secret/);
    assert.ok(api.logged.some((line) => line["requestId"] === id && JSON.stringify(line).includes("the secret")));
  });
});
