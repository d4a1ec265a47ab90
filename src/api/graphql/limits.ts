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

const CODE = "QUERY_TOO_COMPLEX";

export const tooComplex: ComplexityErrorFn = (kind, measured) => {
  const what = kind.toLowerCase() as "depth" | "breadth" | "complexity";
  const max = { depth: measured.maxDepth, breadth: measured.maxBreadth, complexity: measured.maxComplexity }[what];
  return new GraphQLError(`The query's ${what} is ${measured[what]}, at most ${max} is answered`, {
    extensions: { code: CODE },
  });
};

/** Parses a document within the limits; its aliases count before validation compares them with each other. */
export function parseWithinLimits(source: string | Source, options?: ParseOptions): DocumentNode {
  const document = parse(source, { ...options, maxTokens: MAX_TOKENS });
  let aliases = 0;
  eachNode(document, (node) => {
    if (node.kind === Kind.FIELD && node.alias !== undefined) aliases += 1;
  });
  if (aliases > MAX_ALIASES) {
    throw new GraphQLError(`The query has ${aliases} aliases, at most ${MAX_ALIASES} are answered`, {
      extensions: { code: CODE, http: { status: 400, spec: true } },
    });
  }
  return document;
}
