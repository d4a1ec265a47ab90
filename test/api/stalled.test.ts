/** Clients that ask and then take nothing, whatever is sent. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, test } from "vitest";
import { listen, type Listening } from "../../src/api/listen.ts";

const PIECE = new Uint8Array(64 * 1024);
/** More than a system keeps for a connection. */
const WHOLE = new Uint8Array(64 * 1024 * 1024);

let hasEnded = (): void => {};
let tellNews = (): void => {};

const answers: Record<string, (request: Request) => Response> = {
  "/whole"({ signal }) {
    signal.addEventListener("abort", () => hasEnded());
    return new Response(WHOLE);
  },
  "/stream"() {
    const pull = (controller: ReadableStreamDefaultController): void => controller.enqueue(PIECE);
    return new Response(new ReadableStream({ pull, cancel: () => hasEnded() }, { highWaterMark: 0 }));
  },
  "/news"() {
    const start = (controller: ReadableStreamDefaultController): void => {
      controller.enqueue(Buffer.from("none yet,"));
      tellNews = () => {
        controller.enqueue(Buffer.from("news"));
        controller.close();
      };
    };
    return new Response(new ReadableStream({ start }));
  },
};

let server: Listening;
beforeAll(async () => {
  const answer = async (request: Request): Promise<Response> => answers[new URL(request.url).pathname]!(request);
  const log = pino({ level: "silent" });
  server = await listen(answer, { host: "127.0.0.1", port: 0, log, stalledMs: 200 });
});
afterAll(() => server[Symbol.asyncDispose]());

function ask(path: string): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {}); // a connection that is cut off may be reset
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  return socket;
}

/** Asks, reads nothing, and waits until the server has given up; `leftBytes` are what had been on its way. */
async function untilStalled(path: string): Promise<{ leftBytes: number }> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  hasEnded = resolve;
  const unread = ask(path).pause();
  await ended;
  let leftBytes = 0;
  unread.on("data", (bytes) => (leftBytes += bytes.length)).resume();
  await once(unread, "close");
  return { leftBytes };
}

describe("an answer of which a client takes nothing", () => {
  test("is ended, and its maker told, where it is a stream", () => untilStalled("/stream"));

  test("is ended where it is whole", async () => {
    const { leftBytes } = await untilStalled("/whole");
    assert.ok(leftBytes < WHOLE.length, `${leftBytes} bytes came`);
  });

  test("goes on where there is nothing to take yet", async () => {
    const waiting = ask("/news").setEncoding("latin1");
    let text = "";
    waiting.on("data", (bytes) => (text += bytes));
    await once(waiting, "data");
    for (let times = 0; times < 2; times++) await untilStalled("/stream");
    tellNews();
    await once(waiting, "close");
    assert.match(text, /none yet,.*news/s);
  });
});
