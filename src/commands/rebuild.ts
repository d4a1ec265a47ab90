/** `rebuild`: makes records and catalog anew from the pictures. */
import { openThreadedDigitizer } from "../jobs/digitizer.ts";
import { rebuild } from "../jobs/rebuild.ts";
import { counted } from "../model/counted.ts";
import type { AddCommand } from "./context.ts";
import { openForCommand } from "./open.ts";
import { nothingKept, printJson } from "./output.ts";
import { startProgress } from "./progress.ts";
import { stopSignal } from "./until-stopped.ts";

export const add: AddCommand = (program, context, end) => {
  program
    .command("rebuild")
    .description("make records and the catalog match the pictures")
    .option("--json", "print the result as JSON")
    .action(async ({ json }: { json?: boolean }) => {
      const { app, config } = await openForCommand(context);
      await using _closing = app;
      using progress = await startProgress("Rebuilding", context);
      await using digitizer = openThreadedDigitizer();
      const rebuilt = await rebuild(
        { ...app.parts, digitizer },
        { concurrency: digitizer.atOnce, onProgress: progress.update, signal: stopSignal() },
      );
      if (json) printJson(context.out, rebuilt);
      for (const { day, message } of rebuilt.problems) context.say(`${day}: ${message}`);
      context.say(`${counted(rebuilt.days, "day")}, ${rebuilt.problems.length} with problems`);
      if (rebuilt.days === 0 && rebuilt.problems.length === 0) context.say(nothingKept(config));
      if (rebuilt.problems.length > 0) end(1);
    });
};
