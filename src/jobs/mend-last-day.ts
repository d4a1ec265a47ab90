/**
 * What a stop has left of the day before: a writer that ended between a picture and its record leaves a picture that is
 * newer than its record. Within the day the next plot mends that; where it was the day's last one, this does.
 */
import type { DayFiles } from "../archive/archive.ts";
import { addDays, type Day } from "../model/day.ts";
import { describeFiles, putFiles } from "./index-day.ts";
import { mendDay, type MendParts } from "./mend-day.ts";
import { stitchPending } from "./stitch-pending.ts";

/** @returns mends the last archived day before `today`, where it must be; a picture that can't be read is tried once */
export function createLastDayMender(parts: MendParts): (today: Day, signal: AbortSignal) => Promise<void> {
  const { archive, catalog, log } = parts;
  let tried: string | undefined;

  return async (today, signal) => {
    try {
      const [last] = catalog.listDays({ to: addDays(today, -1), order: "NEWEST_FIRST", limit: 1 });
      if (last === undefined) return;
      const [files] = await Array.fromAsync(archive.survey({ from: last.day, to: last.day }));
      if (files === undefined || !isUnfinished(files) || describeFiles(files) === tried) return;
      tried = describeFiles(files);
      const mended = await mendDay(files, parts, signal);
      putFiles(mended.files, mended.known, parts);
      await stitchPending(catalog, { signal });
      if (mended.problem === undefined) log.info({ day: last.day }, "a record older than its picture was mended");
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "the day before could not be looked at");
    }
  };
}

function isUnfinished({ picture, record }: DayFiles): boolean {
  return picture !== undefined && record !== undefined && picture.modifiedMs > record.modifiedMs;
}
