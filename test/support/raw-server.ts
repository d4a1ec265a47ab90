/**
 * A loopback server that answers each request with just the bytes that a test writes, however wrong:
 * an HTTP server would mend a lying Content-Length before it left.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";

interface RawRequest {
  path: string;
  /** Names in lower case. */
  headers: Record<string, string>;
}

/** Answers one request. The connection stays open until it ends the socket. */
export type RawAnswer = (socket: Socket, request: RawRequest) => void;

export interface RawServer extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
  requests: RawRequest[];
}

/** The nth request gets the nth answer, later ones the last. */
export async function startRawServer(...answers: RawAnswer[]): Promise<RawServer> {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)).on("error", () => {}));
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      if (!text.includes("\r\n\r\n")) return;
      const request = parseRequest(text);
      text = "";
      requests.push(request);
      answers[Math.min(requests.length, answers.length) - 1]!(socket, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function parseRequest(text: string): RawRequest {
  const [requestLine, ...lines] = text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { path: requestLine!.split(" ")[1]!, headers: Object.fromEntries(headers) };
}

/** A whole answer, and the end of the connection. Content-Length is right unless a header says otherwise. */
export function answer(
  status: string,
  headers: Record<string, string> = {},
  body: Uint8Array | string = "",
): RawAnswer {
  return (socket) =>
    socket.end(
      Buffer.concat([head(status, { "Content-Length": `${Buffer.byteLength(body)}`, ...headers }), Buffer.from(body)]),
    );
}

/** The status line and the headers, to be followed by whatever the test writes. */
export function head(status: string, headers: Record<string, string>): Buffer {
  const lines = Object.entries({ Connection: "close", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`);
}
