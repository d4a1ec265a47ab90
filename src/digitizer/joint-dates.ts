/**
 * Joint dates: where labels contradict each other, the times that all of them together speak for.
 * A 6 taken for a 5 in half of the labels puts those on a line of their own, as does the dotted zero of each midnight that
 * is taken for a 9. Labels stand whole steps apart, so one of them tells what all others should say; how well their
 * characters agree with that, tells which one is right.
 */
import { LACKS_TENS, PLAIN_DAYS } from "./date-forms.ts";
import { expectedIn } from "./date-slots.ts";
import type { AxisPoint, Line } from "./robust-line.ts";
import { type ReadLabel, scoreAs, weakestOf } from "./time-labels.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Of a sum of log likelihoods, what labels that stand at other minutes than whole and half hours cost each. */
const ODD_MINUTES_COST = 4.5;

/** A character that reads so is taken for nothing else. */
const SURELY = -0.5;

export interface JointDates {
  /** How far to move the line. */
  shiftMs: number;
  /** See `TimeReading`: how well the worst place of the date reads as what the moved line has there. */
  weakest: number;
}

/** What to move a line by that some labels contradict; `undefined` where the line says best what the labels show. */
export function jointDates(line: Line, read: readonly ReadLabel[]): JointDates | undefined {
  const onLine = placeOn(line, read);
  const unitMs = sayHours(read) ? HOUR_MS : DAY_MS;
  const shifts = new Set(onLine.map(({ label, timeMs }) => Math.round((label.timeMs - timeMs) / unitMs) * unitMs));
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

/** Which time each label should say: whole steps from the first one on the line, on which every other label may lie. */
function placeOn({ atOrigin, perPx, inliers }: Line, read: readonly ReadLabel[]) {
  const first = inliers[0]!;
  const ownMs = inliers.reduce((step, { value }) => commonStep(step, Math.abs(value - first.value)), 0);
  const stepMs = sayHours(read) ? ownMs / Math.max(1, Math.round(ownMs / (perPx * usualSpacing(read)))) : ownMs;
  return read.map((label) => {
    const steps = Math.round((atOrigin + perPx * label.atPx - first.value) / stepMs);
    return { label, timeMs: first.value + steps * stepMs };
  });
}

function sayHours(read: readonly ReadLabel[]): boolean {
  return read.some(({ form }) => form.includes("h"));
}

/** From one label to the next, in px. */
function usualSpacing(read: readonly ReadLabel[]): number {
  const atPx = read.map((label) => label.atPx).sort((a, b) => a - b);
  const apart = atPx.slice(1).map((px, i) => px - atPx[i]!);
  return apart.sort((a, b) => a - b)[apart.length >> 1]!;
}

/**
 * May a digit of the month or year be another one? So where a label off the line shows that a digit is surely taken for
 * another one, which stands there in all labels, and none tells that it is read right, too.
 */
export function isDigitTaken(line: Line, read: readonly ReadLabel[]): boolean {
  const right = new Set<number>();
  const taken: { said: number; meant: number }[] = [];
  for (const { label, timeMs } of placeOn(line, read)) {
    const meant = expectedIn(label.form, timeMs);
    expectedIn(label.form, label.timeMs).forEach((said, i) => {
      const should = meant[i];
      if (said === undefined || should === undefined || !"dhi".includes(label.form[i]!)) return;
      if (said === should) right.add(said);
      else if (label.slots[i]!.scores[said]! > SURELY) taken.push({ said, meant: should });
    });
  }
  const open = taken.filter(({ meant }) => !right.has(meant));
  return open.some(({ said, meant }) => read.some((label) => mayBe(label, said, meant)));
}

/** Does a label's date exist, too, with another digit in its month or in the end of its year? */
function mayBe({ form, timeMs }: ReadLabel, said: number, meant: number): boolean {
  const digits = expectedIn(form, timeMs);
  const month = [...form].flatMap((slot, i) => (slot === "m" ? [digits[i] === said ? meant : digits[i]!] : []));
  const number = month.reduce((sum, digit) => 10 * sum + digit, 0);
  return (
    (number !== new Date(timeMs).getUTCMonth() + 1 && number >= 1 && number <= 12) ||
    [...form].some((slot, i) => slot === "y" && !form.startsWith("yyy", i) && digits[i] === said)
  );
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

/** Do the days of most labels lack their tens? Where the first nine days have none, those after them tell. */
export function lacksTens({ atOrigin, perPx }: Line, read: readonly ReadLabel[]): boolean {
  const dayAt = (px: number): number => new Date(atOrigin + perPx * px + HOUR_MS / 2).getUTCDate();
  const needing = read.filter(({ form, atPx }) => !PLAIN_DAYS.test(form) || dayAt(atPx) > 9);
  return 2 * needing.filter(({ form }) => LACKS_TENS.test(form)).length > needing.length;
}

/** So many labels of days alone are of the same day as another one where hours are cut off, and not where one is misread. */
const LEAST_REPEATED = 1 / 3;

/**
 * What to move a line by whose labels say days alone, and many of them the same: their hours are cut off. The first of a
 * day is taken for its midnight. `undefined` where labels say when they are.
 */
export function lostHours({ atOrigin, perPx }: Line, read: readonly ReadLabel[]): number | undefined {
  const repeated = read.length - new Set(read.map(({ timeMs }) => timeMs)).size;
  if (repeated < LEAST_REPEATED * read.length || sayHours(read)) return undefined;
  const early = read.map(({ atPx, timeMs }) => timeMs - atOrigin - perPx * atPx).filter((ms) => ms < DAY_MS);
  return Math.max(0, Math.round(Math.max(...early) / HOUR_MS) * HOUR_MS);
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
