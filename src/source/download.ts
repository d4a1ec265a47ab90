/**
 * One try to download the plot: follows redirects, and reads the body up to a limit.
 * Owns what an answer means; when to try again is for its caller to decide.
 */
import { PlotRejected, SourceUnavailable } from "../model/errors.ts";
import type { PlotVersion } from "../model/plot.ts";
import type { Answer, Fetch } from "./http.ts";
import { parseRetryAfter } from "./retry-after.ts";

const MAX_BODY_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;

export interface Downloaded {
  bytes: Uint8Array;
  version: PlotVersion;
}

/** A try that failed in a way that another one may mend. */
export class FailedTry extends Error {
  /** When the server asked us to come back, ms since 1970. */
  readonly comeBackMs: number | undefined;
  constructor(message: string, details: { comeBackMs?: number | undefined; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.comeBackMs = details.comeBackMs;
  }
}

/**
 * Downloads the plot, unless the server still has the version that we have seen (`undefined`).
 * @throws {FailedTry} when it is worth another try
 * @throws {PlotRejected} when the body is over the limit
 * @throws {SourceUnavailable} when another try would bring the same
 */
export async function download(
  url: string,
  seen: PlotVersion | undefined,
  { fetch, userAgent, signal, clock }: { fetch: Fetch; userAgent: string; signal: AbortSignal; clock: () => number },
): Promise<Downloaded | undefined> {
  const conditions = conditionalHeaders(seen);
  const headers = { "User-Agent": userAgent, Accept: "image/png, */*;q=0.1", ...conditions };
  let at = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await asFailedTry(() => fetch(at, { headers, redirect: "manual", signal }));
    if (answer.status >= 200 && answer.status < 300)
      return { bytes: await readBody(answer), version: versionOf(answer) };
    await discardBody(answer);
    if (answer.status === 304 && Object.keys(conditions).length > 0) return undefined;
    const target = redirectTarget(answer, at);
    if (target === undefined) throw refusal(answer, at, clock());
    at = target;
  }
  throw new SourceUnavailable(`${url} redirects more than ${MAX_REDIRECTS} times, last to ${at}`);
}

/** What no header can hold, such as an ETag in another script, is left out: asking without it brings the plot too. */
function conditionalHeaders(seen: PlotVersion | undefined): Record<string, string> {
  const conditions = Object.entries({ "If-None-Match": seen?.etag, "If-Modified-Since": seen?.lastModified });
  return Object.fromEntries(
    conditions.filter((one): one is [string, string] => one[1] !== undefined && /^[\x20-\x7e]+$/.test(one[1])),
  );
}

function versionOf({ headers }: Answer): PlotVersion {
  const etag = headers.get("etag");
  const lastModified = headers.get("last-modified");
  return { ...(etag !== null && { etag }), ...(lastModified !== null && { lastModified }) };
}

/** Where the answer sends us; `undefined` when it is no redirect. */
function redirectTarget(answer: Answer, from: string): string | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined;
  const location = answer.headers.get("location");
  const target = location === null ? null : URL.parse(location, from);
  if (target === null)
    throw new SourceUnavailable(
      `${from} answered ${answer.status} with Location ${printable(location ?? "absent")}, need a URL`,
    );
  const problem = whyNotFetchable(target);
  if (problem !== undefined) throw new SourceUnavailable(`${from} redirects to ${problem}`);
  target.hash = "";
  return target.href;
}

/** Why we don't fetch from such a URL, in words without what may be secret in it; `undefined` when we do. */
export function whyNotFetchable(url: URL): string | undefined {
  if (url.protocol !== "http:" && url.protocol !== "https:") return `a ${url.protocol} URL, need http: or https:`;
  if (url.username !== "" || url.password !== "") return "a URL with a user or password in it, need one without";
  return undefined;
}

/** The error for an answer that is neither a plot nor a redirect. */
function refusal(answer: Answer, from: string, nowMs: number): FailedTry | SourceUnavailable {
  const { status, statusText, headers } = answer;
  const found = `${from} answered ${printable(`${status} ${statusText}`)}`;
  const comeBackMs = status === 429 || status === 503 ? parseRetryAfter(headers.get("retry-after"), nowMs) : undefined;
  if (status >= 500 || status === 408 || status === 429) return new FailedTry(found, { comeBackMs });
  return new SourceUnavailable(`${found}, need 200`);
}

/** Reads the decoded body. Counts what comes: a Content-Length may lie, and a small body may inflate to a large one. */
async function readBody({ body }: Answer): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  await asFailedTry(async () => {
    if (body === null) return;
    for await (const part of body) {
      parts.push(part);
      size += part.length;
      if (size > MAX_BODY_BYTES) break; // leaving the loop cancels the rest
    }
  });
  if (size > MAX_BODY_BYTES) throw new PlotRejected(`its body goes on after ${MAX_BODY_BYTES} bytes, the most we take`);
  return Buffer.concat(parts);
}

/** A server's words, fit for one line of a terminal. */
function printable(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, "?")
    .slice(0, 100)
    .trim();
}

/** Frees the connection. That it may have broken meanwhile changes nothing. */
async function discardBody({ body }: Answer): Promise<void> {
  await body?.cancel().catch(() => {});
}

async function asFailedTry<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new FailedTry(describe(cause), { cause });
  }
}

/** The innermost cause says most: fetch wraps each in "fetch failed" or "terminated". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return describe(error.cause);
  const { code, message } = error as NodeJS.ErrnoException;
  return message || code || error.name;
}
