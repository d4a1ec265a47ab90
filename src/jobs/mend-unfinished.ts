/**
 * Days whose picture is newer than their record: a writer was stopped between the two, or somebody put another picture
 * there. Today's is mended by the next plot that comes; this mends the days before, some in each run.
 */
import { addDays, FIRST_DAY, LAST_DAY, type Day } from "../model/day.ts";
import { StoreFailed } from "../model/errors.ts";
import { describeFiles, isUnfinished, putFiles } from "./index-day.ts";
import { mendDay, type MendParts } from "./mend-day.ts";
import { stitchPending } from "./stitch-pending.ts";

/** The run's own plot waits for no more than these: a copied tree may have a new time on each of its pictures. */
const MOST_DAYS = 8;

/** @returns mends days before `today`; one that stays as it is, such as a damaged picture's, is tried once */
export function createUnfinishedMender(parts: MendParts): (today: Day, signal: AbortSignal) => Promise<void> {
  const { archive, catalog, log } = parts;
  const tried = new Map<Day, string>();

  /** The newest first. The last one is looked at in any case: a writer that was killed has told no catalog of it. */
  function suspects(today: Day): Set<Day> {
    const [last] = catalog.listDays({ to: addDays(today, -1), order: "NEWEST_FIRST", limit: 1 });
    const seen = [...catalog.listSeen({ from: FIRST_DAY, to: LAST_DAY })]
      .filter(([day, files]) => day < today && isUnfinished(files) && tried.get(day) !== files)
      .map(([day]) => day)
      .sort()
      .reverse();
    return new Set(last === undefined ? seen : [last.day, ...seen]);
  }

  async function mend(day: Day, signal: AbortSignal): Promise<void> {
    const [files] = await Array.fromAsync(archive.survey({ from: day, to: day }));
    const described = files && describeFiles(files);
    if (described === undefined || !isUnfinished(described) || tried.get(day) === described) return;
    tried.set(day, described);
    const mended = await mendDay(files!, parts, signal);
    putFiles(mended.files, mended.known, parts);
    if (mended.problem instanceof StoreFailed) tried.delete(day); // a disk or bucket that fails says nothing of the day
    if (mended.problem === undefined) log.info({ day }, "a day whose picture was newer than its record was looked at");
  }

  return async (today, signal) => {
    try {
      for (const day of [...suspects(today)].slice(0, MOST_DAYS)) {
        signal.throwIfAborted();
        await mend(day, signal);
      }
      await stitchPending(catalog, { signal });
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "records older than their pictures could not be mended");
    }
  };
}
