/**
 * Listening: the handler behind a node:http server, on Node and Deno alike.
 * Owns the port and an orderly end: what is being asked is answered, what never ends is cut off.
 */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { CannotStart } from "../model/errors.ts";
import type { Handler } from "./handler.ts";

export interface Listening extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
}

/** Answers under way have this long to end once the server is closing. */
const LAST_ANSWERS_MS = 3000;
const IDLE_CHECK_MS = 20;

/** @throws {CannotStart} */
export async function listen(handler: Handler, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createAdaptorServer({ fetch: handler }) as Server;
  const { promise: bound, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await bound.catch((error: NodeJS.ErrnoException) => {
    throw new CannotStart(`Cannot listen on ${host}:${port}: ${error.code ?? error.message}`, { cause: error });
  });
  const { port: boundPort } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((ended) => server.close(ended));
      // A connection whose answer had begun before is idle, not closed, when that answer ends.
      const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
      const cutOff = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
      await closed;
      clearInterval(idle);
      clearTimeout(cutOff);
    },
  };
}
