/** Expected failures as types: each has a code that never changes, so that a client can act on it. */
import type { ErrorCode } from "../../model/errors.ts";
import {
  BackupMissing,
  InvalidRequest,
  KnownError,
  PlotRejected,
  ShutDown,
  SourceUnavailable,
  StoreFailed,
} from "../../model/errors.ts";
import { builder } from "./builder.ts";

const CODES: Readonly<Record<ErrorCode, string>> = {
  ARCHIVE_DAMAGED: "What is kept for a day isn't whole.",
  BACKUP_MISSING: "The backup that was made is gone from its place, which may not be mounted.",
  BUSY: "The server has as much to do at once as it takes on; try again later.",
  DAY_NOT_FOUND: "The day has no archive.",
  FORBIDDEN: "The token that was sent doesn't allow this.",
  INTERNAL: "Unexpected; the server's log tells more.",
  INVALID_REQUEST: "The request itself is wrong.",
  PLOT_REJECTED: "What the source sent isn't a whole PNG within the limits.",
  SHUTDOWN: "The server was being stopped.",
  SOURCE_UNAVAILABLE: "No plot could be had from the source.",
  STORE_FAILED: "The store could not read or write.",
  UNAUTHENTICATED: "A token is needed, and none was sent.",
};

export const ErrorCodeType = builder.enumType("ErrorCode", {
  description: "Codes are added, never changed.",
  values: Object.fromEntries(Object.entries(CODES).map(([code, description]) => [code, { description }])) as Record<
    ErrorCode,
    { description: string }
  >,
});

const ErrorType = builder.interfaceRef<KnownError>("Error").implement({
  description: "A failure that was to be expected.",
  fields: (t) => ({
    code: t.field({ type: ErrorCodeType, resolve: ({ code }) => code }),
    message: t.exposeString("message", { description: "What failed, what was found and what was needed." }),
  }),
});

const options = (name: string, description: string) => ({ name, description, interfaces: [ErrorType] });

builder.objectType(SourceUnavailable, options("SourceUnavailable", "No plot could be had from the source."));
builder.objectType(PlotRejected, options("PlotRejected", "What the source sent isn't a whole PNG within the limits."));
builder.objectType(StoreFailed, options("StoreFailed", "The store could not read or write; the old archive stands."));
builder.objectType(
  BackupMissing,
  options("BackupMissing", "The backup that was made is gone from its place; nothing was sent."),
);
builder.objectType(InvalidRequest, options("InvalidRequest", "The input is wrong."));
builder.objectType(ShutDown, options("ShutDown", "The server is being stopped; the work was left in a clean state."));
