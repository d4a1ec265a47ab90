/**
 * HTTP as the sources speak it: one request, its answer's body as decoded bytes while they come.
 * Why not the global `fetch`: on Deno it waits for a connection without limit. Why not undici's own `fetch`: on Deno
 * it never tells that a body broke off. Its `request` does both right on both runtimes, and leaves decoding to us.
 */
import { pipeline, type Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { Dispatcher } from "undici";

/** As much of `fetch` as a download needs. It follows no redirect. */
export type Fetch = (
  url: string,
  init: { headers: Record<string, string>; redirect: "manual"; signal: AbortSignal },
) => Promise<Answer>;

export interface Answer {
  status: number;
  statusText: string;
  headers: { get(name: string): string | null };
  /** Leaving the iteration early closes the connection; so does `cancel`. */
  body: (AsyncIterable<Uint8Array> & { cancel(): Promise<void> }) | null;
}

const DECODERS: Record<string, () => NodeJS.ReadWriteStream & Readable> = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Idle connections close by themselves and keep no process alive. */
export function createFetch({ connectMs }: { connectMs: number }): Fetch {
  let client: ReturnType<typeof loadClient> | undefined;
  return async (url, { headers, signal }) => {
    const send = await (client ??= loadClient(connectMs));
    // A PNG is compressed already, so we ask for it as it is; some servers gzip it all the same.
    const answer = await send(url, { headers: { "Accept-Encoding": "identity", ...headers }, signal });
    const get = (name: string) => [answer.headers[name.toLowerCase()] ?? []].flat().join(", ") || null;
    const body = decode(answer.body, get("content-encoding"));
    return {
      status: answer.statusCode,
      statusText: answer.statusText,
      headers: { get },
      body: Object.assign(body, { cancel: async () => void body.destroy() }),
    };
  };
}

/** Loaded with the first request: it takes a tenth of a second, for which a command that only reads needn't wait. */
async function loadClient(connectMs: number) {
  const { Agent, request } = await import("undici");
  const dispatcher = new Agent({ connect: { timeout: connectMs } });
  return (
    url: string,
    options: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<Dispatcher.ResponseData> => request(url, { ...options, dispatcher });
}

/** @throws when the encoding isn't known */
function decode(body: Readable, encoding: string | null): Readable {
  // Whoever reads it is told of errors; nobody is when it was cancelled.
  body.on("error", () => {});
  if (encoding === null || encoding.toLowerCase() === "identity") return body;
  const createDecoder = DECODERS[encoding.toLowerCase()];
  if (createDecoder === undefined) {
    body.destroy();
    throw new Error(`found Content-Encoding ${encoding}, need ${Object.keys(DECODERS).join(", ")} or none`);
  }
  return pipeline(body, createDecoder(), () => {});
}
