/**
 * Errors that a caller can act on, each with a code that never changes.
 * Anything that isn't a `KnownError` is unexpected: it rises, is logged and masked.
 */
import type { Day } from "./day.ts";

/** Part of the API: codes are added, never changed. */
export type ErrorCode =
  | "ARCHIVE_DAMAGED"
  | "BACKUP_MISSING"
  | "BUSY"
  | "DAY_NOT_FOUND"
  | "FORBIDDEN"
  | "INTERNAL" // unexpected: no class has it, the masking gives it
  | "INVALID_REQUEST"
  | "PLOT_REJECTED"
  | "SHUTDOWN"
  | "SOURCE_UNAVAILABLE"
  | "STORE_FAILED"
  | "UNAUTHENTICATED";

export abstract class KnownError extends Error {
  abstract readonly code: ErrorCode;
}

/** The request itself is wrong; `message` says what was found and what was needed. */
export class InvalidRequest extends KnownError {
  readonly code = "INVALID_REQUEST";
}

export class DayNotFound extends KnownError {
  readonly code = "DAY_NOT_FOUND";
  constructor(day: Day) {
    super(`Archive not found for date ${day}`);
  }
}

/** What is kept for a day isn't whole, so it isn't served as good. */
export class ArchiveDamaged extends KnownError {
  readonly code = "ARCHIVE_DAMAGED";
  constructor(day: Day, reason: string, options?: ErrorOptions) {
    super(`Archive of ${day} is damaged: ${reason}`, options);
  }
}

/** The bytes aren't a whole PNG within the limits. */
export class PlotRejected extends KnownError {
  readonly code = "PLOT_REJECTED";
  constructor(reason: string, options?: ErrorOptions) {
    super(`Plot rejected: ${reason}`, options);
  }
}

/** No plot could be had from the source. */
export class SourceUnavailable extends KnownError {
  readonly code = "SOURCE_UNAVAILABLE";
}

/**
 * The store could not read or write.
 * `message` names the file relative to the base; `path` is the whole path, for logs alone.
 */
export class StoreFailed extends KnownError {
  readonly code = "STORE_FAILED";
  readonly path: string | undefined;
  /** Such as ENOSPC, EROFS, EACCES. */
  readonly errno: string | undefined;
  constructor(message: string, details: { path?: string; errno?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.path = details.path;
    this.errno = details.errno;
  }
}

/** A file has more bytes than any of ours: it isn't as it was written. */
export class TooLarge extends StoreFailed {}

/** A copy in the backup isn't what was backed up: asked again, it is no other. */
export class CopyDamaged extends StoreFailed {}

/** Something that isn't the archive's has the name of one of its files or folders. It is left alone. */
export class NameTaken extends StoreFailed {}

/** A backup that was made is gone from its place: a disk that isn't mounted, more likely than not. */
export class BackupMissing extends KnownError {
  readonly code = "BACKUP_MISSING";
  constructor(lastDay: Day) {
    super(
      `Cannot back up: the backup of ${lastDay} is gone from its place. Is its disk mounted? ` +
        "Where it is meant to be gone, `etna-archive backup --start-new` begins another",
    );
  }
}

/** The server has as much to do at once as it takes on; the same request may be answered later. */
export class Busy extends KnownError {
  readonly code = "BUSY";
}

/** No token was sent where one is needed. */
export class Unauthenticated extends KnownError {
  readonly code = "UNAUTHENTICATED";
}

/** The token that was sent doesn't allow this. */
export class Forbidden extends KnownError {
  readonly code = "FORBIDDEN";
}

/** The program can't start as it is set up. `message` is one line for whoever runs it; no request ever meets it. */
export class CannotStart extends Error {}

/** The program is being stopped, and the work was left in a clean state. */
export class ShutDown extends KnownError {
  readonly code = "SHUTDOWN";
}
