/** `restore`: brings days back from the backup. */
import { startBulkThreads } from "../archive/fs-bulk-thread.ts";
import { InvalidRequest } from "../model/errors.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import type { RestoreCommand } from "./run-restore.ts";

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
    .action(async (options: RestoreCommand) => {
      const { start, end: last, dryRun } = options;
      if (start !== undefined && last !== undefined && start > last)
        throw new InvalidRequest(`The range is wrong: it ends before it starts (${start} to ${last})`);
      // They start while all else is loaded and opened.
      await using threads = dryRun ? undefined : startBulkThreads();
      const { runRestore } = await import("./run-restore.ts");
      const { problems } = await runRestore(options, context, threads);
      if (problems.length > 0) end(1);
    });
};
