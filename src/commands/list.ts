/** `list`: which days have an archive, newest first. */
import { formatInstant } from "../api/instants.ts";
import { followTree, withSoundCatalog } from "../jobs/follow-tree.ts";
import { counted } from "../model/counted.ts";
import { FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { openForReading } from "./open.ts";
import { imageUrls } from "./image-url.ts";
import { nothingKept, printJson } from "./output.ts";
import { archiveJson } from "./json.ts";

export const add: AddCommand = (program, context) => {
  program
    .command("list")
    .description("list the archived days, newest first")
    .option("--start <day>", "first day, YYYY-MM-DD", dayArgument)
    .option("--end <day>", "last day, YYYY-MM-DD", dayArgument)
    .option("--json", "print an array of archives")
    .action(async ({ start, end, json }: { start?: Day; end?: Day; json?: boolean }) => {
      const { app, config } = await openForReading(context);
      await using _closing = app;
      const range = { ...(start && { from: start }), ...(end && { to: end }) };
      const days = await withSoundCatalog(app.parts, async () => {
        await followTree(app.parts, range);
        return app.catalog.listDays({ ...range, order: "NEWEST_FIRST" });
      });
      if (json) {
        const imageUrlOf = imageUrls(config, context.clock);
        const archives = days.map((day) => archiveJson(day, config.archive.displayBase, imageUrlOf));
        return printJson(context.out, archives);
      }
      for (const { day, size, modifiedMs, stale } of days)
        context.out.write(
          `${day}  ${String(size).padStart(9)}  ${formatInstant(modifiedMs)}${stale ? "  stale" : ""}\n`,
        );
      context.say(counted(days.length, "archive"));
      const isAll = !start && !end;
      if (isAll && days.length === 0 && app.catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY }).size === 0)
        context.say(nothingKept(config));
    });
};
