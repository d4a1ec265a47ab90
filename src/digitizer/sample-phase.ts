/**
 * The sample grid that the curve itself speaks for.
 * On a plot of seven days some columns hold two samples, and those show the line standing upright in one column; on
 * a shorter plot each sample covers its pixel wholly. Which columns these are tells the axis to a minute.
 */
import type { Calibration, TimeAxis } from "../model/plot.ts";
import { hasSureLength, isOfHours, offPlainLine } from "./axis-ends.ts";
import type { PlotReading } from "./calibration.ts";
import { columnOf, createSampleGrid, gridOfPen, phaseOf, type SampleGrid } from "./sample-grid.ts";
import { isHard, type Trace } from "./trace.ts";

const MINUTE_MS = 60_000;
/** More than this many standard deviations is no error of the labels. */
const CLEARLY_OFF = 2.5;
/**
 * Where the columns fit, the plot was drawn as the published ones are, whose labels stand where they are expected to: then
 * so much is no error of theirs, if they say the same of both ends. Axes that begin with their first sample do so at any
 * minute, at ten to the hour or on it no more often than others.
 */
const CLEARLY_OFF_MS = 2 * MINUTE_MS;
const AGREED_MS = 2 * MINUTE_MS;
/** The labels' axis is as long as the other one to so many px, which are rounded to whole ones at either end. */
const AS_LONG_PX = 0.75;
/** An upright run of this many full pixels needs two samples in its column. */
const UPRIGHT = 3;
/**
 * A grid that contradicts fewer of its columns than this needs no other: the right one has 1 to 6 % (double columns
 * whose samples lie on one row, spikes), one that is off by a minute 15 % and more.
 */
const GOOD_SHARE = 0.1;
/** Share of contradicted columns beyond which the picture has no vertices on whole pixels, and tells nothing of an axis. */
const HOPELESS_SHARE = 0.35;
/** So many more columns must speak for another of the axes that the labels allow. */
const CLEAR_STEP = 0.03;
/** A grid must contradict this much less than the one the labels give to be taken in its place. */
const CLEARLY_LESS = 0.6;
/**
 * Or stand alone by so many columns: all wrong grids are as bad as each other, to a hundredth or so. Of a smooth line whose
 * vertices lie half a pixel further a wrong one does, too, if with more contradictions than the wildest series has on the
 * right one; and where no column holds two samples, there are too few columns to tell.
 */
const ALONE = 0.045;
const MOST_OF_WILDEST = 0.25;

interface Uprights {
  /** Longest run of wholly covered pixels in each column. */
  runs: Uint16Array;
  /** 1 where a column has ink at all. */
  inked: Uint8Array;
}

/** The calibration with the time axis that fits the curve best, and the samples on it. */
export function findSampleGrid(trace: Trace, reading: PlotReading): { calibration: Calibration; grid: SampleGrid } {
  const { calibration, timeAxes, timeUncertaintyMs } = reading;
  const evidence = findUprights(trace);
  const on = (time: TimeAxis, phaseMs: number): { calibration: Calibration; grid: SampleGrid; cost: number } => {
    const candidate = { ...calibration, time };
    const grid = createSampleGrid(candidate, phaseMs);
    return { calibration: candidate, grid, cost: contradictions(evidence, grid) };
  };
  let base = on(calibration.time, 0);
  if (base.grid.spacing < 0.5) return base;
  // Of the axes that the labels allow, the first holds unless the columns speak clearly for another.
  for (const time of timeAxes.slice(1)) {
    const found = on(time, 0);
    if (found.cost < Math.min(HOPELESS_SHARE, base.cost - CLEAR_STEP)) base = found;
  }
  /** The columns fit, but the labels may say that both axis and samples lie some minutes off the ten-minute clock. */
  const byLabels = (): { calibration: Calibration; grid: SampleGrid } => {
    const { awayMs, apartMs } = offLabels({ ...reading, calibration: base.calibration });
    const isUsual = base.cost <= GOOD_SHARE && apartMs < AGREED_MS;
    const isOpen = isUsual || hasSureLength(base.calibration.time);
    const least = CLEARLY_OFF * reading.middleUncertaintyMs;
    if (Math.abs(awayMs) < (isOpen ? Math.min(least, CLEARLY_OFF_MS) : least)) return base;
    const phaseMs = Math.round(awayMs / MINUTE_MS) * MINUTE_MS;
    return on(shiftAxis(base.calibration.time, phaseMs), phaseOf(phaseMs));
  };
  if (base.cost <= GOOD_SHARE) return byLabels();
  // Lines without anti-aliasing mostly lie in the pixel that a place is in, not in the nearest one.
  const least = isHard(trace) ? Math.min(base.cost, contradictions(evidence, gridOfPen(base.grid, 0))) : base.cost;
  let best = base;
  let second = Infinity;
  for (const time of timeAxes)
    for (let phase = 0; phase < 10; phase++) {
      const found = on(time, phase * MINUTE_MS);
      if (found.cost < best.cost) [best, second] = [found, best.cost];
      else second = Math.min(second, found.cost);
    }
  if (base.grid.spacing < 1 && best.cost < Math.min(MOST_OF_WILDEST, second - ALONE, least)) return best;
  if (best.cost > GOOD_SHARE && best.cost < HOPELESS_SHARE) {
    const reach = Math.min(6, Math.ceil((2 * timeUncertaintyMs) / MINUTE_MS));
    for (let stretch = -reach; stretch <= reach; stretch += 0.5) {
      const stretched = stretchAxis(calibration.time, stretch * MINUTE_MS);
      for (let shift = -5; shift < 5; shift += 0.5) {
        const found = on(shiftAxis(stretched, shift * MINUTE_MS), 0);
        if (found.cost < best.cost) best = found;
      }
    }
  }
  return best.cost < CLEARLY_LESS * least ? best : byLabels();
}

