/**
 * Time labels: what the characters under the time axis say, whatever the order and the separators.
 * Owns forms of dates; the fit through all labels of an axis, which overrules a misread one, is `calibration`'s.
 */
import { CHARACTERS } from "./glyphs/weights.ts";
import type { Scores } from "./glyphs.ts";
import type { Glyph } from "./glyph-reader.ts";

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

/**
 * Slots: y year, m month, n its name, d day, w its name, h hour, i minute; all else stands for itself, `_` for a small h, `*` for a piece of a separator.
 * Day before month where both fit: the plots are Italian.
 */
const DATES = [
  ["dd/mm/yy"],
  ["dd/mm/yyyy"],
  ["yyyy-mm-dd"],
  ["dd/mm"],
  ["dd-mm"],
  ["ddnnn", "dnnn"],
  ["yyyy/mm/dd"],
  ["dd-mm-yyyy"],
  ["dd-mm-yy"],
  ["dd.mm.yyyy"],
  ["dd.mm.yy"],
  ["dd.mm"],
  ["mm/dd"],
  ["mm-dd"],
  ["mm/dd/yyyy"],
  ["mm/dd/yy"],
  ["ddnnnyyyy", "dnnnyyyy"],
  ["ddnnnyy", "dnnnyy"],
  ["dd-nnn", "d-nnn"],
  ["dd-nnn-yy", "d-nnn-yy"],
  ["dd-nnn-yyyy", "d-nnn-yyyy"],
  ["nnndd", "nnnd"],
  ["wwwddnnn", "wwwdnnn"],
  ["wwwdd/mm"],
  ["wwwdd-mm"],
  ["wwwdd/mm/yy"],
] as const;
const TIMES = ["hh:ii", "Hhh", "hh_", "", "hhH", "Thh:ii", "hh:ii:00", "-hh:ii", "-Hhh", "hh.ii", "Hhh:ii", "hh:iiZ"];
/** Times without a mark that tells them from a year: only where nothing else fits. */
const BARE_TIMES = ["hhii", "hh"];
const MONTH_NAMES: readonly (readonly [string, number])[] = [
  ..."jan feb mar apr may jun jul aug sep oct nov dec".split(" ").map((name, index) => [name, index + 1] as const),
  ["gen", 1],
  ["mag", 5],
  ["giu", 6],
  ["lug", 7],
  ["ago", 8],
  ["set", 9],
  ["ott", 10],
  ["dic", 12],
];

const DAY_NAMES = "mon tue wed thu fri sat sun lun mar mer gio ven sab dom".split(" ");

/** All characters of those forms but the names of months and days. */
export const DATE_CHARACTERS = "0123456789/:-.HhT";

/** Forms that differ only in how many digits the day has; those from `whole` on lack a separator. */
interface Family {
  forms: readonly string[];
  whole: number;
}
const FAMILIES: readonly Family[] = [
  ...DATES.flatMap((dates) => TIMES.map((time) => dates.map((date) => date + time))),
  ...DATES.flatMap((dates) => BARE_TIMES.map((time) => dates.map((date) => date + time))),
  ...DATES.flatMap((dates) => TIMES.slice(0, 3).map((time) => dates.map((date) => time + date))),
].map((forms) => ({ forms, whole: forms.length }));

