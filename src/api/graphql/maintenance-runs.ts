/** The history of maintenance: verifications, backups, restores and imports. */
import type { MaintenanceRun } from "../../catalog/maintenance-runs.ts";
import { builder } from "./builder.ts";
import { ErrorCodeType } from "./errors.ts";
import { DEFAULT_PAGE, findPage, MAX_PAGE, PageLimits, parseRowId, type Cursors } from "./page.ts";
import { adminReadsFailures, RunTriggerType } from "./runs.ts";

const MaintenanceKindType = builder.enumType("MaintenanceKind", {
  values: {
    VERIFY: { description: "Looked at every file and compared the catalog with them." },
    BACKUP: { description: "Copied what was new or other to where copies are kept." },
    RESTORE: { description: "Brought files back from where copies are kept." },
    IMPORT: { description: "Took in the pictures of another folder." },
  },
});

const MaintenanceOutcomeType = builder.enumType("MaintenanceOutcome", {
  values: {
    DONE: { description: "Nothing is wrong." },
    PROBLEMS: { description: "It went to its end and found something wrong; the summary says what." },
    FAILED: { description: "It could not go on." },
  },
});

const MaintenanceCount = builder.objectRef<{ name: string; count: number }>("MaintenanceCount").implement({
  description: "Something that a maintenance run counted.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Such as pictures, damaged or copiedBytes." }),
    count: t.exposeFloat("count"),
  }),
});

export const MaintenanceRunRef = builder.objectRef<MaintenanceRun>("MaintenanceRun");

builder.node(MaintenanceRunRef, {
  description: "One verification, backup, restore or import.",
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { services, exchange }) => {
    exchange.reusable = false;
    const rowId = parseRowId(id);
    return rowId === undefined ? undefined : services.catalog.findMaintenance(rowId);
  },
  fields: (t) => ({
    kind: t.expose("kind", { type: MaintenanceKindType }),
    trigger: t.expose("trigger", { type: RunTriggerType }),
    startedAt: t.field({ type: "DateTime", resolve: ({ startedMs }) => startedMs }),
    endedAt: t.field({
      type: "DateTime",
      nullable: true,
      description: "Null while it runs.",
      resolve: ({ endedMs }) => endedMs,
    }),
    outcome: t.expose("outcome", {
      type: MaintenanceOutcomeType,
      nullable: true,
      description: "Null while it runs.",
    }),
    summary: t.exposeString("summary", {
      nullable: true,
      description: "One sentence; null while it runs, and where it failed.",
    }),
    counts: t.field({
      type: [MaintenanceCount],
      description: "What it counted; empty while it runs.",
      resolve: ({ counts }) => Object.entries(counts).map(([name, count]) => ({ name, count })),
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
  }),
});

const cursors: Cursors<MaintenanceRun, number> = {
  list: "maintenance",
  keyOf: ({ id }) => id,
  parse: parseRowId,
};

const MaintenanceRunConnection = builder.connectionObject(
  { type: MaintenanceRunRef, name: "MaintenanceRunConnection", description: "A page of maintenance runs." },
  { name: "MaintenanceRunEdge", description: "A maintenance run in a page." },
);

builder.queryField("maintenanceRuns", (t) =>
  t.field({
    type: MaintenanceRunConnection,
    description:
      "Verifications, backups, restores and imports, newest first. " +
      `A page has ${DEFAULT_PAGE} unless first says so, at most ${MAX_PAGE}.`,
    args: { kind: t.arg({ type: MaintenanceKindType }), first: t.arg.int(), after: t.arg.string() },
    validate: PageLimits,
    complexity: ({ first }) => ({ field: 1, multiplier: first ?? DEFAULT_PAGE }),
    resolve: (_query, { kind, ...page }, { services: { catalog }, exchange }) => {
      exchange.reusable = false;
      return findPage(page, cursors, ({ limit, after }) =>
        catalog.listMaintenance({ limit, after, kind: kind ?? undefined }),
      );
    },
  }),
);
