/**
 * Errors on their way out: the one table from code to status, and what outsiders are told.
 */
import type { Logger } from "pino";
import { KnownError, StoreFailed, type ErrorCode } from "../model/errors.ts";
import { refusal, type Answer } from "./answer.ts";

export const httpStatus: Readonly<Record<ErrorCode, number>> = {
  ARCHIVE_DAMAGED: 500,
  BACKUP_MISSING: 500,
  BUSY: 503,
  DAY_NOT_FOUND: 404,
  FORBIDDEN: 403,
  INTERNAL: 500,
  INVALID_REQUEST: 400,
  PLOT_REJECTED: 502,
  SHUTDOWN: 503,
  SOURCE_UNAVAILABLE: 502,
  STORE_FAILED: 500,
  UNAUTHENTICATED: 401,
};

/** Of a server that is busy, or being stopped: the same request may be answered later, so the client is told why not now. */
const LATER = 503;

/**
 * The REST answer to an error. What the client can't help is logged, and told in `otherwise` alone.
 * @param otherwise such as `Failed to retrieve archive graph`
 */
export function errorAnswer(error: unknown, otherwise: string, log: Logger): Answer {
  const status = error instanceof KnownError ? httpStatus[error.code] : 500;
  if (!(error instanceof KnownError) || (status >= 500 && status !== LATER)) {
    logError(log, error, otherwise);
    return refusal(500, otherwise);
  }
  return refusal(status, error.message, headersFor(error.code));
}

/** The same with the error's code, which the old system's clients don't know. */
export function codedErrorAnswer(error: unknown, otherwise: string, log: Logger): Answer {
  const answer = errorAnswer(error, otherwise, log);
  const code: ErrorCode = error instanceof KnownError ? error.code : "INTERNAL";
  return { ...answer, body: JSON.stringify({ code, ...JSON.parse(answer.body as string) }) };
}

/** What a refusal says beside its status: a 401 how to authenticate (RFC 9110, 15.5.2), a 503 when to come back. */
export function headersFor(code: ErrorCode): Record<string, string> {
  if (httpStatus[code] === 401) return { "WWW-Authenticate": 'Bearer realm="etna-archive"' };
  return httpStatus[code] === LATER ? { "Retry-After": RETRY_AFTER_SECONDS } : {};
}

/** News come twice an hour, so that who comes back after a minute misses little. */
const RETRY_AFTER_SECONDS = "60";

/** Logs an error with what only logs may tell: its stack, and the whole path in a store. */
export function logError(log: Logger, error: unknown, message: string): void {
  const { path, errno } = error instanceof StoreFailed ? error : { path: undefined, errno: undefined };
  log.error({ err: error, path, errno }, message);
}
