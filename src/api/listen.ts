/**
 * Listening: the handler behind a node:http server, on Node and Deno alike.
 * Owns the port and an orderly end: what is being asked is answered, what never ends, or nobody takes, is cut off.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener, RequestError, type Http2Bindings, type HttpBindings } from "@hono/node-server";
import type { Logger } from "pino";
import { CannotStart } from "../model/errors.ts";
import { refusal } from "./answer.ts";
import { authorityOf } from "./authority.ts";
import { createDroppedConnections } from "./dropped-connections.ts";
import { logError } from "./errors.ts";
import type { Handler } from "./handler.ts";
import { ON_EVERY_ANSWER } from "./sender.ts";

export interface Listening extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
}

/** Answers under way have this long to end once the server is closing: more than a fetch has, for which one may wait. */
const LAST_ANSWERS_MS = 6000;
const IDLE_CHECK_MS = 20;
/** As many as may have a stream open, and room for all who ask briefly; what comes beyond is closed at once. */
const MOST_CONNECTIONS = 2000;

/**
 * An answer of which a client takes nothing for so long is ended: nobody may hold what waits for him for ever. The system
 * takes some MB for him, and more only once a third of them is sent: at 5 kB/s that is four minutes.
 */
const STALLED_MS = 300_000;

/** What whoever starts it can do: port 5000 is one that other programs take, too. */
const HELP = {
  EADDRINUSE: "another program listens there; set PORT to a free one",
  EADDRNOTAVAIL: "this machine has no such address; set HOST to one that it has",
  EACCES: "ports below 1024 are the system's; set PORT to another",
};

export interface ListenOptions {
  host: string;
  port: number;
  log: Logger;
  stalledMs?: number;
  mostConnections?: number;
}

/** @throws {CannotStart} */
export async function listen(
  handler: Handler,
  { host, port, log, stalledMs = STALLED_MS, mostConnections = MOST_CONNECTIONS }: ListenOptions,
): Promise<Listening> {
  const server = createServer();
  server.maxConnections = mostConnections;
  const dropped = createDroppedConnections(log);
  server.on("drop", ({ remoteAddress } = {}) => dropped.add(remoteAddress));
  const { promise: bound, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, () => {
    // HTTP/1.0 needs no Host, and simple checks of a proxy send none.
    const hostname = authorityOf(host, (server.address() as AddressInfo).port);
    const answer = (
      request: Request,
      { incoming, outgoing }: HttpBindings | Http2Bindings,
    ): Response | Promise<Response> => {
      if (countHosts(incoming.rawHeaders) > 1) throw new RequestError("More than one Host");
      endWhenStalled(outgoing as ServerResponse, stalledMs);
      return handler(request, {
        cutOff: () => void outgoing.destroy(),
        peer: () => incoming.socket.remoteAddress,
      });
    };
    server.on("request", getRequestListener(answer, { hostname, errorHandler: (error) => answerError(error, log) }));
    resolve();
  });
  await bound.catch((error: NodeJS.ErrnoException) => {
    const { code = error.message } = error;
    const help = code in HELP ? `: ${HELP[code as keyof typeof HELP]}` : "";
    throw new CannotStart(`Cannot listen on ${host}:${port}: ${code}${help}`, { cause: error });
  });
  return {
    url: `http://${authorityOf(host, (server.address() as AddressInfo).port)}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((ended) => server.close(ended));
      // A connection whose answer had begun before is idle, not closed, when that answer ends.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      const cutOff = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(cutOff);
      dropped[Symbol.dispose]();
    },
  };
}

/**
 * Two are refused (RFC 9112, 3.2): a proxy may have judged by the other one.
 * @param rawHeaders names and values by turns
 */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]!.length === 4 && rawHeaders[at]!.toLowerCase() === "host") count++;
  return count;
}

/** An answer that is being made, or has no news to tell, waits for nobody to take it. */
function endWhenStalled(outgoing: ServerResponse, stalledMs: number): void {
  outgoing.setTimeout(stalledMs, () => {
    if (outgoing.writableLength > 0) outgoing.destroy();
    else outgoing.setTimeout(stalledMs);
  });
}

/**
 * Answers a request that can't be made into one, such as one with a Host that isn't, and never gets to the handler; or
 * one at which the handler itself failed. The library would print what is thrown here, past the log.
 */
function answerError(error: unknown, log: Logger): Response {
  const isBad = error instanceof RequestError;
  if (!isBad) logError(log, error, "A request failed unexpectedly");
  const { status, headers, body } = isBad ? refusal(400, "Bad request") : refusal(500, "Internal error");
  return new Response(body as string, { status, headers: { ...headers, ...ON_EVERY_ANSWER } });
}
