/** The tremor now: how high it is, where it goes, and whether what is known is fresh. */
import { toSixDigits } from "../../catalog/six-digits.ts";
import { currentTremor, type CurrentTremor } from "../../series/current.ts";
import { readRecent } from "../tremor.ts";
import { builder } from "./builder.ts";

const TremorLevelType = builder.enumType("TremorLevel", {
  description: "How high the tremor is. The limits can be set for each server.",
  values: {
    LOW: { description: "Below 1 mV." },
    MEDIUM: { description: "From 1 mV on, below 4." },
    HIGH: { description: "From 4 mV on." },
  },
});

const TremorTrendType = builder.enumType("TremorTrend", {
  description: "Where the tremor goes, over the last three hours.",
  values: { RISING: {}, STEADY: {}, FALLING: {} },
});

const CurrentTremorRef = builder.objectRef<CurrentTremor>("CurrentTremor").implement({
  description: "The last sample of the record, and what it means.",
  fields: (t) => ({
    timestamp: t.field({ type: "DateTime", resolve: ({ last }) => last.timeMs }),
    value: t.float({ description: "RMS amplitude, mV.", resolve: ({ last }) => toSixDigits(last.rmsMv) }),
    clipped: t.boolean({ resolve: ({ last }) => last.clipped }),
    age: t.field({
      type: "Duration",
      description: "From the last sample to now, in whole minutes.",
      resolve: ({ ageMs }) => Math.floor(ageMs / 60_000) * 60_000,
    }),
    level: t.expose("level", { type: TremorLevelType }),
    trend: t.expose("trend", {
      type: TremorTrendType,
      nullable: true,
      description: "Null where the last three hours hold less than an hour of samples.",
    }),
    decadesPerHour: t.float({
      nullable: true,
      description: "The trend's slope: 0.1 doubles the amplitude in three hours.",
      resolve: ({ decadesPerHour }) =>
        decadesPerHour === undefined ? undefined : Math.round(decadesPerHour * 1e4) / 1e4,
    }),
    stale: t.exposeBoolean("stale", {
      description: "Is the last sample older than six hours? Then level and trend are of then, not of now.",
    }),
  }),
});

builder.queryField("currentTremor", (t) =>
  t.field({
    type: CurrentTremorRef,
    nullable: true,
    description: "The tremor now; null while the record is empty.",
    resolve: (_query, _args, { services: { catalog, clock, settings }, exchange }) => {
      exchange.reusable = false; // it ages
      const { timesMs, rmsMv, clipped } = readRecent(catalog);
      const recent = Array.from(timesMs, (timeMs, at) => ({
        timeMs,
        rmsMv: rmsMv[at]!,
        clipped: clipped[at] === 1,
      }));
      return currentTremor(recent, clock(), settings.levels);
    },
  }),
);
