/** `archive`: fetches the plot now and keeps it, or keeps a picture at hand. */
import { hash } from "node:crypto";
import { InvalidArgumentError } from "commander";
import type { Config } from "../config.ts";
import type { ArchiveNowResult } from "../jobs/archive-now.ts";
import { dayOf, type Day } from "../model/day.ts";
import { InvalidRequest } from "../model/errors.ts";
import { readPlotFile } from "../source/file.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { expiring } from "./expiring.ts";
import { imageUrls } from "./image-url.ts";
import { openForCommand } from "./open.ts";
import { messageOf, printJson } from "./output.ts";
import { archiveJson, cleanupJson, runJson } from "./json.ts";

interface Options {
  file?: string;
  date?: Day;
  force?: boolean;
  compress?: boolean;
  json?: boolean;
}

export const add: AddCommand = (program, context, end) => {
  program
    .command("archive")
    .description("fetch the plot now and keep it, or keep a picture at hand")
    .option("--file <path>", "keep this PNG in place of fetching one")
    .option("--date <day>", "the UTC day of --file, YYYY-MM-DD (default: today)", dayArgument)
    .option("--force", "keep --file even where the day's own plot is fresher, or this shows tremor of after that day")
    .option("--compress", "gzip it, whatever ARCHIVE_COMPRESS says")
    .option("--json", "print the result as JSON")
    .action(async ({ file, date, force, compress, json }: Options) => {
      if (file === undefined && (date !== undefined || force))
        throw new InvalidArgumentError("--date and --force go with --file: a fetched plot belongs to today.");
      const { app, config } = await openForCommand(context);
      await using _closing = app;
      const today = dayOf(context.clock());
      const chosen = compress === undefined ? {} : { compress };
      const plot = file === undefined ? undefined : await readPlotFile(file, date ?? today);
      const result =
        plot === undefined
          ? await app.job.archiveNow("COMMAND", chosen)
          : await app.job.keepPlot(date ?? today, plot, { ...chosen, force: force ?? false });

      if (json) printJson(context.out, resultJson(result, config, context.clock));
      if (result.outcome === "FAILED") {
        context.say(`etna-archive: ${messageOf(result.error)}`);
        return end(result.error instanceof InvalidRequest ? 2 : 1);
      }
      const { day, sha256 } = result.day;
      if (plot !== undefined && result.outcome === "UNCHANGED" && sha256 !== hash("sha256", plot.png))
        context.say(`${file} isn't kept: ${result.reason} (--force replaces the plot of ${day})`);
      if (!json) context.out.write(`${result.outcome} ${day} ${config.archive.displayBase}/${result.day.key}\n`);
      const { retentionDays } = config.archive;
      if (expiring([day], retentionDays, context).length > 0)
        context.say(
          `${day} is older than the ${retentionDays} days that are kept: the next cleanup will remove its picture`,
        );
    });
};

function resultJson(result: ArchiveNowResult, config: Config, clock: () => number) {
  if (result.outcome === "FAILED")
    return { code: result.run.errorCode, message: result.error.message, run: runJson(result.run) };
  return {
    outcome: result.outcome,
    run: runJson(result.run),
    archive: archiveJson(result.day, config.archive.displayBase, imageUrls(config, clock)),
    cleanup: result.cleanup ? cleanupJson(result.cleanup) : null,
  };
}
