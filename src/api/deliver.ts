/**
 * Sends an answer the way the request asked for it: whole, not again (304), a part of it (206, 416), or its headers.
 * Owns HTTP's conditions and ranges (RFC 9110, 13 and 14), for all routes alike.
 */
import { refusal, type Answer } from "./answer.ts";
import { parseRange } from "./byte-range.ts";
import { parseHttpDate } from "./http-date.ts";

/** What a 304 repeats of the 200 that it stands for (RFC 9110, 15.4.5). */
const KEPT_BY_304 = ["Cache-Control", "Content-Location", "ETag", "Last-Modified", "Vary"];

/** The answer to this very request; most times it is the one given. */
export function deliver(request: Request, answer: Answer, nowMs: number): Answer {
  const { method, headers } = request;
  if (method !== "GET" && method !== "HEAD") return answer;
  if (answer.status !== 200) return method === "HEAD" ? withoutBody(answer) : answer;
  if (isUnchanged(headers, answer, nowMs)) return unchanged(answer);
  if (method === "HEAD") return withoutBody(answer);
  return answer.headers["Accept-Ranges"] === "bytes" ? inPart(headers, answer) : answer;
}

/** Made once for each answer, which is given many times. */
const unchangedAnswers = new WeakMap<Answer, Answer>();

function unchanged(answer: Answer): Answer {
  let made = unchangedAnswers.get(answer);
  if (made === undefined) {
    const kept = KEPT_BY_304.flatMap((name) => (answer.headers[name] ? [[name, answer.headers[name]] as const] : []));
    made = { status: 304, headers: Object.fromEntries(kept), body: null };
    unchangedAnswers.set(answer, made);
  }
  return made;
}

function isUnchanged(headers: Headers, answer: Answer, nowMs: number): boolean {
  const known = headers.get("if-none-match");
  if (known !== null) {
    const { ETag: tag } = answer.headers;
    return known.trim() === "*" || (tag !== undefined && tagsOf(known).includes(tag));
  }
  const since = headers.get("if-modified-since");
  const modified = answer.headers["Last-Modified"];
  if (since === null || modified === undefined) return false;
  const sinceMs = parseHttpDate(since.trim(), nowMs);
  return sinceMs !== undefined && Date.parse(modified) <= sinceMs;
}

/** The tags of an If-None-Match header, which are compared weakly: `W/` doesn't count. */
function tagsOf(header: string): string[] {
  return header.match(/"[^"]*"/g) ?? [];
}

function inPart(headers: Headers, answer: Answer): Answer {
  const asked = headers.get("range");
  const { body } = answer;
  if (asked === null || !(body instanceof Uint8Array) || !isStillThat(headers.get("if-range"), answer)) return answer;
  const range = parseRange(asked, body.byteLength);
  if (range === undefined) return answer;
  if (range === "unsatisfiable")
    return refusal(416, "Range not satisfiable", {
      "Accept-Ranges": "bytes",
      "Content-Range": `bytes */${body.byteLength}`,
    });
  const { first, last } = range;
  return {
    status: 206,
    headers: { ...answer.headers, "Content-Range": `bytes ${first}-${last}/${body.byteLength}` },
    body: body.subarray(first, last + 1),
  };
}

/** Parts of two versions mustn't be joined: a condition that can't be met gets the whole body. */
function isStillThat(ifRange: string | null, { headers }: Answer): boolean {
  if (ifRange === null) return true;
  const condition = ifRange.trim();
  return condition === headers["ETag"] || condition === headers["Last-Modified"];
}

function withoutBody(answer: Answer): Answer {
  const { body } = answer;
  if (body === null) return answer;
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  return { ...answer, headers: { ...answer.headers, "Content-Length": String(length) }, body: null };
}
