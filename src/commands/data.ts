/** `data`: the tremor of one day, as that day's plot shows it. */
import { Option } from "commander";
import { indexDay } from "../jobs/index-day.ts";
import type { Day } from "../model/day.ts";
import { DayNotFound } from "../model/errors.ts";
import { samplesInWindow, type SeriesWindow } from "../series/window.ts";
import type { AddCommand } from "./context.ts";
import { dayArgument } from "./day-argument.ts";
import { openForCommand } from "./open.ts";
import { printJson } from "./output.ts";
import { isoSeconds } from "./json.ts";

export const add: AddCommand = (program, context) => {
  program
    .command("data")
    .description("print the tremor of a day, in mV, every ten minutes")
    .argument("<day>", "UTC day, YYYY-MM-DD", dayArgument)
    .addOption(
      new Option("--window <window>", "that day, or all that its plot shows").choices(["day", "plot"]).default("day"),
    )
    .option("--csv", "print comma-separated values")
    .option("--json", "print JSON")
    .action(async (day: Day, { window, csv, json }: { window: string; csv?: boolean; json?: boolean }) => {
      const { app } = await openForCommand(context);
      await using _closing = app;
      const picture = await indexDay(day, app.parts);
      const reading = app.catalog.findReading(day);
      if (picture === undefined && reading === undefined) throw new DayNotFound(day);
      const samples = samplesInWindow(reading?.samples ?? [], day, window.toUpperCase() as SeriesWindow);
      const problem = reading === undefined ? NOT_READ : reading.problem;
      const points = samples.map(({ timeMs, rmsMv, clipped }) => ({
        timestamp: isoSeconds(timeMs),
        value: rmsMv,
        clipped,
      }));
      if (problem !== undefined) context.say(`${day}: ${problem}`);
      if (json) {
        printJson(context.out, {
          date: day,
          count: points.length,
          points,
          calibration: reading?.calibration ?? null,
          problem: problem ?? null,
        });
      } else if (csv) {
        context.out.write(
          ["timestamp,value,clipped", ...points.map((point) => Object.values(point).join(",")), ""].join("\n"),
        );
      } else {
        for (const { timestamp, value, clipped } of points)
          context.out.write(`${timestamp}  ${value} mV${clipped ? "  (clipped)" : ""}\n`);
      }
    });
};

const NOT_READ = "its picture was not read yet; rebuild reads it";
