/** Parses and validates queries, and remembers what was found good, since it is asked again: word by word, or nearly. */
import type { DocumentNode, GraphQLInputType, GraphQLSchema } from "graphql";
import { LRUCache } from "lru-cache";
import { keepSecondAsked } from "../second-ask.ts";
import { parseWithinLimits } from "./limits.ts";
import { areOfTypes, findShape, literalTypesOf } from "./query-shape.ts";
import { isGoodQuery } from "./validation.ts";

/** Pages and programs ask the same few queries, of half a kilobyte. A parsed one takes some twenty-five times its text. */
const LIMIT = {
  maxSize: 512 * 1024,
  maxEntrySize: 16 * 1024,
  sizeCalculation: (_value: unknown, text: string): number => text.length,
};

/** The parsed query; `undefined` when it is wrong, and yoga is to say how. */
export type FindGoodQuery = (text: string) => DocumentNode | undefined;

export function createQueryCheck(schema: GraphQLSchema): FindGoodQuery {
  const good = keepSecondAsked(new LRUCache<string, DocumentNode>(LIMIT));
  const isGood = createShapeCheck(schema);
  return (text) => {
    const known = good.get(text);
    if (known !== undefined) return known;
    try {
      const document = parseWithinLimits(text, { noLocation: true }); // places are for errors, which yoga tells
      if (!isGood(document)) return undefined;
      good.set(text, () => document);
      return document;
    } catch {
      return undefined;
    }
  };
}

/** Validates one query of each shape, and then only the literals of others, which takes a tenth of the time. */
function createShapeCheck(schema: GraphQLSchema): (query: DocumentNode) => boolean {
  const goodShapes = keepSecondAsked(new LRUCache<string, GraphQLInputType[]>(LIMIT));
  return (query) => {
    const shape = findShape(query);
    const types = shape && goodShapes.get(shape.text);
    if (types !== undefined) return areOfTypes(shape!.literals, types);
    if (!isGoodQuery(schema, query)) return false;
    if (shape !== undefined) goodShapes.set(shape.text, () => literalTypesOf(schema, query));
    return true;
  };
}