/** A separator that is drawn faintly, or touches a digit, is easily lost; a thin slash breaks in two pieces. */
const SEPARATORS = "/-.:";
const LOSSY_FAMILIES: readonly Family[] = FAMILIES.map(({ forms, whole }) => ({
  forms: [
    ...forms,
    ...forms.flatMap((form) =>
      [...form].flatMap((slot, at) => (SEPARATORS.includes(slot) ? [form.slice(0, at) + form.slice(at + 1)] : [])),
    ),
    ...forms.flatMap((form) => (form.endsWith("-hh:ii") ? [form.replace("-hh:ii", "hhii")] : [])),
    ...forms.flatMap((form) => (form.includes("yyyy") ? [form.replaceAll(/[/.-]/g, "")] : [])),
    ...forms.flatMap((form) =>
      form.includes("/") ? [form.replace("/", "**"), form.replace(/(.*)\//, "$1**"), form.replaceAll("/", "**")] : [],
    ),
  ],
  whole,
}));

/** Digital records of tremor start here, and this program's worries end there. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2059;
/** A character that doesn't fit its slot costs no more than this, so that one stain does not rule a form out. */
const WORST = -6;
/** What a piece of a broken one costs. */
const PIECE = -1;
/** What a separator that isn't there, or is broken, costs among the characters. */
const LOST = -3;
/** Labels that read better than this have all their separators. */
const READ_WELL = -0.5;
/** Forms are tried on when they explain the characters nearly as well as the best one. */
const MARGIN = 0.25;

/** The ways in which the labels can be read, likeliest first. */
export function readTimeLabels(labels: readonly TimeLabel[], assumedYear: number): TimeReading[] {
  const rows = labels.map(({ atPx, glyphs }) => ({ atPx, slots: glyphs.map(toSlot) }));
  const readings = readRows(rows, FAMILIES, assumedYear);
  return (readings[0]?.confidence ?? -Infinity) > READ_WELL ? readings : readRows(rows, LOSSY_FAMILIES, assumedYear);
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
  const readings = tried
    .filter(({ confidence }) => confidence > hoped)
    .map(({ family }, order) => {
      const { read, sum, formSum } = readAll(rows, family, assumedYear);
      return { family, order, read, confidence: sum / rows.length, formConfidence: formSum / read.length };
    })
    .filter(({ read }) => read.length >= 2)
    .sort((a, b) => b.confidence - a.confidence || a.order - b.order);
  const best = readings[0]?.confidence ?? 0;
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

/** A character of a label with what it is as a digit. */
export interface Slot {
  scores: Scores;
  digit: number;
  digitScore: number;
}

export function toSlot({ scores }: Glyph): Slot {
  let digit = 0;
  for (let other = 1; other < 10; other++) if (scores[other]! > scores[digit]!) digit = other;
  return { scores, digit, digitScore: Math.max(WORST, scores[digit]!) };
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
          : scoreDigit(slots[i]!, expected?.[i]);
      const at = sums.get(place) ?? { sum: 0, count: 0 };
      sums.set(place, { sum: at.sum + score, count: at.count + 1 });
    }
  });
  return [...sums.values()].reduce((least, { sum, count }) => Math.min(least, sum / count), 0);
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

/** The digit that each slot of a form has at a time, and the month at those of its name. */
function expectedIn(form: string, timeMs: number): (number | undefined)[] {
  const date = new Date(timeMs);
  const rest: Record<string, number> = {
    y: date.getUTCFullYear(),
    m: date.getUTCMonth() + 1,
    d: date.getUTCDate(),
    h: date.getUTCHours(),
    i: date.getUTCMinutes(),
  };
  const month = rest["m"]!;
  // Units first.
  return [...form]
    .reverse()
    .map((slot) => {
      if (slot === "n") return month;
      const number = rest[slot];
      if (number === undefined) return undefined;
      rest[slot] = Math.floor(number / 10);
      return number % 10;
    })
    .reverse();
}

function scoreDigit({ scores, digitScore }: Slot, digit?: number): number {
  return digit === undefined ? digitScore : Math.max(WORST, scores[digit]!);
}

function scoreMonth(slots: readonly Slot[], from: number, month?: number): number {
  return readName(slots, from, month === undefined ? MONTHS : MONTHS.filter(({ value }) => value === month)).score;
}

/** Reads characters as one form, as many as it has slots. `timeMs` is NaN where they make no date. */
export function readForm(slots: readonly Slot[], form: string, assumedYear: number): { score: number; timeMs: number } {
  let [year, month, day, hour, minute] = [0, 0, 0, 0, 0];
  let score = 0;
  for (let i = 0; i < form.length; i++) {
    const { scores, digit, digitScore } = slots[i]!;
    const slot = form[i]!;
    if (slot === "n" || slot === "w") {
      const name = readName(slots, i, slot === "n" ? MONTHS : DAYS);
      if (slot === "n") month = name.value;
      score += name.score;
      i += 2;
      continue;
    }
    if (slot === "*") {
      score += PIECE;
      continue;
    }
    if (slot === "y") year = 10 * year + digit;
    else if (slot === "m") month = 10 * month + digit;
    else if (slot === "d") day = 10 * day + digit;
    else if (slot === "h") hour = 10 * hour + digit;
    else if (slot === "i") minute = 10 * minute + digit;
    else {
      score += Math.max(WORST, scores[INDEX_OF[slot]!]!);
      continue;
    }
    score += digitScore;
  }
  score /= form.length;
  if (!form.includes("y")) year = assumedYear;
  else if (!form.includes("yyyy")) year += 2000;
  const known = year >= FIRST_YEAR && year <= LAST_YEAR;
  const exists =
    known && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 24 && minute < 60;
  return exists ? { score, timeMs: Date.UTC(year, month - 1, day, hour, minute) } : { score: score - 1, timeMs: NaN };
}

/** Where each character that forms name stands in the scores. */
const INDEX_OF: Record<string, number> = Object.fromEntries(
  [...CHARACTERS].map((character, index) => [character, index]),
);
INDEX_OF["_"] = INDEX_OF["h"]!;

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A name of three letters, and where these stand in the scores, small and capital. */
interface Name {
  value: number;
  small: number[];
  capital: number[];
}

function toName(name: string, value: number): Name {
  const indexes = (letters: string): number[] => [...letters].map((letter) => INDEX_OF[letter]!);
  return { value, small: indexes(name), capital: indexes(name.toUpperCase()) };
}

const MONTHS = MONTH_NAMES.map(([name, month]) => toName(name, month));
const DAYS = DAY_NAMES.map((name) => toName(name, 0));

/** The likeliest of some names from a character on. */
function readName(slots: readonly Slot[], from: number, names: readonly Name[]): { value: number; score: number } {
  let best = { value: 1, score: 3 * WORST };
  for (const { value, small, capital } of names) {
    let score = 0;
    for (let i = 0; i < 3 && score > best.score; i++) {
      const { scores } = slots[from + i]!;
      score += Math.max(WORST, scores[small[i]!]!, scores[capital[i]!]!);
    }
    if (score > best.score) best = { value, score };
  }
  return best;
}
