/** How the service is doing: its store, its schedule and its settings. */
import type { SetAside } from "../../series/judge-plots.ts";
import type { ApiSettings } from "../services.ts";
import { builder } from "./builder.ts";
import { ClusterStatus } from "./cluster.ts";
import { RunRef } from "./runs.ts";
import { TimeRangeRef } from "./time-range.ts";

const SetAsideReasonType = builder.enumType("SetAsideReason", {
  description: "Why a plot takes no part in the tremor record.",
  values: {
    DISAGREES: { description: "The others contradict it." },
    MISFILED: { description: "It lies under a day on which it can't have been fetched." },
    OTHER_STATION: { description: "It shows another station than those around it." },
  },
});

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

const SetAsidePlot = builder.objectRef<SetAside>("SetAsidePlot").implement({
  description: "A plot that takes no part in the tremor record. Its picture and its numbers are served all the same.",
  fields: (t) => ({
    date: t.field({ type: "Date", description: "Its archive day.", resolve: ({ day }) => day }),
    reason: t.expose("reason", { type: SetAsideReasonType }),
    message: t.exposeString("message", { description: "In words." }),
    window: t.expose("window", { type: TimeRangeRef, description: "What its time axis says that it shows." }),
  }),
});

const RecordStatus = builder.objectRef<object>("RecordStatus").implement({
  description: "The tremor record that all plots make together.",
  fields: (t) => ({
    firstDate: t.field({
      type: "Date",
      nullable: true,
      description: "The first UTC day that has samples; null while there are none.",
      resolve: (_, __, { services }) => services.catalog.tremorDays()?.first,
    }),
    lastDate: t.field({
      type: "Date",
      nullable: true,
      resolve: (_, __, { services }) => services.catalog.tremorDays()?.last,
    }),
    days: t.int({
      description: "UTC days that have samples.",
      resolve: (_, __, { services }) => services.catalog.tremorDays()?.count ?? 0,
    }),
    waitingDays: t.int({
      description: "Days that are still to be stitched, as after a rebuild; 0 when the record is up to date.",
      resolve: (_, __, { services }) => services.catalog.countUnstitched(),
    }),
    unreadPictures: t.int({
      description:
        "Pictures that wait to be digitized, as those of an old tree do; the server reads them by itself, the newest first.",
      resolve: (_, __, { services }) => services.catalog.countUnread(),
    }),
    problem: t.string({
      nullable: true,
      description: "Why the catalog that the record is told from can't be relied on now, in words; null while it can.",
      resolve: (_, __, { services }) => services.catalog.problem(),
    }),
    setAside: t.field({
      type: [SetAsidePlot],
      description: "Plots that take no part in it, by day.",
      complexity: { field: 1, multiplier: 10 },
      resolve: (_, __, { services }) => services.catalog.listSetAside(),
    }),
  }),
});

const TremorLevels = builder.objectRef<ApiSettings["levels"]>("TremorLevels").implement({
  description: "From where on the tremor is called so, mV. Below both it is LOW.",
  fields: (t) => ({
    medium: t.exposeFloat("mediumMv"),
    high: t.exposeFloat("highMv"),
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
    record: t.field({ type: RecordStatus, resolve: () => ({}) }),
    cluster: t.field({
      type: ClusterStatus,
      nullable: true,
      description: "Null where the archive is in a folder, which one server has for itself.",
      resolve: (_, __, { services }) => services.cluster,
    }),
    levels: t.field({ type: TremorLevels, resolve: (_, __, { services }) => services.settings.levels }),
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
