/**
 * Joint dates: where labels contradict each other, the dates that all of them together speak for.
 * A 6 taken for a 5 in half of the labels puts those on a line of their own. Labels stand whole steps apart, so one of
 * them tells what all others should say; how well their characters agree with that, tells which one is right.
 */
import { LACKS_TENS } from "./date-forms.ts";
import type { AxisPoint, Line } from "./robust-line.ts";
import { type ReadLabel, scoreAs, weakestOf } from "./time-labels.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a sum of log likelihoods, what labels that stand at other minutes than whole and half hours cost each. */
const ODD_MINUTES_COST = 4.5;

export interface JointDates {
  /** How far to move the line. */
  shiftMs: number;
  /** See `TimeReading`: how well the worst place of the date reads as what the moved line has there. */
  weakest: number;
}

/** What to move a line by that some labels contradict; `undefined` where the line says best what the labels show. */
export function jointDates(line: Line, read: readonly ReadLabel[]): JointDates | undefined {
  const first = line.inliers[0]!;
  const stepMs = line.inliers.reduce((step, { value }) => commonStep(step, Math.abs(value - first.value)), 0);
  const onLine = read.map((label) => {
    const steps = Math.round((line.atOrigin + line.perPx * label.atPx - first.value) / stepMs);
    return { label, timeMs: first.value + steps * stepMs };
  });
  const shifts = new Set(onLine.map(({ label, timeMs }) => Math.round((label.timeMs - timeMs) / DAY_MS) * DAY_MS));
  if (shifts.size < 2) return undefined;
  const scoreOf = (shiftMs: number): number =>
    onLine.reduce((sum, { label, timeMs }) => sum + scoreAs(label, timeMs + shiftMs), 0);
  let best = { shiftMs: 0, score: scoreOf(0) };
  for (const shiftMs of shifts) {
    const score = scoreOf(shiftMs);
    if (score > best.score) best = { shiftMs, score };
  }
  const { shiftMs } = best;
  if (shiftMs === 0) return undefined;
  return {
    shiftMs,
    weakest: weakestOf(
      read,
      onLine.map(({ timeMs }) => timeMs + shiftMs),
    ),
  };
}

/**
 * What to move a line by whose labels say other minutes than whole and half hours, and as well may say the whole hour.
 * One digit misread in all labels alike leaves no contradiction.
 */
export function oddMinutes(line: Line, read: readonly ReadLabel[]): number {
  const oddMs = line.inliers[0]!.value % HOUR_MS;
  if (oddMs % (HOUR_MS / 2) === 0 || line.inliers.some(({ value }) => value % HOUR_MS !== oddMs)) return 0;
  const scoreOf = (shiftMs: number): number =>
    read.reduce((sum, label) => sum + scoreAs(label, label.timeMs + shiftMs), 0);
  return scoreOf(0) - scoreOf(-oddMs) < ODD_MINUTES_COST * read.length ? -oddMs : 0;
}

/** How much worse labels may read after a shift that they allow, each. */
const ALLOWED = 0.5;

/** Do the days of most labels lack their tens? */
export function lacksTens(read: readonly ReadLabel[]): boolean {
  return 2 * read.filter(({ form }) => LACKS_TENS.test(form)).length > read.length;
}

/** By how many whole tens of days a line through days without their tens may be moved: what the months, and labels in full, allow. */
export function tensShifts(line: Line, read: readonly ReadLabel[]): number[] {
  const onLine = read.map((label) => ({ label, timeMs: line.atOrigin + line.perPx * label.atPx }));
  const scored = [0, 10, 20].map((days) => ({
    shiftMs: days * DAY_MS,
    score: onLine.reduce(
      (sum, { label, timeMs }) => sum + scoreAs(label, Math.round(timeMs / HOUR_MS) * HOUR_MS + days * DAY_MS),
      0,
    ),
  }));
  const best = Math.max(...scored.map(({ score }) => score));
  return scored.filter(({ score }) => score >= best - ALLOWED * read.length).map(({ shiftMs }) => shiftMs);
}

/** The points that a moved line has in place of its own. */
export function movePoints(points: readonly AxisPoint[], shiftMs: number): AxisPoint[] {
  return points.map(({ atPx, value }) => ({ atPx, value: value + shiftMs }));
}

/** Greatest common divisor of two spans, ms. */
function commonStep(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
