/** What comes before the handler: requests that hardly are any. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, test } from "vitest";
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

  test("sends one length of a body, to HEAD too", async () => {
    for (const path of ["/graphql?query={__typename}", "/healthz"]) {
      const answer = await exchange(`HEAD ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.equal(answer.match(/^content-length:/gim)?.length, 1);
    }
  });
});
