/**
 * Stamp: the date of update that plots carry in a margin or in a corner, which tells when they were made.
 * Owns where it is looked for and its forms; what it is good for is `calibration`'s to say.
 */
import type { PlotArea } from "../model/plot.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { glyphReader } from "./glyph-reader.ts";
import { CLOSE_INK_THRESHOLD, FAINT_INK_THRESHOLD, findBlobs, type Ink, INK_THRESHOLD, inkOf } from "./ink.ts";
import type { AxisLabel } from "./labels.ts";
import type { PixelBox, Raster } from "./png.ts";
import { groupLines, type PatchLine, readLine, type TextLine } from "./text.ts";
import { DATE_CHARACTERS } from "./date-forms.ts";
import { readForm, type Slot, toSlot } from "./date-slots.ts";

/** Dates that can be nothing else: with a year of four digits, or with a time after one of two. As in `time-labels`. */
const FORMS = [
  "dd/mm/yyyy",
  "mm/dd/yyyy",
  "dd-mm-yyyy",
  "mm-dd-yyyy",
  "dd.mm.yyyy",
  "yyyy-mm-dd",
  "yyyy/mm/dd",
  "yyyy.mm.dd",
  "dd/mm/yyhh:ii",
  "dd-mm-yyhh:ii",
  "ddnnnyyyy",
  "dnnnyyyy",
  "dd-nnn-yyyy",
  "nnnddyyyy",
  "nnndyyyy",
];
/** The same where a slash leans on a digit and is lost in it, or broke in two: dates only where nothing else is one. */
const LOSSY_FORMS = ["dd/mm/yyyy", "mm/dd/yyyy"].flatMap((form) => [
  form.replace("/", ""),
  form.replace(/(.*)\//, "$1"),
  form.replace("/", "**"),
  form.replace(/(.*)\//, "$1**"),
  form.replaceAll("/", "**"),
]);
/** Mean log likelihood of a date's characters; other words read as dates are far below. */
const MIN_LIKELIHOOD = -0.9;
/** And each digit's own, since one misread is a wrong year. */
const MIN_DIGIT_LIKELIHOOD = -1.5;
/** Nor may it look as much like one of these letters: they are what is left of several digits. */
const SMEARED = [..."SB"].map((letter) => CHARACTERS.indexOf(letter));
const AS_LETTER = 0.7;
/** A number too long, whose last digits are taken for a separator and a year, reads far worse than this, and so does what is no digit. */
const MIN_SEPARATOR_LIKELIHOOD = -3;
/** `05/06` may be of May or of June: readings this near to the best are as good. */
const AS_GOOD = 0.05;
/** The largest first digit of a day, and more than that of a month. */
const MOST_TENS = 3;
/** Printed so close to the year that no blank is seen, and maybe without the points, which are lost in what is beside them. */
const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):?[0-5]\d(?::?[0-5]\d)?(?!\d)/;
/** Characters of the shortest date, and its digits, one of which may be misread. */
const SHORTEST = 8;
/** Width of a narrow character, in heights of a capital. */
const NARROWEST = 0.6;
const FEWEST_DIGITS = 4;
/** A margin beside the plot area narrower than this holds no date. */
const MIN_MARGIN_PX = 60;
/** More pieces of ink than this are noise. */
const MAX_PIECES = 1000;

/** The days that some lines of text name, ms since 1970: one, or two where day and month can't be told apart. */
export function daysIn(lines: readonly TextLine[]): number[] {
  const days = daysOf(lines, FORMS);
  return days.length > 0 ? days : daysOf(lines, LOSSY_FORMS);
}

function daysOf(lines: readonly TextLine[], forms: readonly string[]): number[] {
  const found = lines.flatMap((line) => datesIn(line, forms));
  const best = found.reduce((most, { score }) => Math.max(most, score), -Infinity);
  return [...new Set(found.filter(({ score }) => score >= best - AS_GOOD).map(({ dayMs }) => dayMs))];
}

/** All that could be a date in a line. */
function datesIn({ glyphs, text }: TextLine, forms: readonly string[]): { dayMs: number; score: number }[] {
  if (text.replaceAll(/\D/g, "").length < FEWEST_DIGITS) return [];
  const slots = glyphs.map(toSlot);
  // Glyphs are without blanks.
  const places = [...text.matchAll(/[^ ]/g)].map(({ index }) => index);
  // Not amid a number, whose 0 may look like an O: 2020-01-20 19:30 has 20-01-2019 in it.
  const starts = [...text.matchAll(/(?<![\dOoIlDQSB])\d|[^\d ]/g)].map(({ index }) => places.indexOf(index));
  return starts.flatMap((from) =>
    forms.flatMap((form) => {
      const end = from + form.length;
      if (end > slots.length) return [];
      const afterPlace = places[end - 1]! + 1;
      // Nor may a year go on: one that has lost its last digit to a scrap beside it is another year.
      const after = text.slice(afterPlace);
      if (form.endsWith("y") && /^\d/.test(after) && !TIME_OF_DAY.test(after)) return [];
      const yearAt = form.indexOf("yyyy");
      if (yearAt >= 0 && text.slice(places[from + yearAt], places[from + yearAt + 3]! + 1).includes(" ")) return [];
      if (isOfTwo(text.slice(places[from], afterPlace))) return [];
      const date = slots.slice(from, end);
      if (date.some((slot, i) => isDoubtful(slot, form, i))) return [];
      const { timeMs, score } = readForm(date, form, 0);
      if (Number.isNaN(timeMs) || score < MIN_LIKELIHOOD) return [];
      return [{ dayMs: timeMs - (timeMs % DAY_MS), score }];
    }),
  );
}

/** Has it a separator between blanks, and one without? `2024 - 03/01` is the end of one date and the start of another. */
function isOfTwo(text: string): boolean {
  return / [-/.] /.test(text) && /[^ ][-/.][^ ]/.test(text);
}

const DAY_MS = 86_400_000;
const SEPARATORS = "/-.:";
const SEPARATOR_INDEXES = [...SEPARATORS].map((character) => CHARACTERS.indexOf(character));
/** A piece of a separator is no digit. */
const MOST_AS_DIGIT = -1;
/** What it costs to be another separator. */
const OTHER_SEPARATOR = 2;
function isDoubtful({ scores, digit, digitScore }: Slot, form: string, at: number): boolean {
  const slot = form[at]!;
  if ("dm".includes(slot) && form[at + 1] === slot && digit > MOST_TENS) return true;
  if ("ymd".includes(slot))
    return digitScore < MIN_DIGIT_LIKELIHOOD || SMEARED.some((letter) => scores[letter]! > digitScore - AS_LETTER);
  if (slot === "*") return digitScore > MOST_AS_DIGIT;
  if (!SEPARATORS.includes(slot)) return false;
  // One separator is taken for another, but none for a digit.
  const best = SEPARATOR_INDEXES.reduce((most, c) => Math.max(most, scores[c]!), -Infinity);
  return Math.max(scores[CHARACTERS.indexOf(slot)]!, best - OTHER_SEPARATOR) < MIN_SEPARATOR_LIKELIHOOD;
}

interface WayToLook {
  alphabet: string;
  threshold: number;
  /** What parts two lines, in heights of a capital; see `groupLines`. */
  gap?: number;
}

/** Parts a small stamp from a large title beside it, by whose height it would be misread. */
const CLOSE_GAP = 1;
const WAYS_TO_LOOK: readonly WayToLook[] = [
  { alphabet: CHARACTERS, threshold: INK_THRESHOLD },
  { alphabet: CHARACTERS, threshold: FAINT_INK_THRESHOLD },
  { alphabet: CHARACTERS, threshold: INK_THRESHOLD, gap: CLOSE_GAP },
  // Letters are misread then, but digits that touch are parted better where nothing else may come.
  { alphabet: DATE_CHARACTERS, threshold: INK_THRESHOLD },
  { alphabet: DATE_CHARACTERS, threshold: CLOSE_INK_THRESHOLD },
  { alphabet: DATE_CHARACTERS, threshold: FAINT_INK_THRESHOLD },
];

/**
 * The days of a stamp in a margin or in the plot area. `labels` and `textBoxes` are what was found below it and in it.
 * What was read of the margins before, in one way, is looked at again: thin strokes are kept by a lower threshold.
 */
export function findStamp(
  raster: Raster,
  area: PlotArea,
  below: Ink,
  labels: readonly AxisLabel[],
  textBoxes: readonly PixelBox[],
): number[] {
  const regions = [{ leftPx: 0, rightPx: raster.widthPx - 1, topPx: 0, bottomPx: area.topPx - 2 }, ...textBoxes];
  if (raster.widthPx - area.rightPx >= MIN_MARGIN_PX)
    regions.push({ ...area, leftPx: area.rightPx + 2, rightPx: raster.widthPx - 1 });
  const inks = regions.map((region) => inkOf(raster, region));
  const boxes = labels.flatMap(({ lines }) => lines.map(({ box }) => box));
  // The stamp's own characters may have been taken for labels.
  for (const without of boxes.length > 0 ? [boxes, []] : [[]])
    for (const way of WAYS_TO_LOOK) {
      const lines = [...readLevel(below, way, without), ...inks.flatMap((ink) => readLevel(ink, way, []))];
      const days = daysIn(lines);
      if (days.length > 0) return days;
    }
  return [];
}

/** The level lines in a region of ink, but for what lies in some boxes. */
function readLevel(ink: Ink, { alphabet, threshold, gap }: WayToLook, without: readonly PixelBox[]): TextLine[] {
  const blobs = findBlobs(ink, threshold).filter((blob) => {
    const x = ink.leftPx + (blob.left + blob.right) / 2;
    const y = ink.topPx + (blob.top + blob.bottom) / 2;
    return !without.some((box) => x >= box.leftPx && x <= box.rightPx && y >= box.topPx && y <= box.bottomPx);
  });
  if (blobs.length > MAX_PIECES) return [];
  return groupLines(ink, blobs, "level", gap)
    .filter(hasRoom)
    .map((line) => readLine(ink, line, "level", glyphReader(alphabet)));
}

/** Narrow characters touch: what is wide enough may be a date, however few pieces it is of. */
function hasRoom({ patches, band }: PatchLine): boolean {
  const widthPx = Math.max(...patches.map(({ u1 }) => u1)) - patches[0]!.u0 + 1;
  return Math.max(patches.length, widthPx / (NARROWEST * (band.v1 - band.v0 + 1))) >= SHORTEST;
}
