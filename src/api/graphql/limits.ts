/**
 * How much one request may ask for. What it costs to answer is judged by the complexity plugin (depth, breadth, and
 * objects times pages); what it costs to parse and validate, here.
 */
import type { ComplexityErrorFn } from "@pothos/plugin-complexity";
import { GraphQLError, Kind, parse, type DocumentNode, type ParseOptions, type Source } from "graphql";
import { eachNode } from "./validation.ts";

/** GraphiQL's introspection takes about 300. */
const MAX_TOKENS = 3000;
const MAX_ALIASES = 30;
/** All fields of a name are compared with each other, and graphql gives that up with no word of why. */
const MAX_FIELDS = 500;

/** Fields in each other, fields in all, and what they cost. */
export const QUERY_LIMIT = { depth: 10, breadth: 150, complexity: 50_000 };

const LESS = {
  depth: "nest fewer fields",
  breadth: "ask for fewer fields",
  complexity: "ask for a smaller page (first or last), or for fewer fields of what there are many of, such as points",
};

const CODE = "QUERY_TOO_COMPLEX";

export const tooComplex: ComplexityErrorFn = (kind, measured) => {
  const what = kind.toLowerCase() as "depth" | "breadth" | "complexity";
  return new GraphQLError(
    `The query's ${what} is ${measured[what]}, at most ${QUERY_LIMIT[what]} is answered: ${LESS[what]}`,
    { extensions: { code: CODE } },
  );
};

/** Parses a document within the limits; its fields count before validation compares them with each other. */
export function parseWithinLimits(source: string | Source, options?: ParseOptions): DocumentNode {
  const document = parse(source, { ...options, maxTokens: MAX_TOKENS });
  let [fields, aliases] = [0, 0];
  eachNode(document, (node) => {
    if (node.kind !== Kind.FIELD) return;
    fields += 1;
    if (node.alias !== undefined) aliases += 1;
  });
  if (fields > MAX_FIELDS) throw tooMany("fields", fields, MAX_FIELDS);
  if (aliases > MAX_ALIASES) throw tooMany("aliases", aliases, MAX_ALIASES);
  return document;
}

function tooMany(what: string, count: number, most: number): GraphQLError {
  return new GraphQLError(`The query has ${count} ${what}, at most ${most} are answered`, {
    extensions: { code: CODE, http: { status: 400, spec: true } },
  });
}
