/** The short way of plain queries answers just as yoga does. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, test } from "vitest";
import { getIntrospectionQuery } from "graphql";
import { startApi, type ApiServer } from "../../support/api-server.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
  for (const day of ["2025-11-03", "2025-11-04"]) await api.keep(day);
});
afterAll(() => api[Symbol.asyncDispose]());

/** As browsers, axios, GraphiQL, Apollo, urql and graphql-http send it. */
const ACCEPTED = [
  "*/*",
  "application/json, text/plain, */*",
  "application/json, multipart/mixed",
  "application/graphql-response+json,application/json;q=0.9",
  "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
  "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
];

const TWO = "query A { latestArchive { date } } query B { status { version } }";

describe("a query that is answered the short way or by yoga", () => {
  for (const { name, body } of [
    {
      name: "a page",
      body: { query: "{ archives(first: 1) { totalCount edges { cursor node { id date imageUrl } } } }" },
    },
    {
      name: "one with variables",
      body: { query: "query ($d: Date!) { archive(date: $d) { date } }", variables: { d: "2025-11-03" } },
    },
    {
      name: "one with null for no variables",
      body: { query: "{ latestArchive { date } }", variables: null, operationName: null },
    },
    { name: "one of two by its name", body: { query: TWO, operationName: "B" } },
    { name: "one of two without a name", body: { query: TWO } },
    { name: "one of two by a wrong name", body: { query: TWO, operationName: "C" } },
    { name: "one that waits", body: { query: "{ status { store { kind archives } schedule { pattern } } }" } },
    { name: "the whole schema", body: { query: getIntrospectionQuery() } },
    {
      name: "an error beside data",
      body: { query: '{ archive(date: "2025-11-04") { date } archives(first: 501) { totalCount } }' },
    },
    { name: "a wrong query", body: { query: "{ volcano }" } },
    {
      name: "a wrong variable",
      body: { query: "query ($d: Date!) { archive(date: $d) { date } }", variables: { d: 5 } },
    },
    { name: "variables that aren't an object", body: { query: "{ __typename }", variables: "x" } },
    { name: "a query that isn't text", body: { query: 5 } },
    { name: "an unknown parameter", body: { query: "{ __typename }", volcano: true } },
    { name: "extensions", body: { query: "{ __typename }", extensions: {} } },
  ])
    test(`is the same: ${name}`, async () => {
      for (const accept of ACCEPTED) {
        // Yoga answers whoever asks for a type first that it doesn't have.
        assert.deepEqual(await ask(body, accept), await ask(body, `text/plain, ${accept}`), accept);
      }
    });

  async function ask(body: object, accept: string) {
    const response = await api.fetch("/graphql", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: accept },
      body: JSON.stringify(body),
    });
    const { status, headers } = response;
    return {
      status,
      type: headers.get("content-type"),
      cache: headers.get("cache-control"),
      body: await response.text(),
    };
  }
});
