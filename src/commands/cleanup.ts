/** `cleanup`: lets the pictures go that are older than retention keeps. */
import { InvalidArgumentError } from "commander";
import { counted } from "../model/counted.ts";
import { RetentionDays } from "../setting-forms.ts";
import { cleanUp } from "../jobs/cleanup.ts";
import { openThreadedDigitizer } from "../jobs/digitizer.ts";
import { followTree } from "../jobs/follow-tree.ts";
import type { AddCommand } from "./context.ts";
import { openForCommand } from "./open.ts";
import { printJson } from "./output.ts";
import { cleanupJson } from "./json.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

interface Options {
  retentionDays?: number;
  dryRun?: boolean;
  json?: boolean;
}

export const add: AddCommand = (program, context) => {
  program
    .command("cleanup")
    .description("delete the pictures older than the retention; records stay, unless ARCHIVE_KEEP_SERIES is false")
    .option("--retention-days <days>", "days kept, today included; -1 keeps all", retentionArgument)
    .option("--dry-run", "say what would go, and delete nothing")
    .option("--json", "print the result as JSON")
    .action(async ({ retentionDays, dryRun, json }: Options) => {
      const { app } = await openForCommand(context);
      await using _closing = app;
      await followTree(app.parts);
      // Starts no thread before there is a picture to be read.
      await using digitizer = openThreadedDigitizer();
      using progress = await startProgress("Reading pictures before they go", context);
      const options = { retentionDays, dryRun, onProgress: progress.update, signal: stopSignal() };
      const cleaned = await cleanUp({ ...app.parts, digitizer }, options);
      if (json) return printJson(context.out, cleanupJson(cleaned));
      for (const day of cleaned.days) context.out.write(`${day}\n`);
      const done = cleaned.dryRun ? "would be let go" : "let go";
      context.say(`Pictures of ${counted(cleaned.days.length, "day")} ${done}, ${cleaned.freedBytes} bytes`);
    });
};

function retentionArgument(text: string): number {
  const parsed = RetentionDays.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError(`Found ${text}; ${parsed.error.issues[0]?.message}.`);
  return parsed.data;
}
