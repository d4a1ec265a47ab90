/** `restore`: brings days back from the backup. */
import { openBackup } from "../open-backup.ts";
import { startBulkThreads } from "../archive/fs-bulk-thread.ts";
import { restoreAsRun } from "../jobs/restore.ts";
import { addDays, dayOf, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { restoredJson } from "./json.ts";
import { openForCommand } from "./open.ts";
import { counted, printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

interface Options {
  start?: Day;
  end?: Day;
  from?: string;
  dryRun?: boolean;
  overwrite?: boolean;
  identityFile?: string;
  json?: boolean;
}

export const add: AddCommand = (program, context, end) => {
  program
    .command("restore")
    .description("bring days back from the backup; what the archive has stays where it is newer")
    .option("--start <day>", "first day, YYYY-MM-DD", dayArgument)
    .option("--end <day>", "last day, YYYY-MM-DD", dayArgument)
    .option("--from <place>", "another backup than BACKUP_TO: a folder, or s3://BUCKET/PREFIX")
    .option("--dry-run", "read and prove everything, and write nothing")
    .option("--overwrite", "replace what the archive has, even where that is newer")
    .option("--identity-file <path>", "the age identity of an encrypted backup (or BACKUP_AGE_IDENTITY)")
    .option("--json", "print the result as JSON")
    .action(async ({ start, end: last, from, dryRun, overwrite, identityFile, json }: Options) => {
      if (start !== undefined && last !== undefined && start > last)
        throw new InvalidRequest(`The range is wrong: it ends before it starts (${start} to ${last})`);
      // They start while all else is loaded and opened.
      await using threads = dryRun ? undefined : startBulkThreads();
      const { app, config } = await openForCommand(context, { eager: true });
      await using _closing = app;
      const backup = await openBackup(app, config, { alone: true, identityFile, place: from });
      await using _job = backup.job;
      const bulk = app.store.kind === "file" ? threads?.writerFor(config.archive.basePath) : undefined;
      using progress = startProgress(dryRun ? "Reading" : "Restoring", context);
      const restored = await restoreAsRun(
        { ...app.parts, store: app.store, target: backup.target },
        {
          from: start,
          to: last,
          dryRun: dryRun ?? false,
          overwrite: overwrite ?? false,
          decipher: backup.decipher,
          bulk,
          signal: stopSignal(),
          onProgress: progress.update,
        },
      );
      if (json) printJson(context.out, restoredJson(restored));
      for (const { key, message } of restored.problems) context.say(`${key}: ${message}`);
      for (const { day, reason } of restored.kept) context.say(`${day} stays as it is: ${reason}`);
      const done = dryRun ? "would be restored" : "restored";
      const { restoredDays, restoredFiles, restoredBytes, unchangedDays, kept } = restored;
      context.say(
        `${counted(restoredDays.length, "day")} ${done} (${counted(restoredFiles, "file")}, ${restoredBytes} bytes), ` +
          `${unchangedDays} unchanged, ${kept.length} kept`,
      );
      const { retentionDays } = config.archive;
      const oldest = addDays(dayOf(context.clock()), -retentionDays);
      const passing = retentionDays === -1 ? 0 : restoredDays.filter((day) => day <= oldest).length;
      if (passing > 0)
        context.say(
          `${passing} are older than the ${retentionDays} days kept: the next cleanup will remove their pictures`,
        );
      if (restored.problems.length > 0) end(1);
    });
};
