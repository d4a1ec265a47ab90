/** `import`: takes an old tree, or loose pictures, into the archive. */
import { importAsRun } from "../jobs/import-tree.ts";
import type { AddCommand } from "./context.ts";
import { sayWhatExpires } from "./expiring.ts";
import { openForCommand } from "./open.ts";
import { printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

export const add: AddCommand = (program, context, end) => {
  program
    .command("import")
    .description("keep every etna_YYYYMMDD.png[.gz] found below a folder, or in a bucket")
    .argument("<place>", "an old tree, or any folder with pictures, or s3://BUCKET/PREFIX")
    .option("--json", "print the result as JSON")
    .action(async (place: string, { json }: { json?: boolean }) => {
      const { app, config } = await openForCommand(context);
      await using _closing = app;
      using progress = await startProgress("Importing", context);
      const options = { s3: config.s3, onProgress: progress.update, signal: stopSignal() };
      const imported = await importAsRun(place, app.parts, options);
      if (json) printJson(context.out, imported);
      const { archived, unchanged, left, refused } = imported;
      for (const { file, reason } of left) context.say(`left ${file}: ${reason}`);
      for (const { file, reason } of refused) context.say(`refused ${file}: ${reason}`);
      context.say(`${archived.length} imported, ${unchanged} unchanged, ${refused.length} refused`);
      sayWhatExpires(archived, config.archive.retentionDays, context);
      if (refused.length > 0) end(1);
    });
};
