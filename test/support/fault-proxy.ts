/**
 * A proxy in front of an S3 server that makes its faults: it passes bytes on, and answers some requests itself, late,
 * or not to their end. Owns the faults; tests say which requests have which.
 */
import { createServer, request as send, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export type Fault =
  /** The request is answered with this status and an S3 error of this code, and never reaches the server. */
  | { answer: number; code: string }
  /** It is done, and answered with this status all the same. */
  | { doneButAnswer: number; code: string }
  /** It is done, and the connection is cut before a byte of the answer. */
  | "reset after"
  /** The connection is cut, and nothing is done. */
  | "reset before"
  /** Half of the answer's body comes, and then the connection ends. */
  | "truncated"
  /** Nothing is done, and nothing comes. */
  | "silent"
  /** Half of the answer's body comes, and then nothing more. */
  | "stalled"
  /** Everything comes so much later, ms. */
  | { lateMs: number }
  /** The server says that its clock is so much further, ms. */
  | { aheadMs: number };

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** Which fault a request has; none by default. Requests are told by method and path, the query included. */
  faultOf: (method: string, path: string) => Fault | undefined;
  /** `METHOD path` of all requests so far. */
  requests: string[];
  /** Headers of the last request of each method. */
  headers: Record<string, IncomingMessage["headers"]>;
}

/** @param target URL of the real server */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const server = createServer(async (request, response) => {
    const { method = "", url: path = "" } = request;
    proxy.requests.push(`${method} ${path}`);
    proxy.headers[method] = request.headers;
    const fault = proxy.faultOf(method, path);
    const is = <Key extends string>(key: Key): number | undefined =>
      typeof fault === "object" && key in fault ? (fault as unknown as Record<Key, number>)[key] : undefined;
    const sayError = (status: number): void => {
      if (status === 200) return void response.writeHead(200).end();
      const { code } = fault as { code: string };
      response.writeHead(status, { "content-type": "application/xml" });
      response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>made up</Message></Error>`);
    };
    await pause(is("lateMs") ?? 0);
    if (fault === "silent") return;
    if (fault === "reset before") return void request.socket.destroy();
    const status = is("answer");
    if (status !== undefined) return void request.resume().on("end", () => sayError(status));
    // The host is part of the signature.
    const passed = send({ hostname, port, method, path, headers: request.headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const body = Buffer.concat(chunks);
        const done = is("doneButAnswer");
        if (done !== undefined) return sayError(done);
        if (fault === "reset after") return void request.socket.destroy();
        const date = new Date(Date.parse(answer.headers.date ?? "") + (is("aheadMs") ?? 0));
        response.writeHead(answer.statusCode ?? 500, { ...answer.headers, date: date.toUTCString() });
        if (fault !== "truncated" && fault !== "stalled") return void response.end(body);
        response.write(body.subarray(0, body.length / 2));
        if (fault === "truncated") setTimeout(() => request.socket.destroy(), 20);
      });
    });
    passed.on("error", () => request.socket.destroy());
    request.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faultOf: () => undefined,
    requests: [],
    headers: {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
