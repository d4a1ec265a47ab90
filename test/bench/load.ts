/**
 * A small load generator: so many connections, each sending its next request when the last one is answered.
 * It reads no more of an answer than it must, so that it stays faster than the servers it measures.
 */
import { connect, type Socket } from "node:net";

export interface Load {
  port: number;
  /** Whole requests, head and body, that are sent in turn. */
  requests: (index: number) => string;
  connections: number;
  seconds: number;
}

export interface Measured {
  perSecond: number;
  /** Milliseconds. */
  p99Ms: number;
  /** Answers whose status was another than 2xx or 304. */
  failed: number;
  count: number;
}

const HEAD_END = "\r\n\r\n";

export async function applyLoad({ port, requests, connections, seconds }: Load): Promise<Measured> {
  const latenciesMs: number[] = [];
  let failed = 0;
  let sent = 0;
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;

  const drive = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let sentMs = 0;
      let missing = 0; // bytes of the body that are still to come
      let head = "";
      const next = (): void => {
        sentMs = performance.now();
        if (sentMs >= endMs) socket.destroy();
        else socket.write(requests(sent++));
      };
      const answered = (): void => {
        latenciesMs.push(performance.now() - sentMs);
        next();
      };
      socket.on("connect", next).on("close", resolve).on("error", reject);
      socket.on("data", (bytes) => {
        if (missing > 0) {
          missing -= bytes.length;
          if (missing === 0) answered();
          return;
        }
        head += bytes.toString("latin1");
        const end = head.indexOf(HEAD_END);
        if (end < 0) return;
        const status = head.slice(9, 12);
        if (status[0] !== "2" && status !== "304") failed += 1;
        missing = bodyLength(head, end, status) - (head.length - end - HEAD_END.length);
        head = "";
        if (missing === 0) answered();
      });
    });

  await Promise.all(
    Array.from({ length: connections }, () => drive(connect({ port, host: "127.0.0.1", noDelay: true }))),
  );
  const elapsedSeconds = (performance.now() - startedMs) / 1000;
  latenciesMs.sort((a, b) => a - b);
  return {
    perSecond: latenciesMs.length / elapsedSeconds,
    p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] ?? Number.NaN,
    failed,
    count: latenciesMs.length,
  };
}

function bodyLength(head: string, end: number, status: string): number {
  if (status === "304" || status === "204") return 0;
  const found = /^content-length: *(\d+)/im.exec(head.slice(0, end));
  if (found === null) throw new Error(`An answer has no Content-Length: ${head.slice(0, end)}`);
  return Number(found[1]);
}
