/**
 * Date slots: what some characters say where each has its place in a form of `date-forms`.
 */
import { DAY_NAMES, LACKS_TENS, MONTH_NAMES } from "./date-forms.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { scoreOfAny, type Scores } from "./glyphs.ts";
import type { Glyph } from "./glyph-reader.ts";

/** Digital records of tremor start here, and this program's worries end there. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2059;
/** A character that doesn't fit its slot costs no more than this, so that one stain does not rule a form out. */
export const WORST = -6;
/**
 * The first of two digits is one that makes a number up to the most with the second, where it reads worse than this as any
 * digit, or as one that no such number begins with: a zero with a dot in it reads as that.
 */
const UNCLEAR = -1;
const LIKE_DOTTED_0 = 8;
/** And a zero whose left side the picture's edge cuts off as this. */
const LIKE_CUT_0 = 3;
/** The largest number of two digits in a slot. */
const MOST: Record<string, number> = { d: 31, m: 12, h: 24 };
/** Three characters that read worse than this as any name of a month or a day are none. */
const WORST_OF_NAME = -4;
/** What a piece of a broken separator costs, and what such a piece is taken for: a letter or another digit is none. */
const PIECE = -1;
const PIECE_LOOKS = "/-.:^,1Il";
const STEM_LOOKS = "1Il";

const LOOK_ALIKES = (
  [
    [0, "DOQo"],
    [1, "Il"],
    [5, "S"],
    [8, "B"],
  ] as const
).map(([digit, letters]) => [digit, [...letters].map((letter) => CHARACTERS.indexOf(letter))] as const);
/** What looks less like a digit than this is just a letter. */
const LEAST_ALIKE = -3;

/** A character of a label with what it is as a digit. */
export interface Slot {
  scores: Scores;
  digit: number;
  digitScore: number;
}

/** A glyph of a date: where letters may come, too, one that looks like a digit is that digit. */
export function toSlot(glyph: Glyph): Slot {
  let { scores } = glyph;
  for (const [digit, letters] of LOOK_ALIKES) {
    if (scores[digit]! < LEAST_ALIKE || letters.every((c) => scores[c]! < scores[digit]! + WORST)) continue;
    scores = scores.with(digit, scoreOfAny(scores, [digit, ...letters]));
  }
  let digit = 0;
  for (let other = 1; other < 10; other++) if (scores[other]! > scores[digit]!) digit = other;
  return { scores, digit, digitScore: Math.max(WORST, scores[digit]!) };
}

/** The digit that each slot of a form has at a time, and the month at those of its name. */
export function expectedIn(form: string, timeMs: number): (number | undefined)[] {
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

/** How well a character reads as a digit: as one, or as the likeliest. */
export function scoreDigit({ scores, digitScore }: Slot, digit?: number): number {
  return digit === undefined ? digitScore : Math.max(WORST, scores[digit]!);
}

/** The same of three characters and the name of a month. */
export function scoreMonth(slots: readonly Slot[], from: number, month?: number): number {
  return readName(slots, from, month === undefined ? MONTHS : MONTHS.filter(({ value }) => value === month)).score;
}

/** Reads characters as one form, as many as it has slots. `timeMs` is NaN where they make no date. */
export function readForm(slots: readonly Slot[], form: string, assumedYear: number): { score: number; timeMs: number } {
  let [year, month, day, hour, minute] = [0, 0, 0, 0, 0];
  let score = 0;
  let isNamed = true;
  for (let i = 0; i < form.length; i++) {
    const { scores } = slots[i]!;
    const slot = form[i]!;
    const digit = digitAt(slots, form, i);
    if (slot === "n" || slot === "w") {
      const name = readName(slots, i, slot === "n" ? MONTHS : DAYS);
      if (slot === "n") month = name.value;
      score += name.score;
      isNamed &&= name.score > 3 * WORST_OF_NAME;
      i += 2;
      continue;
    }
    if (slot === "*") {
      score += Math.max(WORST, PIECE + bestOf(scores, PIECE_INDEXES));
      continue;
    }
    if (slot === "|") {
      score += Math.max(WORST, bestOf(scores, STEM_INDEXES));
      continue;
    }
    if (slot === "y" && year === 0 && digit > 2 && form.startsWith("yyyy", i)) {
      // The first of four is a 1 or a 2, and then the second a 9 or a 0, however much of them is left.
      const next = slots[++i]!.scores;
      const scoreOf = (century: number): number =>
        Math.max(WORST, scores[Math.floor(century / 10)]!) + Math.max(WORST, next[century % 10]!);
      year = scoreOf(19) > scoreOf(20) ? 19 : 20;
      score += scoreOf(year);
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
    score += Math.max(WORST, scores[digit]!);
  }
  score /= form.length;
  if (!form.includes("y")) year = assumedYear;
  else if (!form.includes("yyyy")) year += 2000;
  if (day === 0 && LACKS_TENS.test(form)) day = 10;
  const known = year >= FIRST_YEAR && year <= LAST_YEAR;
  const exists =
    known &&
    isNamed &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 24 &&
    minute < 60;
  return exists ? { score, timeMs: Date.UTC(year, month - 1, day, hour, minute) } : { score: score - 1, timeMs: NaN };
}

/** A character as the digit that it reads best as, of those that can stand in its place where that isn't sure. */
function digitAt(slots: readonly Slot[], form: string, at: number): number {
  const { scores, digit, digitScore } = slots[at]!;
  const most = form[at + 1] === form[at] ? MOST[form[at]!] : undefined;
  if (most === undefined) return digit;
  const units = slots[at + 1]!.digit;
  const isCut = digit === LIKE_CUT_0 && form[at] === "d" && 10 * digit + units > most;
  if (digitScore < UNCLEAR || isCut) return likeliestTens(scores, units, most);
  return digit === LIKE_DOTTED_0 ? 0 : digit;
}

/** The first of two digits by what it looks like, of those that make a number up to the most with the second. */
function likeliestTens(scores: Scores, units: number, most: number): number {
  let likeliest = 0;
  for (let tens = 1; 10 * tens + units <= most; tens++) if (scores[tens]! > scores[likeliest]!) likeliest = tens;
  return likeliest;
}

/** Where each character that forms name stands in the scores. */
const INDEX_OF: Record<string, number> = Object.fromEntries(
  [...CHARACTERS].map((character, index) => [character, index]),
);
INDEX_OF["_"] = INDEX_OF["h"]!;
const PIECE_INDEXES = [...PIECE_LOOKS].map((character) => INDEX_OF[character]!);
const STEM_INDEXES = [...STEM_LOOKS].map((character) => INDEX_OF[character]!);

function bestOf(scores: Scores, indexes: readonly number[]): number {
  return indexes.reduce((most, index) => Math.max(most, scores[index]!), -Infinity);
}

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
