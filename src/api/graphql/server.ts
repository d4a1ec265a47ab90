/**
 * GraphQL over HTTP: yoga with the schema, the limits and the masking.
 * Owns no HTTP of its own: what is in full becomes the exchange's answer, what streams stays a Response.
 */
import { createYoga, isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import { execute, type DocumentNode, type ExecutionResult } from "graphql";
import type { KnownError } from "../../model/errors.ts";
import { refused } from "../auth.ts";
import { headersFor, httpStatus } from "../errors.ts";
import { jsonAnswer, type Answer } from "../answer.ts";
import type { Exchange } from "../exchange.ts";
import type { GraphQLContext } from "./builder.ts";
import { parseWithinLimits } from "./limits.ts";
import { toOutgoing } from "./outgoing-errors.ts";
import { answerPlainQuery } from "./plain-query.ts";
import { createQueryCheck } from "./query-check.ts";
import { schema } from "./schema.ts";
import { wellFormedOnly } from "./well-formed.ts";

export const GRAPHQL_PATH = "/graphql";

export type GraphQLHandler = (request: Request, exchange: Exchange) => Promise<Response | undefined>;

/** Answers through `exchange.answer`; a Response is returned only for a stream. */
export function createGraphQLHandler(parts: Omit<GraphQLContext, "exchange">): GraphQLHandler {
  const { auth } = parts;
  const findGood = createQueryCheck(schema);
  const yoga = createYoga<GraphQLContext>({
    schema,
    graphqlEndpoint: GRAPHQL_PATH,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: false,
    batching: false,
    maskedErrors: false, // `outgoing` does it, with the request's id
    maxRequestBodySize: false, // the handler has counted it
    healthCheckEndpoint: "/no/such/path", // yoga looks at how a URL ends, so any of ours could be hit
    logging: false,
    parserAndValidationCache: false, // which would hold every query that was ever asked until the heap is swept
    plugins: [wellFormedOnly, limited, outgoing],
  });

  return async (request, exchange) => {
    exchange.route = GRAPHQL_PATH;
    if (!auth.mayRead(exchange.access)) {
      exchange.answer = graphqlErrorAnswer(refused(exchange.access, "Reading"));
      return undefined;
    }
    exchange.reusable = true; // until a mutation, an error or a volatile field says no
    const context = { ...parts, exchange };
    exchange.answer = await answerPlainQuery(request, exchange, findGood, context);
    if (exchange.answer !== undefined) return undefined;
    const response = await yoga.fetch(withBody(request, exchange), context);
    if (response.headers.get("content-type")?.startsWith("application/") !== true && response.body !== null)
      return response;
    const body = await response.text();
    exchange.answer =
      body === "" ? bodiless(response) : { status: response.status, headers: headersOf(response), body };
    return undefined;
  };
}

const limited: Plugin = { onParse: ({ setParseFn }) => setParseFn(parseWithinLimits) };

const outgoing: Plugin<object, GraphQLContext> = {
  onExecute({ args: { document, contextValue }, setExecuteFn }) {
    setExecuteFn(execute);
    if ((document as DocumentNode).definitions.some((part) => "operation" in part && part.operation !== "query")) {
      (contextValue as unknown as GraphQLContext).exchange.reusable = false;
    }
  },
  onResultProcess({ result, setResult, serverContext }) {
    const { exchange } = serverContext as unknown as GraphQLContext;
    const mask = (part: ExecutionResult): ExecutionResult => masked(part, exchange);
    if (isAsyncIterable(result)) {
      exchange.reusable = false;
      exchange.isSubscription = true;
      setResult(mapAsyncIterator(result as AsyncIterable<ExecutionResult>, mask) as never);
    } else {
      setResult((Array.isArray(result) ? result.map(mask) : mask(result as ExecutionResult)) as never);
    }
  },
};

function masked(result: ExecutionResult, exchange: Exchange): ExecutionResult {
  if (result.errors === undefined) return result;
  exchange.reusable = false;
  return { ...result, errors: result.errors.map((error) => toOutgoing(error, exchange)) };
}

/**
 * The request as yoga reads it, with the body that the handler has read. A Request made anew would cost more than the
 * parsing of the query, and yoga looks at no more of it than this.
 */
function withBody(request: Request, { bodyText }: Exchange): Request {
  if (bodyText === undefined) return request;
  const { method, url, headers } = request;
  const read = { text: () => Promise.resolve(bodyText), json: async (): Promise<unknown> => JSON.parse(bodyText) };
  return { method, url, headers, body: null, ...read } as Request;
}

function headersOf(response: Response): Record<string, string> {
  const { "content-length": _, ...headers } = Object.fromEntries(response.headers);
  return { ...headers, "cache-control": "no-store" };
}

/** Yoga says nothing with these: 406 and 415. */
function bodiless({ status }: Response): Answer {
  const needed =
    status === 406
      ? "Accept isn't one that is served; use application/json, or text/event-stream for a subscription"
      : "Content-Type isn't one that is served; use application/json";
  return graphqlRefusal(status, "INVALID_REQUEST", needed);
}

/** GraphQL's clients read errors in GraphQL's form, whatever the status. */
export function graphqlRefusal(status: number, code: string, message: string): Answer {
  return jsonAnswer(status, { errors: [{ message, extensions: { code } }] });
}

/** What refuses a request as a whole. */
export function graphqlErrorAnswer({ code, message }: KnownError): Answer {
  const answer = graphqlRefusal(httpStatus[code], code, message);
  return { ...answer, headers: { ...answer.headers, ...headersFor(code) } };
}
