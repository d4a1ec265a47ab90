/** Letting go of pictures past their retention, when an admin says so. */
import type { CleanedUp } from "../../archive/archive.ts";
import { InvalidRequest, StoreFailed } from "../../model/errors.ts";
import { builder } from "./builder.ts";

export const CleanupSuccess = builder.objectRef<CleanedUp>("CleanupSuccess").implement({
  description: "Which pictures were let go. Their numbers stay, unless the server is set otherwise.",
  fields: (t) => ({
    deletedCount: t.int({ description: "Days let go.", resolve: ({ days }) => days.length }),
    dates: t.field({ type: ["Date"], description: "Oldest first.", resolve: ({ days }) => days }),
    freedBytes: t.exposeFloat("freedBytes", { description: "Bytes on disk." }),
    dryRun: t.exposeBoolean("dryRun", { description: "Was it only asked what would go?" }),
  }),
});

const CleanupInput = builder.inputType("CleanupInput", {
  fields: (t) => ({
    retentionDays: t.int({
      description: "Days to keep, today included; -1 keeps all. Absent: as the server is set.",
    }),
    dryRun: t.boolean({ required: true, defaultValue: false, description: "Tell what would go, and keep it." }),
  }),
});

builder.mutationField("cleanup", (t) =>
  t.field({
    type: CleanupSuccess,
    description: "Lets go of the pictures that are older than the retention.",
    args: { input: t.arg({ type: CleanupInput }) },
    errors: { types: [StoreFailed, InvalidRequest], union: { name: "CleanupResult" } },
    resolve: (_mutation, { input }, { services }) => {
      const retentionDays = input?.retentionDays ?? undefined;
      // Here, and not in the arguments' validation, so that it is a result and not an error beside `data`.
      if (retentionDays !== undefined && retentionDays !== -1 && retentionDays < 1)
        throw new InvalidRequest(`retentionDays is ${retentionDays}, use -1 to keep all, or 1 and more`);
      return services.cleanUp({ retentionDays, dryRun: input?.dryRun ?? false });
    },
  }),
);
