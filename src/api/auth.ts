/**
 * Who asks, and what that allows. Tokens are compared in constant time and never logged.
 * Owns the tokens and the signatures; each route says what it needs.
 */
import { createHmac, hash, scryptSync, timingSafeEqual } from "node:crypto";
import type { Day } from "../model/day.ts";
import { Forbidden, Unauthenticated } from "../model/errors.ts";

/** `unknown` sent a token that we don't have. */
export type Access = "anonymous" | "unknown" | "reader" | "admin";

export interface Auth {
  accessOf(authorization: string | null): Access;
  /** Does reading need a token here? */
  readonly readsAreClosed: boolean;
  mayRead(access: Access): boolean;
  /** The query that opens a day's picture to whoever has it, for 15 minutes; empty where reading is open. */
  signedQuery(day: Day, nowMs: number): string;
  isSigned(day: string, query: URLSearchParams, nowMs: number): boolean;
}

export const SIGNED_FOR_SECONDS = 15 * 60;
const BEARER = /^Bearer +(?<token>\S+) *$/i;

export function createAuth({ adminToken, readToken }: { adminToken: string; readToken: string | undefined }): Auth {
  const admin = digest(adminToken);
  const reader = readToken === undefined ? undefined : digest(readToken);
  // Made from the read token, so that it outlives a restart, and opens no more than that token does. By scrypt, since
  // whoever has a signed URL could else try tokens on it as fast as a hash goes.
  const signingKey = readToken === undefined ? "" : scryptSync(readToken, "etna-archive image URL", 32);
  const signature = (day: string, expires: string): Buffer =>
    createHmac("sha256", signingKey).update(`${day}\0${expires}`).digest();

  return {
    readsAreClosed: reader !== undefined,
    accessOf(authorization) {
      if (authorization === null) return "anonymous";
      const sent = digest(BEARER.exec(authorization)?.groups?.["token"] ?? "");
      const isAdmin = timingSafeEqual(sent, admin);
      const isReader = reader !== undefined && timingSafeEqual(sent, reader);
      if (isAdmin) return "admin";
      return isReader ? "reader" : "unknown";
    },
    mayRead: (access) => reader === undefined || access === "reader" || access === "admin",
    signedQuery(day, nowMs) {
      if (reader === undefined) return "";
      const expires = String(Math.floor(nowMs / 1000) + SIGNED_FOR_SECONDS);
      return `?expires=${expires}&signature=${signature(day, expires).toString("base64url")}`;
    },
    isSigned(day, query, nowMs) {
      const expires = query.get("expires") ?? "";
      const sent = Buffer.from(query.get("signature") ?? "", "base64url");
      const due = signature(day, expires);
      const matches = sent.length === due.length && timingSafeEqual(sent, due);
      return reader !== undefined && matches && Number(expires) * 1000 >= nowMs;
    },
  };
}

/** Why someone may not do this: told apart by whether a token came at all. */
export function refused(access: Access, what: string): Unauthenticated | Forbidden {
  return access === "anonymous"
    ? new Unauthenticated(`${what} needs a token: send "Authorization: Bearer TOKEN"`)
    : new Forbidden(`${what} isn't allowed with the token that was sent`);
}

/** Of one length whatever the token's, as a comparison in constant time needs. */
function digest(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