/**
 * How far the labels alone would have the axis, against the whole ten minutes that it was taken to begin at, and how far
 * they contradict themselves at its ends. An axis of whole hours is beyond doubt; one of the samples alone may start with a whole hour by chance.
 */
function offLabels({ calibration, timeAxes }: PlotReading): { awayMs: number; apartMs: number } {
  const nothing = { awayMs: 0, apartMs: 0 };
  const { msPerPx } = calibration.time;
  if (isOfHours(calibration.time)) return nothing;
  const off = offPlainLine(calibration.time, timeAxes);
  if (off === undefined) return nothing;
  const apartMs = Math.abs(off.startMs - off.endMs);
  return apartMs < AS_LONG_PX * msPerPx ? { awayMs: (off.startMs + off.endMs) / 2, apartMs } : nothing;
}

function shiftAxis(time: TimeAxis, byMs: number): TimeAxis {
  return { ...time, originMs: time.originMs + byMs, startMs: time.startMs + byMs, endMs: time.endMs + byMs };
}

/** Moves the right end of the axis, holding the left one. */
function stretchAxis(time: TimeAxis, byMs: number): TimeAxis {
  const leftPx = (time.startMs - time.originMs) / time.msPerPx;
  const widthPx = (time.endMs - time.startMs) / time.msPerPx;
  const endMs = time.endMs + byMs;
  const msPerPx = (endMs - time.startMs) / widthPx;
  return { ...time, endMs, msPerPx, originMs: time.startMs - leftPx * msPerPx };
}

function findUprights({ coverage, columns, rows, tops, bottoms, full }: Trace): Uprights {
  const runs = new Uint16Array(columns);
  const inked = new Uint8Array(columns);
  for (let column = 0; column < columns; column++) {
    let run = 0;
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++) {
      if (coverage[at]! > 0.3) inked[column] = 1;
      if (coverage[at]! < full) run = 0;
      else if (++run > runs[column]!) runs[column] = run;
    }
  }
  return { runs, inked };
}

/** Share of the inked columns that hold samples but don't look it. */
function contradictions({ runs, inked }: Uprights, grid: SampleGrid): number {
  let [cost, judged] = [0, 0];
  for (let sample = 0; sample < grid.count;) {
    const column = columnOf(grid, sample);
    let count = 1;
    while (sample + count < grid.count && columnOf(grid, sample + count) === column) count++;
    sample += count;
    if (inked[column] !== 1) continue;
    judged++;
    const run = runs[column]!;
    if (run === 0 || (count === 1 && run >= UPRIGHT)) cost += 1;
    else if (count > 1 && run === 1) cost += 0.7;
  }
  return judged === 0 ? 1 : cost / judged;
}
