/**
 * How answers leave: with the headers that every answer has, counted, and told to the log.
 * Owns those headers, and which pages of other origins may read the answers (CORS: none, unless they are listed).
 */
import type { Answer } from "./answer.ts";
import { deliver } from "./deliver.ts";
import { logError } from "./errors.ts";
import type { Metrics } from "./metrics.ts";
import type { Services } from "./services.ts";

export interface Connection {
  /** Ends it at once, so that nobody takes what was sent for all that there is. */
  cutOff(): void;
  /** The address that it comes from, which may be a proxy's; `undefined` once it is gone. */
  peer(): string | undefined;
}

export interface Asked {
  request: Request;
  connection: Connection | undefined;
  path: string;
  id: string;
  /** By `performance.now()`. */
  startedMs: number;
  /** Did it send a token that isn't ours? Known once it is to be answered. */
  isTokenUnknown?: boolean;
}

export interface Sender {
  /** The answer to a browser that asks whether a page of another origin may ask; `undefined` when it doesn't. */
  preflight(asked: Asked): Response | undefined;
  send(asked: Asked, answer: Answer, route: string): Response;
  /**
   * Sends an answer that has no end yet. Where it breaks off, that is logged and the connection cut off.
   * @param onEnd called once nothing more is sent, for whatever reason
   */
  sendStream(asked: Asked, response: Response, route: string, onEnd: () => void): Response;
}

export const ON_EVERY_ANSWER = { "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer" } as const;

const CORS_PREFLIGHT = {
  "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
  "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Modified-Since, If-None-Match, If-Range, Range",
  "Access-Control-Max-Age": "600",
} as const;
const CORS_EXPOSED = "Content-Disposition, Content-Range, ETag, Retry-After, X-Request-Id";

/**
 * The same stream, which doesn't fail once it is cut off: who pipes it to a client writes an error's message behind what
 * was sent, and ends the answer as if it were whole. Reads nothing before it is asked to.
 * @param cutOff answers whether the connection is cut off
 * @param onEnd called when it is read to its end, left, or broken
 */
function cutOffWhenBroken(
  body: ReadableStream<Uint8Array>,
  cutOff: (error: unknown) => boolean,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let hasLeft = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (hasLeft) return; // a subscription may still bring one more event
          if (!done) return controller.enqueue(value);
          onEnd();
          controller.close();
        } catch (error) {
          onEnd();
          if (!hasLeft && !cutOff(error)) controller.error(error);
        }
      },
      cancel(reason) {
        hasLeft = true;
        onEnd();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Whoever is refused, also for want of room, is named in the log, so that a search for tokens can be traced, and its source shut out. */
function whoAsks({ request, connection }: Asked): { peer: string | undefined; forwardedFor: string | undefined } {
  const claimed = request.headers.get("x-forwarded-for") ?? undefined; // which anybody may write
  return { peer: connection?.peer(), forwardedFor: claimed?.slice(0, LONGEST_CLAIM) };
}

/** Characters: four IPv6 addresses. */
const LONGEST_CLAIM = 160;

export function createSender({ settings, clock, log }: Services, metrics: Metrics): Sender {
  const origins = new Set(settings.corsOrigins);

  const corsHeaders = ({ headers }: Request): Record<string, string> => {
    const origin = headers.get("origin");
    if (origin === null || !origins.has(origin)) return {};
    return { "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": CORS_EXPOSED };
  };

  const close = (asked: Asked, status: number, route: string): void => {
    const { request, path, id, startedMs } = asked;
    const elapsedMs = performance.now() - startedMs;
    metrics.observe(request.method, route, status, elapsedMs / 1000);
    // A server that is busy, or not ready, says so by 503 as often as it is asked.
    const isRefused = status === 401 || status === 403 || asked.isTokenUnknown === true;
    const level = status === 503 ? "warn" : status >= 500 ? "error" : status >= 400 || isRefused ? "info" : "debug";
    if (!log.isLevelEnabled(level)) return;
    const who = isRefused || status === 503 ? whoAsks(asked) : undefined;
    // Without its query, which may hold a signature.
    log[level]({ requestId: id, method: request.method, path, status, elapsedMs, ...who }, "Request answered");
  };

  const send: Sender["send"] = (asked, answer, route) => {
    const { request, id } = asked;
    const { status, headers, body } = deliver(request, answer, clock());
    const sent: Record<string, string> = { ...headers, ...ON_EVERY_ANSWER, "X-Request-Id": id };
    if (origins.size > 0) {
      Object.assign(sent, corsHeaders(request));
      sent["Vary"] = headers["Vary"] === undefined ? "Origin" : `${headers["Vary"]}, Origin`;
    }
    close(asked, status, route);
    return new Response(body as BodyInit | null, { status, headers: sent });
  };

  return {
    send,
    preflight(asked) {
      const { request } = asked;
      if (request.method !== "OPTIONS" || origins.size === 0) return undefined;
      if (!request.headers.has("access-control-request-method")) return undefined;
      const isAllowed = origins.has(request.headers.get("origin") ?? "");
      return send(asked, { status: 204, headers: isAllowed ? CORS_PREFLIGHT : {}, body: null }, "preflight");
    },
    sendStream(asked, response, route, onEnd) {
      const headers = new Headers(response.headers);
      headers.delete("connection"); // the server's own
      if (headers.get("content-encoding") === "none") headers.delete("content-encoding"); // yoga's, which isn't one
      const own = { ...ON_EVERY_ANSWER, "X-Request-Id": asked.id, ...(origins.size > 0 && corsHeaders(asked.request)) };
      for (const [name, value] of Object.entries(own)) headers.set(name, value);
      if (origins.size > 0) headers.append("Vary", "Origin");
      close(asked, response.status, route);
      const cutOff = (error: unknown): boolean => {
        logError(log.child({ requestId: asked.id }), error, "An answer broke off");
        asked.connection?.cutOff();
        return asked.connection !== undefined;
      };
      if (response.body === null) onEnd();
      const body = response.body && cutOffWhenBroken(response.body, cutOff, onEnd);
      return new Response(body, { status: response.status, headers });
    },
  };
}
