/** Parses and validates queries, and remembers those that were found good. */
import type { DocumentNode } from "graphql";
import type { Plugin } from "graphql-yoga";
import { LRUCache } from "lru-cache";
import { keepSecondAsked } from "../second-ask.ts";
import { parseWithinLimits } from "./limits.ts";
import { validateQuery } from "./validation.ts";

/** Pages and programs ask the same few queries. */
const GOOD_QUERIES = 200;

/** A plugin in place of yoga's cache, which would hold every query that was ever asked until the heap is swept. */
export function createQueryCheck(): Plugin {
  const good = keepSecondAsked(new LRUCache<string, DocumentNode>({ max: GOOD_QUERIES }));
  return {
    onParse({ params: { source }, setParsedDocument, setParseFn }) {
      const known = good.get(String(source));
      if (known === undefined) setParseFn(parseWithinLimits);
      else setParsedDocument(known);
    },
    onValidate({ params: { documentAST }, setResult, setValidationFn }) {
      const text = (documentAST as DocumentNode).loc?.source.body ?? "";
      if (good.get(text) === documentAST) {
        setResult([]);
        return;
      }
      setValidationFn(validateQuery);
      return ({ valid }) => {
        if (valid) good.set(text, documentAST as DocumentNode);
      };
    },
  };
}
