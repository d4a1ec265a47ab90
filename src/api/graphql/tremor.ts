/** The tremor record: one value for each step of time, for people as points and for charts as columns. */
import { toSixDigits } from "../../catalog/six-digits.ts";
import { InvalidRequest } from "../../model/errors.ts";
import { CADENCE_MS } from "../../model/series.ts";
import { countSteps } from "../../series/resample.ts";
import { statistics } from "../../series/statistics.ts";
import {
  gapsUpTo,
  MOST_STEPS,
  pointsOf,
  readTremorSeries,
  supportOf,
  type TremorPoint,
  type TremorSeries,
} from "../tremor.ts";
import { builder } from "./builder.ts";
import { TimeRangeRef } from "./time-range.ts";
import { TremorStatisticsRef } from "./tremor-statistics.ts";

/** Each is an object of its own; a year by the hour has 8,784. */
const MOST_POINTS = 10_000;

/** Reading a record of decades takes some 50 ms, however few points are made of it. */
const READING_COMPLEXITY = 5000;
/** Numbers in columns are cheap: so many of them count as much as one field of an object does elsewhere. */
const NUMBERS_PER_FIELD = 20;
/** The fields of a point cost so many times what a number in a column does. */
const POINT_FACTOR = 5;

/** What there is once in a series doesn't grow with its length. */
const ONCE = { complexity: { field: 0, multiplier: 0 } } as const;

const TremorPointRef = builder.objectRef<TremorPoint>("TremorPoint").implement({
  description: "A step of the record that has samples. Amplitudes in mV.",
  fields: (t) => ({
    timestamp: t.field({ type: "DateTime", description: "The start of the step.", resolve: ({ timeMs }) => timeMs }),
    value: t.exposeFloat("value", {
      description: "The quadratic mean of the samples: the RMS amplitude of the whole step.",
    }),
    min: t.exposeFloat("min"),
    max: t.exposeFloat("max"),
    median: t.exposeFloat("median"),
    count: t.exposeInt("count", { description: "Samples in the step, one every ten minutes." }),
    clipped: t.exposeBoolean("clipped", {
      description: "Did the curve run out of the plot? Then value and max are bounds.",
    }),
    agreeing: t.exposeInt("agreeing", {
      description: "Plots that agree on the value; of several samples the fewest. From 15 on it stays 15.",
    }),
    shownBy: t.exposeInt("shownBy", { description: "Plots that show it; of several samples the fewest." }),
  }),
});

const amplitudes = (values: Float64Array): number[] => Array.from(values, toSixDigits);

const TremorColumnsRef = builder.objectRef<TremorSeries>("TremorColumns").implement({
  description: "The points as parallel arrays, by time; see TremorPoint for what each means.",
  fields: (t) => {
    const cheap = { complexity: { field: 1, multiplier: 1 } } as const;
    return {
      timestamps: t.field({ ...cheap, type: ["DateTime"], resolve: ({ points }) => Array.from(points.timesMs) }),
      epochSeconds: t.field({
        ...cheap,
        type: ["Float"],
        description: "The timestamps as seconds since 1970.",
        resolve: ({ points }) => Array.from(points.timesMs, (timeMs) => timeMs / 1000),
      }),
      values: t.field({ ...cheap, type: ["Float"], resolve: ({ points }) => amplitudes(points.rmsMv) }),
      min: t.field({ ...cheap, type: ["Float"], resolve: ({ points }) => amplitudes(points.minMv) }),
      max: t.field({ ...cheap, type: ["Float"], resolve: ({ points }) => amplitudes(points.maxMv) }),
      median: t.field({ ...cheap, type: ["Float"], resolve: ({ points }) => amplitudes(points.medianMv) }),
      count: t.field({ ...cheap, type: ["Int"], resolve: ({ points }) => Array.from(points.count) }),
      clipped: t.field({
        ...cheap,
        type: ["Boolean"],
        resolve: ({ points }) => Array.from(points.clipped, (flag) => flag === 1),
      }),
      agreeing: t.field({ ...cheap, type: ["Int"], resolve: (series) => Array.from(supportOf(series).agreeing) }),
      shownBy: t.field({ ...cheap, type: ["Int"], resolve: (series) => Array.from(supportOf(series).shownBy) }),
    };
  },
});

