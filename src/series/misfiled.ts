/**
 * Misfiled plots: pictures that lie under a day on which they can't have been fetched.
 * Owns that judgement only. What a misfiled plot shows may still be true on its own time axis.
 *
 * A stale plot is not misfiled: the source served it late, so its curve ends before its day, and nothing else is odd.
 * A picture that was swapped with another one looks the same when it lies under the later of the two days. What
 * gives it away is the other picture, which lies under the earlier day and shows what had not happened yet.
 */
import { dayStartMs, type Day } from "../model/day.ts";
import { endsAfter } from "../model/series.ts";

const DAY_MS = 86_400_000;

/** A plot and the day that it is archived under. */
export interface FiledPlot {
  day: Day;
  /** The last instant that its curve shows. */
  lastMs: number;
  /** When the source sent it, where that is known of this very picture. */
  fetchedMs?: number | undefined;
}

/** A swapped plot may have been stale before it was swapped, by up to the days that a plot shows. */
const STALE_REACH_DAYS = 7;

interface Filed {
  plot: FiledPlot;
  /** Days since 1970 of the archive day, and of the last instant shown. */
  underDay: number;
  homeDay: number;
}

/** The misfiled ones with what is wrong, in words. @param plots at most one for each day */
export function findMisfiled(plots: Iterable<FiledPlot>): Map<Day, string> {
  const filed = new Map<number, Filed>();
  for (const plot of plots) {
    const underDay = dayStartMs(plot.day) / DAY_MS;
    filed.set(underDay, { plot, underDay, homeDay: Math.floor(plot.lastMs / DAY_MS) });
  }
  const misfiled = new Map<Day, string>();
  const ahead: Filed[] = [];
  for (const one of filed.values()) {
    const { day, lastMs, fetchedMs } = one.plot;
    if (endsAfter(day, lastMs)) {
      ahead.push(one);
      misfiled.set(day, `lies under ${day} but shows tremor until ${iso(lastMs)}, after that day`);
    } else if (fetchedMs !== undefined && Math.floor(fetchedMs / DAY_MS) !== one.underDay) {
      misfiled.set(day, `lies under ${day} but was fetched at ${iso(fetchedMs)}`);
    }
  }
  for (const one of ahead)
    for (const { plot } of findExchanged(one, filed))
      if (!misfiled.has(plot.day))
        misfiled.set(
          plot.day,
          `ends at ${iso(plot.lastMs)}, days before ${plot.day}, and was swapped with the plot under ${one.plot.day}`,
        );
  return misfiled;
}

/** The plots that changed places with one that shows the future of its day; empty when none can be named. */
function findExchanged(ahead: Filed, filed: ReadonlyMap<number, Filed>): Filed[] {
  // From each plot to the one that lies where it belongs: pictures that changed places close a circle.
  const circle: Filed[] = [];
  let next = filed.get(ahead.homeDay);
  while (next !== undefined && next !== ahead && !circle.includes(next)) {
    circle.push(next);
    next = filed.get(next.homeDay);
  }
  if (next === ahead) return circle;

  // One of a pair was stale, so it belongs to a day up to a week later than it ends.
  let best: Filed | undefined;
  let bestLagDays = Number.POSITIVE_INFINITY;
  for (const other of filed.values()) {
    const lagsDays = [other.underDay - ahead.homeDay, ahead.underDay - other.homeDay];
    if (lagsDays.some((days) => days < 0 || days > STALE_REACH_DAYS)) continue;
    const lagDays = lagsDays[0]! + lagsDays[1]!;
    if (lagDays < bestLagDays) [best, bestLagDays] = [other, lagDays];
  }
  return best === undefined ? [] : [best];
}

const iso = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 16)}Z`;
