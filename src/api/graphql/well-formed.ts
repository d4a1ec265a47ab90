/**
 * What yoga would take, or fail over, though it is no well-formed request (GraphQL over HTTP, 5): refused as the rest
 * of such requests is.
 */
import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";

export const wellFormedOnly: Plugin = {
  onRequestParse({ requestParser, setRequestParser }) {
    if (requestParser === undefined) return;
    setRequestParser(async (request) => {
      try {
        return await requestParser(request);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        throw malformed("The variables and extensions of a URL or a form must be JSON.");
      }
    });
  },
  onParams({ params: { operationName } }) {
    if (operationName != null && typeof operationName !== "string")
      throw malformed('Expected "operationName" param to be empty or a string.');
  },
};

function malformed(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: "BAD_REQUEST", http: { status: 400, spec: true } } });
}
