/** `digitize`: reads the numbers of a picture; needs no archive. */
import { readFile, stat, writeFile } from "node:fs/promises";
import { Option } from "commander";
import { formatInstant } from "../api/instants.ts";
import { digitize } from "../digitizer/digitize.ts";
import { InvalidRequest, SourceUnavailable, StoreFailed } from "../model/errors.ts";
import type { Digitization } from "../model/plot.ts";
import type { AddCommand } from "./context.ts";
import { pointsJson } from "./json.ts";
import { printJson } from "./output.ts";

interface Options {
  json?: boolean;
  csv?: boolean;
  overlay?: string;
}

export const add: AddCommand = (program, { out, say }, end) => {
  program
    .command("digitize")
    .description("read the numbers of a plot at hand")
    .argument("<file>", "a PNG")
    .option("--json", "print JSON (default)")
    .addOption(new Option("--csv", "print comma-separated values").conflicts("json"))
    .option("--overlay <file>", "draw what was read over the plot, as a PNG to judge at a look")
    .action(async (file: string, { csv, overlay }: Options) => {
      if (overlay !== undefined && (await isSameFile(file, overlay)))
        throw new InvalidRequest(`--overlay ${overlay} would take the place of the plot itself: name another file`);
      const png = await readFile(file).catch((error: NodeJS.ErrnoException) => {
        throw new SourceUnavailable(`Cannot read ${file}: ${error.code}`, { cause: error });
      });
      const reading = digitize(png);
      if (csv) {
        out.write(csvOf(reading));
        for (const problem of reading.problems) say(problem);
      } else {
        printJson(out, jsonOf(reading));
      }
      if (overlay !== undefined) {
        const { drawOverlay } = await import("../digitizer/overlay.ts");
        await writeFile(overlay, drawOverlay(png, reading)).catch((error: NodeJS.ErrnoException) => {
          throw new StoreFailed(`Cannot write ${overlay}: ${error.code}`, { path: overlay, cause: error });
        });
      }
      if (reading.samples.length === 0) end(1);
    });
};

/** Also by way of a link. Shares that number none of their files give each the same number. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  if (first === undefined || second === undefined) return false;
  return (["dev", "ino", "size", "mtimeMs"] as const).every((name) => first[name] === second[name]);
}

/** RFC 4180, and `clipped` as 1 or 0, as in the record's CSV. */
function csvOf(reading: Digitization): string {
  const rows = pointsJson(reading.samples).map(({ timestamp, value, clipped }) => [timestamp, value, clipped ? 1 : 0]);
  return ["timestamp,value,clipped", ...rows.map(String), ""].join("\r\n");
}

function jsonOf(reading: Digitization) {
  const { station, title, window, fidelity, calibration, problems } = reading;
  return {
    station: station ?? null,
    title: title ?? null,
    windowStart: window ? formatInstant(window.startMs) : null,
    windowEnd: window ? formatInstant(window.endMs) : null,
    fidelity: fidelity ?? null,
    calibration: calibration ?? null,
    points: pointsJson(reading.samples),
    problems,
  };
}
