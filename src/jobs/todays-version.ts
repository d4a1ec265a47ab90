/**
 * Which version of the plot is kept already, so that the source sends none that is no newer.
 */
import type { CatalogDay } from "../catalog/days.ts";
import type { Day } from "../model/day.ts";
import { KnownError } from "../model/errors.ts";
import type { PlotVersion } from "../model/plot.ts";
import { putFiles, type IndexParts } from "./index-day.ts";

/**
 * The version of the plot that today's archive holds, to be named in a conditional request; only where the picture
 * is there, whole, and the one that the record tells of. Otherwise the plot must be fetched whole.
 */
export async function findTodaysVersion(
  today: Day,
  parts: IndexParts & { sourceUrl: string },
): Promise<{ version: PlotVersion; day: CatalogDay } | undefined> {
  try {
    for await (const files of parts.archive.survey({ from: today, to: today })) {
      const record = files.picture && files.record && (await parts.archive.findRecord(today));
      if (record?.source === undefined) return undefined;
      const { url, version } = record.source;
      const isNamed = version.etag !== undefined || version.lastModified !== undefined;
      if (url !== parts.sourceUrl || !isNamed) return undefined;
      if ((await parts.archive.get(today)).sha256 !== record.picture.sha256) return undefined;
      const day = putFiles(files, { record, isOfPicture: true }, parts);
      return day && { version, day };
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof KnownError)) throw error;
    parts.log.warn({ day: today, err: error }, "today's archive can't be relied on; fetching the plot whole");
    return undefined;
  }
}
