/**
 * Errors beside `data`, as clients get them: each with a stable `extensions.code`, never with a stack.
 * What wasn't to be expected is logged, and masked but for the request's id.
 */
import { GraphQLError } from "graphql";
import { KnownError } from "../../model/errors.ts";
import { headersFor, httpStatus, logError } from "../errors.ts";
import type { Exchange } from "../exchange.ts";

/** The query names none, several, or another one. */
const NO_OPERATION = "OPERATION_RESOLUTION_FAILURE";

/** Codes of what a client did wrong, beside those of our own errors. */
const REQUEST_CODES = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "INVALID_REQUEST",
  NO_OPERATION,
  "QUERY_TOO_COMPLEX",
]);

/** Yoga's code for what it can't make a GraphQL request of. */
const NOT_GRAPHQL = "BAD_REQUEST";

/** HTTP's part of an error, as yoga reads it: `spec` means 200 for who accepts application/json alone. */
interface HttpPart {
  status?: number;
  spec?: boolean;
  headers?: Record<string, string>;
}

export function toOutgoing(error: GraphQLError, exchange: Exchange): GraphQLError {
  const cause = rootOf(error);
  const http = (error.extensions["http"] ?? undefined) as HttpPart | undefined;
  if (cause instanceof KnownError && httpStatus[cause.code] < 500) {
    return rewritten(error, cause.message, cause.code, accessHttp(cause, error) ?? http);
  }
  if (cause instanceof KnownError) {
    logError(exchange.log, cause, "A GraphQL field failed");
    return rewritten(error, cause.message, cause.code, http);
  }
  const code = requestCode(error, cause);
  // What isn't a GraphQL request at all is refused in HTTP's terms, whatever is accepted.
  if (code !== undefined && error.extensions["code"] === NOT_GRAPHQL && http?.spec === true)
    return rewritten(error, error.message, code, { status: http.status ?? 400 });
  // Wrong variables, or no operation to run, stop a request before it runs, as wrong queries do: 400, but 200 in the
  // older media type.
  const isStopped = error.path === undefined && (error.nodes !== undefined || code === NO_OPERATION);
  const refusal = isStopped ? { status: 400, spec: true } : http;
  if (code !== undefined) return rewritten(error, error.message, code, refusal);
  logError(exchange.log, cause, "A GraphQL request failed unexpectedly");
  return rewritten(error, `Unexpected error. The log tells more of request ${exchange.id}`, "INTERNAL", http);
}

function rootOf(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError != null) cause = cause.originalError;
  return cause;
}

/** `undefined` where the client isn't to blame. */
function requestCode(error: GraphQLError, cause: unknown): string | undefined {
  if (!(cause instanceof GraphQLError)) return undefined;
  const code = cause.extensions["code"] ?? error.extensions["code"];
  if (code === NOT_GRAPHQL) return "INVALID_REQUEST";
  if (typeof code === "string") return REQUEST_CODES.has(code) ? code : undefined;
  // Variables are judged before anything is resolved, so their errors have no path.
  return error.path === undefined ? "INVALID_REQUEST" : undefined;
}

/** A request whose root field is refused is refused as a whole, in HTTP's terms too. */
function accessHttp({ code }: KnownError, { path }: GraphQLError): HttpPart | undefined {
  const isAccess = code === "UNAUTHENTICATED" || code === "FORBIDDEN";
  if (!isAccess || (path?.length ?? 0) > 1) return undefined;
  return { status: httpStatus[code], headers: headersFor(code) };
}

function rewritten(error: GraphQLError, message: string, code: string, http: HttpPart | undefined): GraphQLError {
  return new GraphQLError(message, {
    nodes: error.nodes ?? null,
    source: error.source ?? null,
    positions: error.positions ?? null,
    path: error.path ?? null,
    extensions: { code, ...(http && { http }) },
  });
}
