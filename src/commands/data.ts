/** `data`: the tremor of one day, as that day's plot shows it. */
import { Option } from "commander";
import { csvOf } from "../api/rest/data.ts";
import { readDay, type SeriesWindow } from "../api/reading.ts";
import { withSoundCatalog } from "../jobs/follow-tree.ts";
import { indexDay } from "../jobs/index-day.ts";
import type { Day } from "../model/day.ts";
import { DayNotFound, type StoreFailed } from "../model/errors.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { dataJson, pointsJson } from "./json.ts";
import { openForReading } from "./open.ts";
import { printJson } from "./output.ts";

export const add: AddCommand = (program, context) => {
  program
    .command("data")
    .description("print the tremor of a day, in mV, every ten minutes")
    .argument("<day>", "UTC day, YYYY-MM-DD", dayArgument)
    .addOption(
      new Option("--window <window>", "that day, or all that its plot shows").choices(["day", "plot"]).default("day"),
    )
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .option("--json", "print JSON")
    .action(async (day: Day, { window, csv, json }: { window: string; csv?: boolean; json?: boolean }) => {
      const { app } = await openForReading(context);
      await using _closing = app;
      const data = await withSoundCatalog(app.parts, async () => {
        let unread: StoreFailed | undefined;
        await indexDay(day, app.parts, (error) => (unread = error));
        // What the catalog has of it stands; that it has nothing says nothing of the day.
        try {
          const known = readDay(app.catalog, day, window.toUpperCase() as SeriesWindow);
          if (unread === undefined || known.problem === undefined) return known;
        } catch (error) {
          if (unread === undefined || !(error instanceof DayNotFound)) throw error;
        }
        throw unread;
      });
      if (data.problem !== undefined) context.say(data.problem);
      if (json) return printJson(context.out, dataJson(data));
      if (csv) return void context.out.write(csvOf(data));
      for (const { timestamp, value, clipped } of pointsJson(data.samples))
        context.out.write(`${timestamp}  ${value} mV${clipped ? "  (clipped)" : ""}\n`);
    });
};
