/** A query like one that was good before is judged by its literals alone, and never otherwise than `validate` would. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { parse, validate } from "graphql";
import { describe, test } from "vitest";
import { createQueryCheck } from "../../../src/api/graphql/query-check.ts";
import { findShape } from "../../../src/api/graphql/query-shape.ts";
import { schema } from "../../../src/api/graphql/schema.ts";

const PAGE = 'query Page { archives(first: 30, startDate: "2025-11-01") { edges { node { date path } } } }';

const shapeOf = (query: string): string | undefined => findShape(parse(query))?.text;

describe("two queries have one shape", () => {
  const ALIKE = {
    "with another name": PAGE.replace("Page", "Other"),
    "with other literals": PAGE.replace("30", "31").replace("2025-11-01", "2024-02-29"),
    "with an alias": PAGE.replace("archives", "list: archives").replace("path", "where: path"),
    "with other blanks and a comment": PAGE.replaceAll(" ", "\n ") + " # the same",
  };
  for (const [how, query] of Object.entries(ALIKE)) test(how, () => assert.equal(shapeOf(query), shapeOf(PAGE)));
});

describe("two queries have different shapes", () => {
  const UNLIKE = {
    "with another field": PAGE.replace("path", "size"),
    "with a literal of another kind": PAGE.replace("30", '"30"'),
    "with another argument": PAGE.replace("first", "last"),
    "with a word in place of a literal": PAGE.replace("30", "ALL"),
    "with a variable in place of a literal": PAGE.replace("30", "$first"),
    "with a directive": PAGE.replace("path", "path @skip(if: true)"),
    "when two fields answer under one name": PAGE.replace("path", "date: path"),
    "with a fragment": PAGE.replace("path", "... on Archive { path }"),
  };
  for (const [how, query] of Object.entries(UNLIKE)) test(how, () => assert.notEqual(shapeOf(query), shapeOf(PAGE)));
});

describe("a query has no shape of its own", () => {
  const UNSHAPED = {
    "when it is one of several": `${PAGE} query Other { status { version } }`,
    "when it has fragments": "{ status { ...F } } fragment F on ServiceStatus { version }",
    "when it changes something": "mutation { cleanup(input: {}) { __typename } }",
    "when fields with literals answer under one name":
      "{ a: archives(first: 1) { totalCount } a: archives(first: 2) { totalCount } }",
  };
  for (const [how, query] of Object.entries(UNSHAPED)) test(how, () => assert.equal(shapeOf(query), undefined));
});

describe("after good queries of its shape", () => {
  const findGood = createQueryCheck(schema);
  const good = [
    PAGE,
    '{ archive(date: "2025-11-04") { date } }',
    '{ tremor(range: { start: "2025-11-04T00:00:00Z" }) { coverage } }',
    '{ node(id: "QXJjaGl2ZToyMDI1LTExLTA0") { id } }',
    '{ a: archive(date: "2025-11-04") { date } b: archive(date: "2025-11-05") { date } }',
    "query ($n: Int = 3) { archives(first: $n) { totalCount } }",
    "{ status @include(if: true) { version } }",
  ].filter((query) => validate(schema, parse(query)).length === 0);
  for (const query of good) for (const name of ["# 1", "# 2", "# 3"]) assert.ok(findGood(`${query}${name}`));

  const judgesAsValidate = (query: string): void => {
    let document;
    try {
      document = parse(query);
    } catch {
      return assert.equal(findGood(query), undefined);
    }
    assert.equal(findGood(query) !== undefined, validate(schema, document).length === 0, query);
  };

  const WRONG = {
    "a date that isn't one": PAGE.replace("2025-11-01", "2025-02-29"),
    "a number beyond 32 bits": PAGE.replace("30", "3000000000"),
    "a number in place of a text": PAGE.replace('"2025-11-01"', "20251101"),
    "a text in place of a number": PAGE.replace("30", '"30"'),
    "two dates under one name": '{ a: archive(date: "2025-11-04") { date } a: archive(date: "2025-11-05") { date } }',
    "two fields under one name": PAGE.replace("path", "date: path"),
  };
  for (const [what, query] of Object.entries(WRONG)) {
    test(`${what} is wrong`, () => {
      assert.ok(validate(schema, parse(query)).length > 0);
      assert.equal(findGood(query), undefined);
    });
  }

  test("whatever stands in another's place", () => {
    const tokensOf = (query: string): string[] => query.match(/"[^"]*"|[$@]?\w+|\.{3}|\S/g) ?? [];
    const tokens = fc.constantFrom(...new Set([...good, ...Object.values(WRONG)].flatMap(tokensOf)));
    fc.assert(
      fc.property(fc.constantFrom(...good), fc.nat(), tokens, (query, at, token) => {
        const changed = tokensOf(query);
        changed[at % changed.length] = token;
        judgesAsValidate(changed.join(" "));
      }),
      { numRuns: 1000 },
    );
  });
});
