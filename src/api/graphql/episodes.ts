/** Eruptive episodes: stretches of tremor above a threshold. */
import { z } from "zod";
import type { Catalog } from "../../catalog/catalog.ts";
import { toSixDigits } from "../../catalog/six-digits.ts";
import { dayStartMs, type Day } from "../../model/day.ts";
import type { TimeRange } from "../../model/series.ts";
import { EPISODE_THRESHOLD_MV, type Episode } from "../../series/episodes.ts";
import { SortOrder } from "./archives.ts";
import { builder } from "./builder.ts";
import { DEFAULT_PAGE, findPage, MAX_PAGE, PageLimits, type Cursors } from "./page.ts";

const EpisodePeak = builder.objectRef<Episode["peak"]>("EpisodePeak").implement({
  description: "The greatest amplitude of an episode.",
  fields: (t) => ({
    timestamp: t.field({ type: "DateTime", resolve: ({ timeMs }) => timeMs }),
    value: t.float({ description: "mV.", resolve: ({ rmsMv }) => toSixDigits(rmsMv) }),
    clipped: t.exposeBoolean("clipped", { description: "It ran out of the plot: the true peak is higher." }),
  }),
});

export const EpisodeRef = builder.objectRef<Episode>("Episode").implement({
  description:
    "A stretch of tremor that marks an eruption: it begins with three samples running at or above the threshold, and " +
    "ends with six running below 70 % of it, or with a gap of two hours. The newest samples are no exception: two hours " +
    "without any end an episode, and where a later plot shows what was missing, it goes on.",
  fields: (t) => ({
    onset: t.field({ type: "DateTime", resolve: ({ onsetMs }) => onsetMs }),
    end: t.field({
      type: "DateTime",
      nullable: true,
      description: "The first sample that no longer belongs to it, or where samples stop; null while it runs.",
      resolve: ({ endMs }) => endMs,
    }),
    endsInGap: t.exposeBoolean("endsInGap", {
      description:
        "It ends only because no plot shows the two hours or more that follow: nobody saw it end, and it may have gone on.",
    }),
    peak: t.expose("peak", { type: EpisodePeak }),
    duration: t.field({
      type: "Duration",
      description: "From onset to end; of a running one up to what is known.",
      resolve: ({ durationMs }) => durationMs,
    }),
    riseTime: t.field({ type: "Duration", description: "From onset to peak.", resolve: ({ riseMs }) => riseMs }),
    squaredIntegral: t.float({
      description:
        "The integral of the squared amplitude over time, mV² s, which grows with the radiated energy. A bound where clipped.",
      resolve: ({ squaredIntegralMv2S }) => toSixDigits(squaredIntegralMv2S),
    }),
    count: t.exposeInt("count", { description: "Samples from onset to end." }),
    days: t.field({
      type: ["Date"],
      description: "The archive days whose plots show it, oldest first; not those that are set aside (see status).",
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ onsetMs, durationMs }, _args, { services }) =>
        daysUsed(services.catalog, { startMs: onsetMs, endMs: onsetMs + durationMs }),
    }),
  }),
});

const episodeCursors: Cursors<Episode, number> = {
  list: "episode",
  keyOf: ({ onsetMs }) => onsetMs,
  parse: (text) => (/^-?\d{1,15}$/.test(text) ? Number(text) : undefined),
};

const MOST_MV = 1000;

/** For a threshold that nobody asked for before, the whole record is gone through. */
const READING_COMPLEXITY = 5000;

const EpisodeLimits = z
  .looseObject({
    startDate: z.string().nullish(),
    endDate: z.string().nullish(),
    thresholdMv: z
      .number()
      .positive("thresholdMv is needed above 0")
      .max(MOST_MV, `thresholdMv is over ${MOST_MV}`)
      .nullish(),
  })
  .refine(
    ({ startDate, endDate }) => startDate == null || endDate == null || startDate <= endDate,
    "startDate is after endDate",
  );

builder.queryField("episodes", (t) =>
  t.connection(
    {
      type: EpisodeRef,
      description:
        "Eruptive episodes of which any part lies in the days from startDate to endDate, both included. " +
        `A page has ${DEFAULT_PAGE} unless first or last says so, at most ${MAX_PAGE}.`,
      args: {
        startDate: t.arg({ type: "Date", description: "Absent: from the oldest." }),
        endDate: t.arg({ type: "Date", description: "Absent: up to the newest." }),
        thresholdMv: t.arg.float({ description: `mV. Absent: ${EPISODE_THRESHOLD_MV}.` }),
        order: t.arg({ type: SortOrder, required: true, defaultValue: "NEWEST_FIRST" }),
      },
      validate: z.intersection(PageLimits, EpisodeLimits),
      complexity: ({ first, last }) => ({ field: READING_COMPLEXITY, multiplier: first ?? last ?? DEFAULT_PAGE }),
      resolve: (
        _query,
        { startDate, endDate, thresholdMv, order, ...page },
        { services: { catalog, clock }, exchange },
      ) => {
        const known = catalog.listEpisodes(thresholdMv ?? EPISODE_THRESHOLD_MV, clock());
        const last = known.at(-1);
        if (last !== undefined && last.endMs === undefined) exchange.reusable = false; // silence would end it
        const all = inDays(known, startDate, endDate);
        const sorted = order === "NEWEST_FIRST" ? all.toReversed() : all;
        const comesAfter = (onsetMs: number, other: number): boolean =>
          order === "NEWEST_FIRST" ? onsetMs < other : onsetMs > other;
        return {
          ...findPage(page, episodeCursors, ({ after, before, limit, fromEnd }) => {
            const between = sorted.filter(
              ({ onsetMs }) =>
                (after === undefined || comesAfter(onsetMs, after)) &&
                (before === undefined || comesAfter(before, onsetMs)),
            );
            return fromEnd ? between.slice(-limit) : between.slice(0, limit);
          }),
          totalCount: sorted.length,
        };
      },
    },
    {
      name: "EpisodeConnection",
      description: "A page of episodes.",
      fields: (f) => ({
        totalCount: f.exposeInt("totalCount", { description: "Episodes in the whole range." }),
      }),
    },
    { name: "EpisodeEdge", description: "An episode in a page." },
  ),
);

/**
 * Days whose plots take part in the record there. A misfiled plot serves where no other shows anything, so these count
 * where there are no others.
 */
function daysUsed(catalog: Pick<Catalog, "daysShowing" | "listSetAside">, range: TimeRange): Day[] {
  const reasons = new Map(catalog.listSetAside().map(({ day, reason }) => [day, reason]));
  const days = catalog.daysShowing(range);
  const used = days.filter((day) => !reasons.has(day));
  return used.length > 0 ? used : days.filter((day) => reasons.get(day) === "MISFILED");
}

function inDays(
  episodes: readonly Episode[],
  startDate: Day | null | undefined,
  endDate: Day | null | undefined,
): readonly Episode[] {
  const startMs = startDate == null ? -Infinity : dayStartMs(startDate);
  const endMs = endDate == null ? Infinity : dayStartMs(endDate) + 86_400_000;
  return episodes.filter(({ onsetMs, durationMs }) => onsetMs < endMs && onsetMs + durationMs > startMs);
}
