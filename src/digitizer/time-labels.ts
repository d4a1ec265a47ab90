/**
 * Time labels: what the characters under the time axis say, whatever the order and the separators.
 * Owns forms of dates; the fit through all labels of an axis, which overrules a misread one, is `calibration`'s.
 */
import { CHARACTERS } from "./glyphs/weights.ts";
import type { Glyph } from "./text.ts";

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
  hasYear: boolean;
  /** Mean log likelihood over all labels; 0 is sure. */
  confidence: number;
}

/**
 * Slots: y year, m month, n its name, d day, h hour, i minute; all else stands for itself, `_` for a small h.
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
] as const;
const TIMES = ["hh:ii", "Hhh", "hh_", "", "hhH", "Thh:ii", "hh:ii:00", "hh"];
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

/** Forms that differ only in how many digits the day has. */
type Family = readonly string[];
const FAMILIES: readonly Family[] = [
  ...DATES.flatMap((dates) => TIMES.map((time) => dates.map((date) => date + time))),
  ...DATES.flatMap((dates) => TIMES.slice(0, 3).map((time) => dates.map((date) => time + date))),
];

/** A character that doesn't fit its slot costs no more than this, so that one stain does not rule a form out. */
const WORST = -6;
/** Forms are tried on when they explain the characters nearly as well as the best one. */
const MARGIN = 0.25;

/** The ways in which the labels can be read, likeliest first. */
export function readTimeLabels(labels: readonly TimeLabel[], assumedYear: number): TimeReading[] {
  const readings = FAMILIES.map((family, order) => ({ order, reading: readAs(labels, family, assumedYear) }))
    .filter(({ reading }) => reading.ticks.length >= 2)
    .sort((a, b) => b.reading.confidence - a.reading.confidence || a.order - b.order);
  const best = readings[0]?.reading.confidence ?? 0;
  return readings.filter(({ reading }) => reading.confidence > best - MARGIN).map(({ reading }) => reading);
}

function readAs(labels: readonly TimeLabel[], family: Family, assumedYear: number): TimeReading {
  const ticks: TimeTick[] = [];
  let sum = 0;
  for (const { atPx, glyphs } of labels) {
    let best = { score: WORST, timeMs: NaN };
    for (const form of family) {
      if (form.replace(/nnn/, "nnn").length !== glyphs.length) continue;
      const read = readForm(glyphs, form, assumedYear);
      if (read.score > best.score) best = read;
    }
    sum += best.score;
    if (!Number.isNaN(best.timeMs)) ticks.push({ atPx, timeMs: best.timeMs });
  }
  return { ticks, hasYear: family[0]!.includes("y"), confidence: sum / Math.max(1, labels.length) };
}

function readForm(glyphs: readonly Glyph[], form: string, assumedYear: number): { score: number; timeMs: number } {
  const values: Record<string, string> = { y: "", m: "", d: "", h: "", i: "" };
  let score = 0;
  for (let i = 0; i < form.length; i++) {
    const slot = form[i]!;
    if (slot === "n") {
      const name = readMonth(glyphs.slice(i, i + 3));
      values["m"] = String(name.month);
      score += name.score;
      i += 2;
    } else if (slot in values) {
      const digit = readDigit(glyphs[i]!);
      values[slot] += digit.text;
      score += digit.score;
    } else score += Math.max(WORST, glyphs[i]!.scores[CHARACTERS.indexOf(slot === "_" ? "h" : slot)]!);
  }
  score /= form.length;
  const year = values["y"] === "" ? assumedYear : Number(values["y"]) + (values["y"]!.length === 2 ? 2000 : 0);
  const [month, day, hour, minute] = [
    Number(values["m"]),
    Number(values["d"]),
    Number(values["h"]),
    Number(values["i"]),
  ];
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour <= 24 && minute < 60;
  return exists ? { score, timeMs: Date.UTC(year, month - 1, day, hour, minute) } : { score: score - 1, timeMs: NaN };
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function readDigit({ scores }: Glyph): { text: string; score: number } {
  let best = 0;
  for (let digit = 1; digit < 10; digit++) if (scores[digit]! > scores[best]!) best = digit;
  return { text: String(best), score: Math.max(WORST, scores[best]!) };
}

function readMonth(glyphs: readonly Glyph[]): { month: number; score: number } {
  let best = { month: 1, score: 3 * WORST };
  for (const [name, month] of MONTH_NAMES) {
    let score = 0;
    glyphs.forEach(({ scores }, index) => {
      const lower = scores[CHARACTERS.indexOf(name[index]!)]!;
      const upper = scores[CHARACTERS.indexOf(name[index]!.toUpperCase())]!;
      score += Math.max(WORST, lower, upper);
    });
    if (score > best.score) best = { month, score };
  }
  return best;
}
