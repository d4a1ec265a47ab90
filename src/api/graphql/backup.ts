/** Bringing the backup up to date, when an admin says so. */
import type { CopyProblem } from "../../archive/prepare-copies.ts";
import type { BackedUp } from "../../jobs/backup.ts";
import { BackupMissing, InvalidRequest, ShutDown, StoreFailed } from "../../model/errors.ts";
import { builder } from "./builder.ts";
import { MaintenanceRunRef } from "./maintenance-runs.ts";

const BackupProblem = builder.objectRef<CopyProblem>("BackupProblem").implement({
  description: "Something that isn't backed up as it should be.",
  fields: (t) => ({
    key: t.exposeString("key", { description: "The file, relative to the archive's base." }),
    message: t.exposeString("message", { description: "What is wrong with it." }),
  }),
});

const BackupSuccess = builder.objectRef<BackedUp>("BackupSuccess").implement({
  description: "The backup went to its end. What could not be backed up is among its problems.",
  fields: (t) => ({
    run: t.field({ type: MaintenanceRunRef, resolve: ({ run }) => run }),
    files: t.exposeInt("files", { description: "Files that the backup holds now." }),
    bytes: t.exposeFloat("bytes", { description: "Their bytes, as they are in the archive." }),
    sentFiles: t.exposeInt("sentFiles", { description: "Files that were missing or other there." }),
    sentBytes: t.exposeFloat("sentBytes", { description: "Bytes that were written there." }),
    unchangedFiles: t.exposeInt("unchangedFiles", { description: "Files that were there already." }),
    keptFiles: t.exposeInt("keptFiles", { description: "Files that the archive has no more and the backup keeps." }),
    prunedFiles: t.exposeInt("prunedFiles", { description: "Files let go, as retention took them from the archive." }),
    problems: t.field({ type: [BackupProblem], resolve: ({ problems }) => problems }),
  }),
});

const BackupInput = builder.inputType("BackupInput", {
  fields: (t) => ({
    prune: t.boolean({
      required: true,
      defaultValue: false,
      description: "Let go of what retention took from the archive, too.",
    }),
  }),
});

builder.mutationField("backup", (t) =>
  t.field({
    type: BackupSuccess,
    description:
      "Sends what is new or changed to the backup. Beside a backup that is under way it joins that one; to prune, it waits for one that doesn't.",
    args: { input: t.arg({ type: BackupInput }) },
    errors: { types: [StoreFailed, BackupMissing, InvalidRequest, ShutDown], union: { name: "BackupResult" } },
    resolve: (_mutation, { input }, { services }) => {
      if (services.backUp === undefined) throw new InvalidRequest("There is no backup: the server has no BACKUP_TO");
      return services.backUp({ prune: input?.prune ?? false });
    },
  }),
);
