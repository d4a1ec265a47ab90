/** Parses and validates queries, and remembers those that were found good. */
import { specifiedRules, type DocumentNode, type GraphQLSchema } from "graphql";
import type { Plugin } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import { keepSecondAsked } from "../second-ask.ts";
import { parseWithinLimits } from "./limits.ts";
import { isGoodQuery, validateQuery } from "./validation.ts";

/** Pages and programs ask the same few queries. */
const GOOD_QUERIES = 200;

export interface QueryCheck {
  /** The parsed query; `undefined` when it is wrong, and yoga is to say how. */
  findGood(text: string): DocumentNode | undefined;
  /** In place of yoga's cache, which would hold every query that was ever asked until the heap is swept. */
  readonly plugin: Plugin;
}

export function createQueryCheck(schema: GraphQLSchema): QueryCheck {
  const good = keepSecondAsked(new LRUCache<string, DocumentNode>({ max: GOOD_QUERIES }));
  return {
    findGood(text) {
      const known = good.get(text);
      if (known !== undefined) return known;
      try {
        const document = parseWithinLimits(text);
        if (!isGoodQuery(schema, document, specifiedRules)) return undefined;
        good.set(text, document);
        return document;
      } catch {
        return undefined;
      }
    },
    plugin: {
      onParse: ({ setParseFn }) => setParseFn(parseWithinLimits),
      onValidate: ({ setValidationFn }) => setValidationFn(validateQuery),
    },
  };
}
