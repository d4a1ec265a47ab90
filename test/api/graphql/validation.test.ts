/** A query is found good where graphql's `validate` finds nothing wrong with it. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { getIntrospectionQuery, parse, validate, type DocumentNode } from "graphql";
import { describe, test } from "vitest";
import { schema } from "../../../src/api/graphql/schema.ts";
import { isGoodQuery } from "../../../src/api/graphql/validation.ts";

const folder = fileURLToPath(new URL("../../../schema/operations/", import.meta.url));
const operations = readdirSync(folder).map((name) => readFileSync(folder + name, "utf8"));

const QUERIES = [
  "{ latestArchive { date } }",
  "{ volcano }",
  "{ latestArchive }",
  "{ latestArchive { date { year } } }",
  "{ archive { date } }",
  "{ archive(date: 5) { date } }",
  '{ archive(date: "2025-11-04", date: "2025-11-04") { date } }',
  "{ archives(first: 1, volcano: 2) { totalCount } }",
  "{ a: status { version } a: latestArchive { date } }",
  "query Q { status { version } } query Q { status { version } }",
  "{ status { version } } { status { version } }",
  "query ($a: Date!) { archive(date: $a) { date } }",
  "query ($a: Date) { archive(date: $a) { date } }",
  "query ($a: Date!) { status { version } }",
  "query ($a: Date!, $a: Date!) { archive(date: $a) { date } }",
  "query ($a: Archive) { status { version } }",
  "query ($a: Volcano) { status { version } }",
  "{ archive(date: $a) { date } }",
  "{ status { ...F } } fragment F on ServiceStatus { version }",
  "{ status { ...F } }",
  "{ status { version } } fragment F on ServiceStatus { version }",
  "{ status { ...F } } fragment F on Archive { date }",
  "{ status { ...F } } fragment F on ServiceStatus { ...F }",
  "{ status { ...F } } fragment F on ServiceStatus { version } fragment F on ServiceStatus { version }",
  "{ status { ...F } } fragment F on Date { version }",
  "{ status { ... on Archive { date } } }",
  "{ status { ... on Volcano { date } } }",
  "{ status { ... { version } } }",
  "{ status @volcano { version } }",
  "{ status @skip(if: true) @skip(if: true) { version } }",
  "{ status @skip { version } }",
  "query ($a: Boolean!) { status @include(if: $a) { version } }",
  "mutation { cleanup(input: { dryRun: true, dryRun: true }) { __typename } }",
  "mutation { cleanup(input: { volcano: true }) { __typename } }",
  "subscription { archived { date } other: archived { date } }",
  "type Volcano { name: String }",
  "mutation { __typename }",
  getIntrospectionQuery(),
  ...operations,
];

describe("isGoodQuery judges as validate does", () => {
  for (const query of QUERIES)
    test(query.replaceAll(/\s+/g, " ").slice(0, 90), () => {
      const document = parse(query);
      assert.equal(isGoodQuery(schema, document), validate(schema, document).length === 0);
    });

  test("whatever word stands in another's place", () => {
    const wordsOf = (query: string): string[] => query.match(/[$@]?\w+|\.{3}|\S/g) ?? [];
    const words = fc.constantFrom(...new Set(QUERIES.flatMap(wordsOf)));
    fc.assert(
      fc.property(fc.constantFrom(...QUERIES), fc.nat(), words, (query, at, word) => {
        const changed = wordsOf(query);
        changed[at % changed.length] = word;
        const document = findDocument(changed.join(" "));
        fc.pre(document !== undefined);
        assert.equal(isGoodQuery(schema, document), validate(schema, document).length === 0, changed.join(" "));
      }),
      { numRuns: 500 },
    );
  });
});

function findDocument(text: string): DocumentNode | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
