/** What comes before the handler: requests that hardly are any. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { listen } from "../../src/api/listen.ts";
import { startApi, type ApiServer } from "../support/api-server.ts";

let api: ApiServer;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api[Symbol.asyncDispose]());

/** Sends just these bytes, and answers what comes back until the connection ends. */
async function exchange(text: string): Promise<string> {
  const { hostname, port } = new URL(api.url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(text);
  let answer = "";
  socket.on("data", (bytes) => {
    answer += bytes.toString("latin1");
  });
  await once(socket, "close");
  return answer;
}

describe("listening", () => {
  test("takes HTTP/1.0 without a Host, as a proxy's check sends it", async () =>
    assert.match(await exchange("GET /healthz HTTP/1.0\r\n\r\n"), /^HTTP\/1\.1 200 .*\{"ok":true\}$/s));

  for (const host of ["a b", "a/b", "a@b"])
    test(`refuses the Host ${host}, with the headers that every answer has`, async () => {
      const answer = await exchange(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /x-content-type-options: nosniff/i);
      assert.match(answer, /\{"ok":false,"error":"Bad request"\}$/);
    });

  test("refuses two Hosts, even where they are the same", async () => {
    const hosts = "Host: a\r\nhost: a\r\n";
    const answer = await exchange(`GET /healthz HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 400 .*\{"ok":false,"error":"Bad request"\}$/s);
  });

  test("sends one length of a body, to HEAD too", async () => {
    for (const path of ["/graphql?query={__typename}", "/healthz"]) {
      const answer = await exchange(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.match(/^content-length:/gim)?.length, 1);
    }
  });

  for (const { name, body } of [
    { name: "of a known length", body: 'Content-Length: 100\r\n\r\n{"qu' },
    { name: "in pieces", body: 'Transfer-Encoding: chunked\r\n\r\n4\r\n{"qu\r\n' },
  ])
    test(`tells the log alone of a client that leaves amid a body ${name}`, async () => {
      using printed = vi.spyOn(console, "error");
      const { hostname, port } = new URL(api.url);
      const socket = connect({ host: hostname, port: Number(port) });
      api.logged.length = 0;
      socket.write(`POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${body}`, () =>
        socket.destroySoon(),
      );
      const told = await vi.waitUntil(() => api.logged.find(({ msg }) => `${msg}`.startsWith("A client left before")), {
        timeout: 30_000,
      });
      assert.match(String(told["requestId"]), /^[0-9a-f-]{36}$/);
      assert.deepEqual(printed.mock.calls, []);
    });

  // Deno holds any number.
  test.skipIf("Deno" in globalThis)("closes a connection too many, and tells the log", async () => {
    const logged: string[] = [];
    const log = pino({}, { write: (line: string) => void logged.push(line) });
    const handler = () => new Response("here");
    await using server = await listen(handler, { host: "127.0.0.1", port: 0, log, mostConnections: 1 });
    const { hostname, port } = new URL(server.url);
    const open = () => connect({ host: hostname, port: Number(port) }).on("error", () => {});
    const first = open();
    await once(first, "connect");
    const many = [open(), open(), open()];
    await Promise.all(many.map((socket) => once(socket, "close")));
    assert.deepEqual(
      logged.map((line) => (JSON.parse(line) as { count: number }).count),
      [1],
    );
    first.write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert.match(String((await once(first, "data"))[0]), /^HTTP\/1\.1 200/);
    first.destroy();
  });

  for (const { name, handler } of [
    {
      name: "at once",
      handler: () => {
        throw new Error("no more disk");
      },
    },
    { name: "later", handler: () => Promise.reject(new Error("no more disk")) },
  ])
    test(`tells the log, and not the client, of a handler that fails ${name}`, async () => {
      using printed = vi.spyOn(console, "error");
      const logged: string[] = [];
      const log = pino({}, { write: (line: string) => void logged.push(line) });
      await using server = await listen(handler, { host: "127.0.0.1", port: 0, log });
      const response = await fetch(server.url);
      assert.deepEqual([response.status, await response.json()], [500, { ok: false, error: "Internal error" }]);
      assert.match(logged.join(), /no more disk/);
      assert.deepEqual(printed.mock.calls, []);
    });
});
