/**
 * Time labels: what the characters under the time axis say, whatever the order and the separators.
 * Owns the choice among the forms of `date-forms`; the fit through all labels of an axis, which overrules a misread one, is `calibration`'s.
 */
import { FAMILIES, LOSSY_FAMILIES, type Family } from "./date-forms.ts";
import { expectedIn, readForm, scoreDigit, scoreMonth, type Slot, toSlot, WORST } from "./date-slots.ts";
import type { Glyph } from "./glyph-reader.ts";
import { CHARACTERS } from "./glyphs/weights.ts";

/** A digit is clear where the next likeliest one is so much less likely, by log likelihood. */
const CLEARLY = 1;

/** A label and the column that it marks. */
export interface TimeLabel {
  atPx: number;
  glyphs: readonly Glyph[];
}

/** What a label says. Without a year in it, `timeMs` is in the year that was assumed. */
export interface TimeTick {
  atPx: number;
  timeMs: number;
}

/** One way to read all labels of an axis. */
export interface TimeReading {
  ticks: TimeTick[];
  /** The same labels with what each was read as. */
  read: readonly ReadLabel[];
  hasYear: boolean;
  /** Mean log likelihood over all labels; 0 is sure. */
  confidence: number;
  /** The same over the labels that have this form. */
  formConfidence: number;
  /**
   * The same for the digit or name of the date, such as the first of the month, that reads worst in all labels together.
   * A digit misread in each of them shifts the whole axis, and nothing else tells.
   */
  weakest: number;
}

/** What a separator that isn't there, or is broken, costs among the characters. */
const LOST = -3;
/** Labels that read better than this have all their separators. */
const READ_WELL = -0.5;
/** A year of three digits, or a day of one. */
const LACKS_DIGIT = /^(yyy[^y]|d[^dn])/;
const CHARACTER_INDEXES = [...CHARACTERS].keys().toArray();
const POINT = CHARACTERS.indexOf(".");
/** Half of an axis' labels span no more than this: days that are taken for years make years of a week. */
const MOST_MS = 400 * 86_400_000;
/** If they read no worse with another form than by what one place of it costs: an axis may be of decades, too. */
const ONE_PLACE = 0.75;
/** Forms are tried on when they explain the characters nearly as well as the best one. */
const MARGIN = 0.25;

/** The ways in which the labels can be read, likeliest first. */
export function readTimeLabels(labels: readonly TimeLabel[], assumedYear: number): TimeReading[] {
  const rows = labels.map(({ atPx, glyphs }) => ({ atPx, slots: glyphs.map(toSlot) }));
  const readings = readRows(rows, FAMILIES, assumedYear);
  if (confidenceOf(readings) > READ_WELL) return readings;
  const withLosses = readRows(rows, LOSSY_FAMILIES, assumedYear);
  const without = rows.map(leavePoints);
  if (without.every(({ slots }, i) => slots.length === rows[i]!.slots.length)) return withLosses;
  const withoutPoints = readRows(without, FAMILIES, assumedYear);
  const confidence = confidenceOf(withoutPoints);
  return confidence > Math.max(READ_WELL, confidenceOf(withLosses) + MARGIN) ? withoutPoints : withLosses;
}

function confidenceOf(readings: readonly TimeReading[]): number {
  return readings[0]?.confidence ?? -Infinity;
}

/** A label without what looks most like a point: the corner of a thin 4 stands alone as one. */
function leavePoints({ atPx, slots }: Row): Row {
  return {
    atPx,
    slots: slots.filter(({ scores }) => CHARACTER_INDEXES.some((other) => scores[other]! > scores[POINT]!)),
  };
}

