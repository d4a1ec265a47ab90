/** The history of the archive job: one run for each time it ran, whoever asked for it. */
import type { Run } from "../../catalog/runs.ts";
import { ArchiveRef } from "./archives.ts";
import { builder } from "./builder.ts";
import { ErrorCodeType } from "./errors.ts";
import { DEFAULT_PAGE, findPage, MAX_PAGE, PageLimits, parseRowId, type Cursors } from "./page.ts";

export const RunOutcome = builder.enumType("RunOutcome", {
  values: {
    ARCHIVED: { description: "A new picture is kept." },
    UNCHANGED: { description: "The day has that picture, or a fresher one, already." },
    FAILED: { description: "The day's archive is as it was." },
  },
});

export const RunTriggerType = builder.enumType("RunTrigger", {
  values: {
    SCHEDULE: { description: "Its time had come." },
    STARTUP: { description: "The server found a run missing as it started." },
    ADMIN: { description: "A mutation." },
    COMMAND: { description: "The command line." },
  },
});

export const RunRef = builder.objectRef<Run>("ArchivalRun");

/** What failed may tell how the server is set up, so only an admin reads it; that it failed is no secret. */
export const adminReadsFailures = ({ errorCode }: Pick<Run, "errorCode">): { admin: true } | true =>
  errorCode === undefined ? true : { admin: true };

builder.node(RunRef, {
  description: "One run of the archive job.",
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { services, exchange }) => {
    exchange.reusable = false;
    const rowId = parseRowId(id);
    return rowId === undefined ? undefined : services.catalog.findRun(rowId);
  },
  fields: (t) => ({
    trigger: t.expose("trigger", { type: RunTriggerType }),
    startedAt: t.field({ type: "DateTime", resolve: ({ startedMs }) => startedMs }),
    endedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "Null while it runs.",
      resolve: ({ endedMs }) => endedMs,
    }),
    outcome: t.expose("outcome", { type: RunOutcome, nullable: true, description: "Null while it runs." }),
    date: t.field({
      type: "Date",
      nullable: true,
      description: "The day that it archived, or would have.",
      resolve: ({ day }) => day,
    }),
    errorCode: t.expose("errorCode", {
      type: ErrorCodeType,
      nullable: true,
      authScopes: adminReadsFailures,
      description: "Why it failed; needs the admin token.",
    }),
    errorMessage: t.exposeString("errorMessage", {
      nullable: true,
      authScopes: adminReadsFailures,
      description: "Why it failed, in words; needs the admin token.",
    }),
    archive: t.field({
      type: ArchiveRef,
      nullable: true,
      description: "The archive of its day, as it is now.",
      resolve: ({ day }, _args, { services }) => (day === undefined ? undefined : services.catalog.findDay(day)),
    }),
  }),
});

const runCursors: Cursors<Run, number> = {
  list: "run",
  keyOf: ({ id }) => id,
  parse: parseRowId,
};

const RunConnection = builder.connectionObject(
  { type: RunRef, name: "ArchivalRunConnection", description: "A page of runs." },
  { name: "ArchivalRunEdge", description: "A run in a page." },
);

builder.queryField("archivalRuns", (t) =>
  t.field({
    type: RunConnection,
    description:
      `The runs of the archive job, newest first. ` +
      `A page has ${DEFAULT_PAGE} unless first says so, at most ${MAX_PAGE}.`,
    args: { first: t.arg.int(), after: t.arg.string() },
    validate: PageLimits,
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? DEFAULT_PAGE }),
    resolve: (_query, args, { services: { catalog }, exchange }) => {
      exchange.reusable = false;
      return findPage(args, runCursors, ({ limit, after }) => catalog.listRuns({ limit, after }));
    },
  }),
);
