/**
 * The API as one Fetch handler, for Node and Deno alike.
 * Owns the way of a request: who asks, an answer known before, the routes, and how the answer goes out.
 */
import { randomUUID } from "node:crypto";
import { refusal, type Answer } from "./answer.ts";
import { createAuth } from "./auth.ts";
import { BODY_LIMIT_BYTES, readBody } from "./body.ts";
import { findPacked } from "./content-coding.ts";
import { codedErrorAnswer, logError } from "./errors.ts";
import { Exchange } from "./exchange.ts";
import { createKnownAnswers } from "./known-answers.ts";
import { rememberPages } from "./known-pages.ts";
import { createMetrics } from "./metrics.ts";
import { GRAPHQL_PATH, graphqlErrorAnswer, graphqlRefusal } from "./graphql/server.ts";
import { createOpenStreams, MOST_OPEN, tooMany, type MostOpen, type StreamKind } from "./open-streams.ts";
import { createRoutes } from "./routes.ts";
import { createSender, type Asked, type Connection } from "./sender.ts";
import type { Services } from "./services.ts";

/** @param connection that the request came by, where there is one */
export type Handler = (request: Request, connection?: Connection) => Response | Promise<Response>;

const TOO_LARGE = graphqlRefusal(413, "INVALID_REQUEST", `The request's body is over ${BODY_LIMIT_BYTES} bytes`);
const FAILED = refusal(500, "Internal error");

export function createHandler(given: Services, mostOpen: MostOpen = MOST_OPEN): Handler {
  const services = { ...given, catalog: rememberPages(given.catalog) };
  const { catalog, clock, log } = services;
  const auth = createAuth(services.settings);
  const streams = createOpenStreams(mostOpen);
  const metrics = createMetrics(services, streams);
  const known = createKnownAnswers(catalog, clock);
  const routes = createRoutes(services, auth, metrics);
  const sender = createSender(services, metrics);

  return (request, connection) => {
    const path = pathOf(request.url);
    const asked: Asked = { request, path, id: randomUUID(), startedMs: performance.now(), connection };
    const preflight = sender.preflight(asked);
    if (preflight !== undefined) return preflight;
    return request.method === "POST" && asked.path === GRAPHQL_PATH ? answerWithBody(asked) : answer(asked, undefined);
  };

  async function answerWithBody(asked: Asked): Promise<Response> {
    let bodyText: string | undefined;
    try {
      bodyText = await readBody(asked.request);
    } catch (error) {
      log.debug({ requestId: asked.id, err: error }, "A client left before it had sent its request's body");
      return new Response(null, { status: 400 }); // which nobody gets
    }
    return bodyText === undefined ? sender.send(asked, TOO_LARGE, GRAPHQL_PATH) : answer(asked, bodyText);
  }

  function answer(asked: Asked, bodyText: string | undefined): Response | Promise<Response> {
    const { request } = asked;
    const access = auth.accessOf(request.headers.get("authorization"));
    // However it is answered: in GraphQL a field alone may be refused, and the answer is 200.
    asked.isTokenUnknown = access === "unknown";
    if (asked.isTokenUnknown) metrics.countUnknownToken();
    const key = keyOf(asked, access, bodyText);
    const before = key === undefined ? undefined : known.find(key);
    if (before !== undefined) return sendAsTaken(asked, before.answer, before.route);
    const origin = request.url.slice(0, request.url.indexOf("/", request.url.indexOf("://") + 3));
    return answerAnew(asked, key, new Exchange({ id: asked.id, access, path: asked.path, origin, bodyText }, log));
  }

  function sendAsTaken(asked: Asked, made: Answer, route: string): Response | Promise<Response> {
    const packed = findPacked(asked.request, made);
    return packed === undefined
      ? sender.send(asked, made, route)
      : packed.then((answer) => sender.send(asked, answer, route));
  }

  async function answerAnew(asked: Asked, key: string | undefined, exchange: Exchange): Promise<Response> {
    const madeFrom = known.state();
    try {
      const response = await routes(asked.request, exchange);
      if (response !== undefined && exchange.answer === undefined) {
        return await sendStream(asked, response, exchange);
      }
      const made = inBytes(exchange.answer ?? FAILED);
      if (key !== undefined && exchange.reusable && made.status === 200) {
        known.keep(key, { answer: made, route: exchange.route }, madeFrom);
      }
      return await sendAsTaken(asked, made, exchange.route);
    } catch (error) {
      logError(exchange.log, error, "A request failed unexpectedly");
      return sender.send(asked, FAILED, exchange.route);
    }
  }

  /** Turns it away where too many are open, which a query or a mutation whose one answer is an event never is. */
  async function sendStream(asked: Asked, response: Response, exchange: Exchange): Promise<Response> {
    const { route, isSubscription, log } = exchange;
    const kind: StreamKind | undefined =
      route !== GRAPHQL_PATH ? "export" : isSubscription ? "subscription" : undefined;
    if (kind === undefined) return sender.sendStream(asked, response, route, () => {});
    const leave = streams.enter(kind);
    if (leave !== undefined) return sender.sendStream(asked, response, route, leave);
    await response.body?.cancel().catch(() => {}); // yoga's hasn't begun yet, and may fail over that
    const error = tooMany(kind, mostOpen);
    const answer = kind === "subscription" ? graphqlErrorAnswer(error) : codedErrorAnswer(error, error.message, log);
    return sender.send(asked, answer, route);
  }
}

/**
 * What an answer depends on beside the catalog and the day; `undefined` where none is kept.
 * A HEAD is answered as the GET that it asks about, and `deliver` judges conditions and ranges anew each time.
 */
function keyOf({ request, path }: Asked, access: string, bodyText: string | undefined): string | undefined {
  const { method, url, headers } = request;
  if (method === "HEAD" && path === GRAPHQL_PATH) return undefined; // which has no HEAD
  const accept = headers.get("accept") ?? "";
  if (method === "GET" || method === "HEAD") return `${access} ${accept}\n${url}`;
  if (bodyText === undefined || bodyText.length > LONGEST_KEPT) return undefined;
  return `${access} ${accept}\n${url}\n${headers.get("content-type") ?? ""}\n${bodyText}`;
}

/** A query longer than this is hardly asked twice. */
const LONGEST_KEPT = 16 * 1024;

function inBytes(answer: Answer): Answer {
  return typeof answer.body === "string" ? { ...answer, body: Buffer.from(answer.body) } : answer;
}

/** The path of a URL, without the cost of parsing the rest. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.indexOf("?", start);
  return url.slice(start, end < 0 ? undefined : end);
}
