/**
 * An HTTP answer held in full, so that it can be sent many times, in part, or not at all (304).
 * Owns its shape and the ways to make one; `deliver` turns it into a Response.
 */
import { hash } from "node:crypto";

export interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | null;
}

/** Data that may change with the next run: a client may keep them, if it asks each time. */
const REVALIDATE = "no-cache";

export function jsonAnswer(status: number, value: unknown): Answer {
  return {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" },
    body: JSON.stringify(value),
  };
}

/** A good answer that a client may keep and ask about again: it has an ETag. */
export function revalidatedAnswer(contentType: string, body: string, headers: Record<string, string> = {}): Answer {
  return {
    status: 200,
    headers: {
      "Content-Type": contentType,
      "Cache-Control": REVALIDATE,
      ETag: `"${hash("sha256", body, "base64url")}"`,
      ...headers,
    },
    body,
  };
}

/** The refusals of the REST routes. */
export function refusal(status: number, error: string, headers: Record<string, string> = {}): Answer {
  const answer = jsonAnswer(status, { ok: false, error });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
