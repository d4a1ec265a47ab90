/** Fetching and archiving the plot now, when an admin says so. */
import type { ArchiveNowResult } from "../../jobs/archive-now.ts";
import { PlotRejected, ShutDown, SourceUnavailable, StoreFailed } from "../../model/errors.ts";
import { ArchiveRef } from "./archives.ts";
import { builder } from "./builder.ts";
import { CleanupSuccess } from "./cleanup.ts";
import { RunOutcome, RunRef } from "./runs.ts";

type Archived = Exclude<ArchiveNowResult, { outcome: "FAILED" }>;

const ArchiveNowSuccess = builder.objectRef<Archived>("ArchiveNowSuccess").implement({
  description: "The day has its archive.",
  fields: (t) => ({
    outcome: t.expose("outcome", { type: RunOutcome }),
    run: t.expose("run", { type: RunRef }),
    archive: t.field({ type: ArchiveRef, resolve: ({ day }) => day }),
    cleanup: t.expose("cleanup", {
      type: CleanupSuccess,
      nullable: true,
      description: "What was let go afterwards; null when nothing new was archived, or all is kept.",
    }),
  }),
});

const ArchiveNowInput = builder.inputType("ArchiveNowInput", {
  fields: (t) => ({
    compress: t.boolean({ description: "Keep it gzipped. Absent: as the server is set." }),
  }),
});

builder.mutationField("archiveNow", (t) =>
  t.field({
    type: ArchiveNowSuccess,
    description: "Fetches the plot and archives it. Beside a run that is under way it joins that one.",
    args: { input: t.arg({ type: ArchiveNowInput }) },
    errors: {
      types: [SourceUnavailable, PlotRejected, StoreFailed, ShutDown],
      union: { name: "ArchiveNowResult" },
    },
    resolve: async (_mutation, { input }, { services }) => {
      const result = await services.job.archiveNow("ADMIN", { compress: input?.compress ?? undefined });
      if (result.outcome === "FAILED") throw result.error;
      return result;
    },
  }),
);
