/** Statistics of the tremor, by the day, the week, the month or the year. */
import { toSixDigits } from "../../catalog/six-digits.ts";
import { dayStartMs } from "../../model/day.ts";
import type { TimeRange } from "../../model/series.ts";
import { bucketsBetween } from "../../series/buckets.ts";
import { statisticsByBucket, type Extreme, type TremorStatistics } from "../../series/statistics.ts";
import { builder } from "./builder.ts";

const BucketType = builder.enumType("Bucket", {
  values: {
    DAY: { description: "UTC days." },
    WEEK: { description: "ISO weeks: from Monday on." },
    MONTH: {},
    YEAR: {},
  },
});

const TremorExtreme = builder.objectRef<Extreme>("TremorExtreme").implement({
  description: "The least or the greatest amplitude, at the first instant that has it (of clipped ones, if any is).",
  fields: (t) => ({
    timestamp: t.field({ type: "DateTime", resolve: ({ timeMs }) => timeMs }),
    value: t.float({ description: "mV.", resolve: ({ rmsMv }) => toSixDigits(rmsMv) }),
    clipped: t.exposeBoolean("clipped", {
      description: "The curve ran out of the plot here: the true value lies at or beyond this one.",
    }),
  }),
});

export const TremorStatisticsRef = builder
  .objectRef<TremorStatistics & { range: TimeRange }>("TremorStatistics")
  .implement({
    description:
      "What the samples of a stretch of time are. Amplitudes in mV, null where there is no sample. Clipped samples count " +
      "with the limit that they ran into.",
    fields: (t) => {
      const amplitude = (name: "meanMv" | "medianMv" | "p5Mv" | "p95Mv", description: string) =>
        t.float({
          nullable: true,
          description,
          resolve: ({ values }) => (values === undefined ? undefined : toSixDigits(values[name])),
        });
      return {
        start: t.field({ type: "DateTime", resolve: ({ range }) => range.startMs }),
        end: t.field({ type: "DateTime", description: "Not included.", resolve: ({ range }) => range.endMs }),
        count: t.exposeInt("count", { description: "Samples, one every ten minutes." }),
        coverage: t.float({
          description:
            "Share of the ten-minute steps that have a sample, from 0 to 1. Of a day or a year that isn't over, steps up to now count.",
          resolve: ({ coverage }) => toSixDigits(coverage),
        }),
        mean: amplitude("meanMv", "The arithmetic mean."),
        median: amplitude("medianMv", "Half of the samples lie below."),
        p5: amplitude("p5Mv", "A twentieth of the samples lie below."),
        p95: amplitude("p95Mv", "A twentieth of the samples lie above."),
        min: t.field({ type: TremorExtreme, nullable: true, resolve: ({ values }) => values?.min }),
        max: t.field({ type: TremorExtreme, nullable: true, resolve: ({ values }) => values?.max }),
        hoursAbove1Mv: t.float({ resolve: ({ hoursAbove }) => toSixDigits(hoursAbove.oneMv) }),
        hoursAbove2Mv: t.float({ resolve: ({ hoursAbove }) => toSixDigits(hoursAbove.twoMv) }),
        hoursAbove5Mv: t.float({ resolve: ({ hoursAbove }) => toSixDigits(hoursAbove.fiveMv) }),
      };
    },
  });

/** However many buckets there are: their number has a limit of its own. */
const COMPLEXITY = 10_000;

builder.queryField("tremorStatistics", (t) =>
  t.field({
    type: [TremorStatisticsRef],
    description:
      "Statistics of each bucket that holds days from startDate to endDate, both included, oldest first. The first and " +
      "the last are cut to these days. At most 10,000.",
    args: {
      startDate: t.arg({ type: "Date", required: true }),
      endDate: t.arg({ type: "Date", required: true }),
      bucket: t.arg({ type: BucketType, required: true, defaultValue: "DAY" }),
    },
    complexity: { field: COMPLEXITY, multiplier: 1 },
    resolve: (_query, { startDate, endDate, bucket }, { services: { catalog, clock }, exchange }) => {
      // Judged before anything is read: it refuses what is too long.
      const buckets = bucketsBetween(startDate, endDate, bucket);
      const range = { startMs: dayStartMs(startDate), endMs: buckets.at(-1)!.range.endMs };
      const nowMs = clock();
      if (range.endMs > nowMs) exchange.reusable = false; // the coverage falls while nothing comes
      return statisticsByBucket(catalog.readTremor(range), { start: startDate, end: endDate, bucket }, nowMs);
    },
  }),
);
