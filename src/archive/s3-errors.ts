/**
 * What the errors of the AWS SDK mean to us, and in which words they are told: none names a host, an account or a policy.
 */
import { CannotStart, KnownError, StoreFailed } from "../model/errors.ts";

/** The HTTP status of an SDK error; `undefined` where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}

/** Is it the answer that there is no such object? A missing bucket is no such answer, where the store tells it. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404 && (error as Error).name !== "NoSuchBucket";
}

/** The error that a caller can act on. @param doing such as `read 2025/11/04/etna_20251104.png` */
export function storeFailed(doing: string, path: string, error: unknown): unknown {
  if (error instanceof TypeError || error instanceof RangeError) return error;
  if (!isOfStore(error)) return error;
  return new StoreFailed(`Cannot ${doing}: ${wordsOf(error)}`, { path, errno: codeOf(error), cause: error });
}

/** What no second try can mend, in one line; `undefined` for an error that may pass. */
export function whyNever(bucket: string, error: unknown): CannotStart | undefined {
  const never = (need: string): CannotStart =>
    new CannotStart(`Cannot use s3://${bucket}: ${wordsOf(error)}${saidBy(error as Error)}; ${need}`, { cause: error });
  switch ((error as Error).name) {
    case "NoSuchBucket":
      return never("create the bucket, or name another in ARCHIVE_BASE_PATH");
    case "InvalidAccessKeyId":
    case "SignatureDoesNotMatch":
    case "ExpiredToken":
    case "InvalidToken":
      return never("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed as the store knows them");
    case "CredentialsProviderError":
      return never("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another of the SDK's ways, are needed");
    case "AccessDenied":
      return never("permission to list, read, write and delete below its prefix is needed");
    case "PermanentRedirect":
    case "AuthorizationHeaderMalformed":
      return never("S3_REGION must be the bucket's own");
    default:
      return (error as Error).message === "Region is missing" ? never("S3_REGION is needed") : undefined;
  }
}

/** Did the server fail, and not the request? A caller who gave up says nothing about the server. */
export function isFailureOfServer(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429;
  return isOfStore(error) && error.name !== "AbortError";
}

/** Errors of the SDK, of the network beneath it, and of the limits here. Others are mistakes of ours and rise as they are. */
function isOfStore(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof KnownError) return false;
  const { name, code } = error as NodeJS.ErrnoException;
  if (statusOf(error) !== undefined || code !== undefined || "$metadata" in error || "$response" in error) return true;
  return (
    /^(TimeoutError|AbortError|CredentialsProviderError|AggregateError)$/.test(name) ||
    /Region is missing/.test(error.message)
  );
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.name;
}

/** For whoever sets the program up. */
function saidBy({ message }: Error): string {
  return /^(UnknownError)?$/.test(message) ? "" : `, ${message.split("\n")[0]}`;
}

/** What it is, without what its message may tell of hosts, accounts and policies: `NoSuchBucket (404)`, `ECONNREFUSED`. */
function wordsOf(error: unknown): string {
  const { name } = error as Error;
  const status = statusOf(error);
  return `${name === "Error" ? codeOf(error as Error) : name}${status === undefined ? "" : ` (${status})`}`;
}