const TremorSeriesRef = builder.objectRef<TremorSeries>("TremorSeries").implement({
  description: "A stretch of the tremor record, step by step.",
  fields: (t) => ({
    start: t.field({ ...ONCE, type: "DateTime", resolve: ({ range }) => range.startMs }),
    end: t.field({ ...ONCE, type: "DateTime", description: "Not included.", resolve: ({ range }) => range.endMs }),
    step: t.field({ ...ONCE, type: "Duration", resolve: ({ stepMs }) => stepMs }),
    count: t.int({
      ...ONCE,
      description: "Steps that have samples.",
      resolve: ({ points }) => points.timesMs.length,
    }),
    points: t.field({
      type: [TremorPointRef],
      description: `By time; steps without a sample are left out. At most ${MOST_POINTS}: columns hold more.`,
      complexity: { field: 1, multiplier: POINT_FACTOR },
      resolve: (series) => {
        const count = series.points.timesMs.length;
        if (count > MOST_POINTS)
          throw new InvalidRequest(
            `The range holds ${count} points, at most ${MOST_POINTS} are given as objects: ask for columns, a longer step, or maxPoints`,
          );
        return [...pointsOf(series)];
      },
    }),
    columns: t.field({ type: TremorColumnsRef, resolve: (series) => series }),
    gaps: t.field({
      type: [TimeRangeRef],
      description:
        "Runs of steps up to now that no archived plot shows, oldest first. They are never filled. Days that wait to be " +
        "stitched, as after a rebuild, are among them until then: see status.",
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ gaps, range }, _args, { services, exchange }) => {
        const nowMs = services.clock();
        if (range.endMs > nowMs) exchange.reusable = false;
        return gapsUpTo(gaps, nowMs);
      },
    }),
    statistics: t.field({
      ...ONCE,
      type: TremorStatisticsRef,
      description: "Of all samples in the range.",
      resolve: ({ samples, range }, _args, { services, exchange }) => {
        const nowMs = services.clock();
        if (range.endMs > nowMs) exchange.reusable = false;
        return { range, ...statistics(samples, range, nowMs) };
      },
    }),
  }),
});

builder.queryField("tremor", (t) =>
  t.field({
    type: TremorSeriesRef,
    description:
      "The tremor record from start up to, and not with, end. Steps lie on the UTC clock; weeks begin on Mondays.",
    args: {
      start: t.arg({ type: "DateTime", required: true }),
      end: t.arg({ type: "DateTime", required: true }),
      step: t.arg({
        type: "Duration",
        description: "Whole multiples of ten minutes. Absent: ten minutes, or what maxPoints needs.",
      }),
      maxPoints: t.arg.int({
        description: "Lengthens the step until there are no more steps than this. No extreme is lost: see min and max.",
      }),
    },
    complexity: ({ start, end, step, maxPoints }) => {
      const steps = countSteps({ startMs: start, endMs: end }, Math.max(CADENCE_MS, step ?? 0));
      const answered = Math.min(steps, maxPoints ?? Infinity);
      // What is too long is refused by the resolver, in words that help.
      const multiplier = answered > MOST_STEPS ? 1 : Math.max(1, Math.ceil(answered / NUMBERS_PER_FIELD));
      return { field: READING_COMPLEXITY, multiplier };
    },
    resolve: (_query, { start, end, step, maxPoints }, { services: { catalog } }) =>
      readTremorSeries(catalog, {
        range: { startMs: start, endMs: end },
        stepMs: step ?? undefined,
        maxPoints: maxPoints ?? undefined,
      }),
  }),
);
