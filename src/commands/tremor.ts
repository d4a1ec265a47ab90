/** `tremor`: the tremor record of a stretch of time, for people and for files. */
import { once } from "node:events";
import { InvalidArgumentError, Option } from "commander";
import { parseDuration } from "../api/durations.ts";
import { formatInstant } from "../api/instants.ts";
import { parseInstant } from "../api/parse-instant.ts";
import { exportTremor, type ExportFormat, type TremorExport } from "../api/tremor-export.ts";
import { pickStreamedStepMs, pointsOf, streamTremorSeries } from "../api/tremor.ts";
import { followTree, withSoundCatalog } from "../jobs/follow-tree.ts";
import { addDays, dayOf, type Day } from "../model/day.ts";
import type { TimeRange } from "../model/series.ts";
import type { AddCommand } from "./context.ts";
import { openForReading } from "./open.ts";

interface Options {
  start: number;
  end: number;
  step?: number;
  csv?: boolean;
  geocsv?: boolean;
  json?: boolean;
}

/** Plots are archived up to so many days after what they show, and are judged by those that show any of it. */
const SHOWN_FOR_DAYS = 8;

export const add: AddCommand = (program, context) => {
  program
    .command("tremor")
    .description("print the tremor record, in mV, joined from all archived plots")
    .requiredOption("--start <instant>", "first instant, 2025-11-04T12:00:00Z or a UTC day", instantArgument)
    .requiredOption("--end <instant>", "last instant, not included", instantArgument)
    .option("--step <duration>", "one value for each PT1H, P1D, … (default: PT10M)", durationArgument)
    .addOption(new Option("--csv", "print comma-separated values").conflicts(["geocsv", "json"]))
    .addOption(new Option("--geocsv", "print GeoCSV 2.0").conflicts("json"))
    .option("--json", "print JSON")
    .action(async ({ start, end, step, csv, geocsv, json }: Options) => {
      const { app } = await openForReading(context);
      await using _closing = app;
      const range = { startMs: start, endMs: end };
      // Asked before anything is read: a request that is refused is refused at once.
      const stepMs = pickStreamedStepMs({ range, stepMs: step });
      const series = await withSoundCatalog(app.parts, async () => {
        if (start < end) await followTree(app.parts, daysFor(range));
        return streamTremorSeries(app.catalog, { range, stepMs });
      });
      const format: ExportFormat | undefined = json ? "json" : csv ? "csv" : geocsv ? "geocsv" : undefined;
      for (const text of format === undefined ? linesOf(series) : exportTremor(format, series))
        if (!context.out.write(text)) await once(context.out, "drain");
    });
};

/** The archive days whose plots have a say in what the record is. */
function daysFor({ startMs, endMs }: TimeRange): { from: Day; to: Day } {
  return { from: addDays(dayOf(startMs), -SHOWN_FOR_DAYS), to: addDays(dayOf(endMs), 2 * SHOWN_FOR_DAYS) };
}

function* linesOf({ pieces }: TremorExport): Generator<string> {
  for (const piece of pieces)
    for (const { timeMs, value, clipped, count, min, max } of pointsOf(piece)) {
      const spread = count > 1 ? `  (${min} to ${max})` : "";
      yield `${formatInstant(timeMs)}  ${value} mV${spread}${clipped ? "  (clipped)" : ""}\n`;
    }
}

function instantArgument(text: string): number {
  const timeMs = parseInstant(text);
  if (timeMs === undefined) throw new InvalidArgumentError("Use 2025-11-04T12:00:00Z, or a UTC day as 2025-11-04.");
  return timeMs;
}

function durationArgument(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
