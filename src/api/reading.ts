/**
 * What the plot of a day shows, as REST and GraphQL both tell it.
 * Owns which samples belong to the answer, and the words where there are none.
 */
import type { Catalog } from "../catalog/catalog.ts";
import { dayStartMs, type Day } from "../model/day.ts";
import { DayNotFound } from "../model/errors.ts";
import type { Calibration, Fidelity } from "../model/plot.ts";
import type { Sample } from "../model/series.ts";

/** DAY: that UTC day alone; PLOT: all that the picture shows. */
export type SeriesWindow = "DAY" | "PLOT";

export interface ProcessedData {
  day: Day;
  samples: Sample[];
  calibration: Calibration | undefined;
  /** Of the whole plot, whatever the window. */
  fidelity: Fidelity | undefined;
  /** In words; always there when there are no samples. */
  problem: string | undefined;
}

const DAY_MS = 86_400_000;

/**
 * The numbers of a day: they are told even when its picture has expired.
 * @throws {DayNotFound} when there is neither a picture nor a reading of that day
 */
export function readDay(
  catalog: Pick<Catalog, "findDay" | "findReading">,
  day: Day,
  window: SeriesWindow,
): ProcessedData {
  const reading = catalog.findReading(day);
  if (reading === undefined) {
    if (catalog.findDay(day) === undefined) throw new DayNotFound(day);
    const problem = `The plot of ${day} hasn't been read yet`;
    return { day, samples: [], calibration: undefined, fidelity: undefined, problem };
  }
  const startMs = dayStartMs(day);
  const isWithin = ({ timeMs }: Sample): boolean => timeMs >= startMs && timeMs < startMs + DAY_MS;
  const samples = window === "PLOT" ? reading.samples : reading.samples.filter(isWithin);
  const problem = reading.problem ?? wordsFor(day, samples.length, reading.samples.length);
  const { calibration, fidelity } = reading;
  return { day, samples, calibration, fidelity, problem };
}

function wordsFor(day: Day, shown: number, inAll: number): string | undefined {
  if (shown > 0) return undefined;
  return inAll > 0
    ? `The plot archived on ${day} shows nothing of that day`
    : `No curve could be read in the plot of ${day}`;
}
