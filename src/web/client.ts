/**
 * The page's GraphQL client: typed documents in, data out; subscriptions as server-sent events.
 * Owns the token for reading, which is kept in memory alone, and the server's clock. Addresses are relative to the page.
 */
import type { TypedDocumentString } from "./operations.ts";
import { createStore } from "./store.ts";

/**
 * Why there is no answer: the server can't be reached; it wants a token (another one, if it was sent one); or it said
 * no for a reason that `message` tells.
 */
export type FailureKind = "UNREACHABLE" | "TOKEN_NEEDED" | "TOKEN_WRONG" | "REFUSED";

interface AskFailedOptions extends ErrorOptions {
  retryAfterMs?: number | undefined;
}

export class AskFailed extends Error {
  readonly kind: FailureKind;
  /** How long the server would have us wait, in milliseconds; `undefined` where it doesn't say. */
  readonly retryAfterMs: number | undefined;
  constructor(kind: FailureKind, message: string, { retryAfterMs, ...options }: AskFailedOptions = {}) {
    super(message, options);
    this.kind = kind;
    this.retryAfterMs = retryAfterMs;
  }
}

const GRAPHQL = new URL("graphql", document.baseURI);

let readToken: string | undefined;
/** By how much the server's clock is ahead of ours, as of its last answer to a query, in milliseconds: a phone's may be wrong. */
export const serverAhead = createStore(0);

/** The time by the server's clock. Milliseconds since 1970. */
export const serverNow = (): number => Date.now() + serverAhead.get();

export function setReadToken(token: string): void {
  readToken = token;
}

export interface AskOptions {
  signal?: AbortSignal | undefined;
  /** In place of the one for reading. */
  token?: string | undefined;
}

/** @throws {AskFailed} @throws the signal's reason */
export async function ask<Result, Variables>(
  query: TypedDocumentString<Result, Variables>,
  variables: Variables,
  { signal, token }: AskOptions = {},
): Promise<Result> {
  const response = await post(query, variables, "application/json", { signal, token });
  const answer = (await response.json().catch((cause: unknown) => {
    throw unreachable(cause, signal);
  })) as { data?: Result; errors?: { message: string }[] };
  if (answer.data == null || answer.errors !== undefined)
    throw new AskFailed("REFUSED", answer.errors?.[0]?.message ?? `The server answered ${response.status}`);
  return answer.data;
}

/** How long a stream may be silent: the server sends a sign of life every 12 seconds. */
const SILENCE_MS = 40_000;

/** What comes until the server ends the stream. @throws {AskFailed} when it breaks @throws the signal's reason */
export async function* subscribe<Result, Variables>(
  query: TypedDocumentString<Result, Variables>,
  variables: Variables,
  { signal, onOpen }: { signal: AbortSignal; onOpen: () => void },
): AsyncGenerator<Result> {
  const silent = new AbortController();
  const anySignal = AbortSignal.any([signal, silent.signal]);
  const response = await post(query, variables, "text/event-stream", { signal: anySignal });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  onOpen();
  try {
    for (let text = ""; ;) {
      const timer = setTimeout(() => silent.abort(), SILENCE_MS);
      const { value, done } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop()!;
      for (const event of events) {
        const data = /^data: ?(.+)$/m.exec(event)?.[1];
        const result = data === undefined ? undefined : (JSON.parse(data) as { data?: Result } | null);
        if (result?.data != null) yield result.data;
      }
    }
  } catch (cause) {
    throw unreachable(cause, signal);
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/**
 * A file of the server, such as a download, with the token where one is needed.
 * @throws {AskFailed}
 */
export async function getFile(path: string, signal?: AbortSignal): Promise<Response> {
  return send(new URL(path, document.baseURI), { headers: authorization(readToken) }, signal);
}

/** Does the server ask readers for a token? Then a plain link leads to a refusal. */
export const readsAreClosed = (): boolean => readToken !== undefined;

function post(
  query: { toString(): string },
  variables: unknown,
  accept: string,
  { signal, token = readToken }: AskOptions,
): Promise<Response> {
  const headers = { "Content-Type": "application/json", Accept: accept, ...authorization(token) };
  return send(GRAPHQL, { method: "POST", headers, body: JSON.stringify({ query: String(query), variables }) }, signal);
}

async function send(url: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, { ...init, signal: signal ?? null, credentials: "omit" }).catch(
    (cause: unknown) => {
      throw unreachable(cause, signal);
    },
  );
  // A file may come out of the browser's cache, with the date of when it was put there.
  const serverMs = url === GRAPHQL ? Date.parse(response.headers.get("date") ?? "") : Number.NaN;
  // The header has whole seconds.
  if (Math.abs(serverMs + 500 - serverNow()) > 1500) serverAhead.set(serverMs + 500 - Date.now());
  if (response.ok) return response;
  if (response.status === 401) throw new AskFailed("TOKEN_NEEDED", "A token is needed");
  if (response.status === 403) throw new AskFailed("TOKEN_WRONG", "The token isn't the right one");
  const retryAfterMs = waitOf(response.headers.get("retry-after"));
  const told = (await response.json().catch(() => ({}))) as {
    errors?: { message: string; extensions?: { code?: string } }[];
    error?: string;
    code?: string;
  };
  // Without a code it is a proxy that answers in the server's place.
  if (response.status >= 502 && (told.errors?.[0]?.extensions?.code ?? told.code) === undefined)
    throw new AskFailed("UNREACHABLE", `The server answered ${response.status}`, { retryAfterMs });
  const message = told.errors?.[0]?.message ?? told.error ?? `The server answered ${response.status}`;
  throw new AskFailed("REFUSED", message, { retryAfterMs });
}

/** @param retryAfter seconds, or a date by the server's clock @returns milliseconds from now */
function waitOf(retryAfter: string | null): number | undefined {
  const text = retryAfter?.trim() ?? "";
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - serverNow();
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

const authorization = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { Authorization: `Bearer ${token}` };

/** @throws the signal's reason when it was the caller who ended it */
function unreachable(cause: unknown, signal: AbortSignal | undefined): AskFailed {
  signal?.throwIfAborted();
  return new AskFailed("UNREACHABLE", "The server can't be reached", { cause });
}
