/** Stretches of time, such as gaps. */
import type { TimeRange } from "../../model/series.ts";
import { builder } from "./builder.ts";

export const TimeRangeRef = builder.objectRef<TimeRange>("TimeRange").implement({
  description: "A stretch of time.",
  fields: (t) => ({
    start: t.field({ type: "DateTime", resolve: ({ startMs }) => startMs }),
    end: t.field({ type: "DateTime", description: "Not included.", resolve: ({ endMs }) => endMs }),
  }),
});
