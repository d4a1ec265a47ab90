/** Parses and validates queries, and remembers those that were found good and are asked again. */
import type { DocumentNode, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import { keepSecondAsked } from "../second-ask.ts";
import { parseWithinLimits } from "./limits.ts";
import { isGoodQuery } from "./validation.ts";

/** Pages and programs ask the same few queries. */
const GOOD_QUERIES = 200;

/** The parsed query; `undefined` when it is wrong, and yoga is to say how. */
export type FindGoodQuery = (text: string) => DocumentNode | undefined;

export function createQueryCheck(schema: GraphQLSchema): FindGoodQuery {
  const good = keepSecondAsked(new LRUCache<string, DocumentNode>({ max: GOOD_QUERIES }));
  return (text) => {
    const known = good.get(text);
    if (known !== undefined) return known;
    try {
      const document = parseWithinLimits(text, { noLocation: true }); // places are for errors, which yoga tells
      if (!isGoodQuery(schema, document)) return undefined;
      good.set(text, document);
      return document;
    } catch {
      return undefined;
    }
  };
}