function readRows(rows: readonly Row[], families: readonly Family[], assumedYear: number): TimeReading[] {
  const lengths = new Set(rows.map(({ slots }) => slots.length));
  // Most forms are out after a few labels; the others are tried on all.
  const few = rows.length <= 6 ? rows : [0.1, 0.4, 0.6, 0.9].map((share) => rows[Math.floor(share * rows.length)]!);
  const tried = families
    .filter(({ forms }) => forms.some((form) => lengths.has(form.length)))
    .map((family) => ({
      family,
      confidence: readAll(few, family, assumedYear).sum / Math.max(1, few.length),
    }));
  const hoped = tried.reduce((most, { confidence }) => Math.max(most, confidence), -Infinity) - 6 * MARGIN;
  const all = tried
    .filter(({ confidence }) => confidence > hoped)
    .map(({ family }, order) => {
      const { read, sum, formSum } = readAll(rows, family, assumedYear);
      const confidence = sum / rows.length;
      const rank = family.isBare ? confidence - MARGIN : confidence;
      return { family, order, read, rank, confidence, formConfidence: formSum / read.length };
    })
    .filter(({ read }) => read.length >= 2)
    .sort((a, b) => b.rank - a.rank || a.order - b.order);
  const likeliest = all.reduce((most, { confidence }) => Math.max(most, confidence), -Infinity);
  const short = all.filter(({ read }) => !spansYears(read));
  const isOther = short.some(({ family, confidence }) => !family.isBare && confidence > likeliest - ONE_PLACE);
  const readings = isOther ? short : all;
  const best = readings.reduce((most, { confidence }) => Math.max(most, confidence), -Infinity);
  return readings
    .filter(({ confidence }) => confidence > best - MARGIN)
    .map(({ family, read, confidence, formConfidence }) => ({
      ticks: read.map(({ atPx, timeMs }) => ({ atPx, timeMs })),
      read,
      hasYear: family.forms[0]!.includes("y"),
      confidence,
      formConfidence,
      weakest: weakestOf(read),
    }));
}

function spansYears(read: readonly ReadLabel[]): boolean {
  const times = read.map(({ timeMs }) => timeMs).sort((a, b) => a - b);
  return times[Math.floor(0.75 * times.length)]! - times[Math.floor(0.25 * times.length)]! > MOST_MS;
}

interface Row {
  atPx: number;
  slots: readonly Slot[];
}

/** A label that has one of a family's forms. */
export interface ReadLabel extends Row {
  form: string;
  timeMs: number;
}

/** Reads each label as the likeliest form of a family. Sums of log likelihood: of all, and of those that have a form. */
function readAll(rows: readonly Row[], family: Family, assumedYear: number) {
  const read: ReadLabel[] = [];
  let sum = 0;
  let formSum = 0;
  for (const { atPx, slots } of rows) {
    let best = { score: WORST, timeMs: NaN };
    let ownForm = "";
    family.forms.forEach((form, index) => {
      if (form.length !== slots.length) return;
      const found = readForm(slots, form, assumedYear);
      if (index >= family.whole) found.score += LOST / form.length;
      // Where even a digit is lost, all the others must speak for the form.
      if (LACKS_DIGIT.test(form) && found.score < READ_WELL) return;
      if (found.score > best.score) [best, ownForm] = [found, form];
    });
    sum += best.score;
    if (Number.isNaN(best.timeMs)) continue;
    formSum += best.score;
    read.push({ atPx, slots, form: ownForm, timeMs: best.timeMs });
  }
  return { read, sum, formSum };
}

/**
 * The mean score of the worst of the places that say year, month and day: as what they read best, or as what they
 * should be where labels are told their times.
 */
export function weakestOf(read: readonly ReadLabel[], timesMs?: readonly number[]): number {
  const sums = new Map<string, { sum: number; count: number }>();
  read.forEach(({ form, slots }, index) => {
    const expected = timesMs === undefined ? undefined : expectedIn(form, timesMs[index]!);
    for (let i = 0; i < form.length; i++) {
      if (!"ymdn".includes(form[i]!)) continue;
      const place = `${form[i]}${form.lastIndexOf(form[i]!) - i}`;
      const score =
        form[i] === "n"
          ? scoreMonth(slots, form.indexOf("n"), expected?.[i]) / 3
          : expected === undefined
            ? clearnessOf(slots[i]!)
            : scoreDigit(slots[i]!, expected[i]);
      const at = sums.get(place) ?? { sum: 0, count: 0 };
      sums.set(place, { sum: at.sum + score, count: at.count + 1 });
    }
  });
  return [...sums.values()].reduce((least, { sum, count }) => Math.min(least, sum / count), 0);
}

/** How well a place reads as its digit: the worse, the nearer another one comes to that. */
function clearnessOf({ scores, digit, digitScore }: Slot): number {
  let next = -Infinity;
  for (let other = 0; other < 10; other++) if (other !== digit && scores[other]! > next) next = scores[other]!;
  return digitScore + Math.min(0, digitScore - next - CLEARLY);
}

/** How well a label's characters agree with a time that it should say: a sum of log likelihood. */
export function scoreAs({ form, slots }: ReadLabel, timeMs: number): number {
  let sum = 0;
  expectedIn(form, timeMs).forEach((expected, i) => {
    if (expected === undefined) return;
    if (form[i] !== "n") sum += scoreDigit(slots[i]!, expected);
    else if (form[i - 1] !== "n") sum += scoreMonth(slots, i, expected);
  });
  return sum;
}
