/** How the service is doing: its store, its schedule and its settings. */
import { builder } from "./builder.ts";
import { RunRef } from "./runs.ts";

const StoreStatus = builder.objectRef<object>("StoreStatus").implement({
  description: "Where the archive is kept, and how much there is.",
  fields: (t) => ({
    kind: t.string({ description: "file or s3.", resolve: (_, __, { services }) => services.settings.storeKind }),
    archives: t.int({
      description: "Days that have a picture.",
      resolve: (_, __, { services }) => services.catalog.totals().archives,
    }),
    bytes: t.float({
      description: "What the pictures take, in bytes on disk.",
      resolve: (_, __, { services }) => services.catalog.totals().bytes,
    }),
    oldest: t.field({
      type: "Date",
      nullable: true,
      resolve: (_, __, { services }) => services.catalog.totals().oldest,
    }),
    newest: t.field({
      type: "Date",
      nullable: true,
      resolve: (_, __, { services }) => services.catalog.totals().newest,
    }),
    freeBytes: t.float({
      nullable: true,
      description: "Bytes that can still be written; null where the store can't say.",
      resolve: (_, __, { services }) => services.archive.freeBytes(),
    }),
  }),
});

const ScheduleStatus = builder.objectRef<object>("ScheduleStatus").implement({
  description: "When the plot is fetched.",
  fields: (t) => ({
    pattern: t.string({
      nullable: true,
      description: "Cron, UTC; null when nothing runs by itself.",
      resolve: (_, __, { services }) => services.schedule.pattern,
    }),
    nextRun: t.field({
      type: "DateTime",
      nullable: true,
      resolve: (_, __, { services }) => services.schedule.nextRunMs(),
    }),
    lastRun: t.field({ type: RunRef, nullable: true, resolve: (_, __, { services }) => services.catalog.lastRun() }),
    lastSuccess: t.field({
      type: "DateTime",
      nullable: true,
      description: "When the last run that ended ARCHIVED or UNCHANGED ended.",
      resolve: (_, __, { services }) => services.catalog.lastSuccess()?.endedMs,
    }),
  }),
});

const ServiceStatus = builder.objectRef<object>("ServiceStatus").implement({
  description: "The service as it is now.",
  fields: (t) => ({
    version: t.string({ resolve: (_, __, { services }) => services.settings.version }),
    synthetic: t.boolean({
      description: "Are the plots drawn from a made-up tremor? True for the demo alone.",
      resolve: (_, __, { services }) => services.settings.synthetic,
    }),
    retentionDays: t.int({
      description: "Days whose picture is kept, today included; -1 keeps all.",
      resolve: (_, __, { services }) => services.settings.retentionDays,
    }),
    store: t.field({ type: StoreStatus, resolve: () => ({}) }),
    schedule: t.field({ type: ScheduleStatus, resolve: () => ({}) }),
  }),
});

builder.queryField("status", (t) =>
  t.field({
    type: ServiceStatus,
    description: "How the service is doing.",
    resolve: (_query, _args, { exchange }) => {
      exchange.reusable = false;
      return {};
    },
  }),
);
