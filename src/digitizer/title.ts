/**
 * Title: the text above the plot area, and the station that it names.
 */
import type { PlotArea } from "../model/plot.ts";
import { CHARACTERS } from "./glyphs/weights.ts";
import { type Blob, CLOSE_INK_THRESHOLD, findBlobs, type Ink, INK_THRESHOLD, inkOf } from "./ink.ts";
import type { Raster } from "./png.ts";
import { readingOf } from "./glyphs.ts";
import type { Glyph, GlyphReader } from "./glyph-reader.ts";
import { spellerOf } from "./spelling.ts";
import { bestCode, codesLike, isKnownStation } from "./stations.ts";
import { groupLines, readLine, type TextLine } from "./text.ts";

export interface Title {
  title: string | undefined;
  station: string | undefined;
  /** All that stands above the plot area. */
  lines: readonly TextLine[];
}

/** Words in capitals that titles have beside the station. */
const NOT_STATIONS = new Set([
  "RMS",
  "UTC",
  "GMT",
  "INGV",
  "ETNA",
  "TIME",
  "MV",
  "OE",
  "CT",
  "PLOT",
  "TREMOR",
  "DATA",
  "MEAN",
  "HHZ",
  "EHZ",
  "BHZ",
  "HHN",
  "HHE",
  "LIVE",
  "FROM",
]);
const STATION_CHARACTERS = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].map((character) =>
  CHARACTERS.indexOf(character),
);

/** The codes on Etna. */
const ETNA_CODE = /^E[A-Z]{3}$/;
/** Codes are of letters far more often than not: O and I are no 0 and 1 unless they look it. */
const DIGIT_PENALTY = 2.5;
const LOOK_ALIKES: Record<string, string> = { 0: "O", 1: "I", 5: "S" };

/** A line with so many digits has a date, and is a stamp rather than a title. */
const DATE_DIGITS = 6;
const DATE_RANK = 30;

/** More pieces of ink than this are noise. */
const MAX_PIECES = 1000;
/** No title has so many dots of a single pixel. */
const FEWEST_SPECKS = 24;
/** Characters that are cut off or stained read worse than this on average. */
const MIN_LIKELIHOOD = -1.6;

/** Reads what stands above the plot area. */
export function readTitle(raster: Raster, area: PlotArea, reader: GlyphReader): Title {
  const ink = inkOf(raster, { leftPx: 0, rightPx: raster.widthPx - 1, topPx: 0, bottomPx: area.topPx - 2 });
  const lines = readLines(ink, INK_THRESHOLD, reader);
  const known = lines.flatMap((line) => {
    const words = wordsOf(line);
    const station = words.map((word) => withM(readCode(word), words)).find(isKnownStation);
    return station === undefined ? [] : { line, station };
  })[0];
  let best = known ?? nearStation(ink, lines, reader) ?? stationOf(lines, ink);
  if (lines.length > 0 && !ETNA_CODE.test(best?.station ?? "")) {
    // Printed too close, letters touch: IT looks like a T.
    const parted = stationOf(readLines(ink, CLOSE_INK_THRESHOLD, reader), ink);
    if (ETNA_CODE.test(parted?.station ?? "") && isPartOf(best?.station ?? "", parted!.station!))
      best = { line: best?.line ?? lines[0]!, station: parted!.station };
  }
  return { title: (best?.line ?? lines[0])?.text, station: best?.station, lines };
}

/**
 * A code with its M, where the title's own RMS tells what that letter is taken for: a bold M of a narrow font looks like an H.
 * Left as it is where it is known, or isn't with its M either.
 */
function withM(code: string | undefined, words: readonly Glyph[][]): string | undefined {
  const taken = words.flatMap((word) => /^R([A-Z])S$/.exec(capitalsOf(word))?.[1] ?? [])[0];
  if (code === undefined || taken === undefined || isKnownStation(code)) return code;
  const mended = code.replaceAll(taken, "M");
  return isKnownStation(mended) ? mended : code;
}

interface NamedLine {
  line: TextLine;
  station: string;
}

/** The first line that names a station, if one that is like those on Etna. */
function stationOf(lines: readonly TextLine[], ink: Ink): NamedLine | undefined {
  const named = lines.flatMap((line) => {
    const station = findStation(line, ink);
    return station === undefined ? [] : { line, station };
  });
  return named.find(({ station }) => ETNA_CODE.test(station)) ?? named[0];
}

/** A word that reads well as the code of a known station, where its letters were misread one by one. */
function nearStation(ink: Ink, lines: readonly TextLine[], reader: GlyphReader): NamedLine | undefined {
  for (const line of lines)
    for (const word of wordsOf(line)) {
      const text = capitalsOf(word);
      const readsAs = readCode(word) === undefined || isCut(word, ink) ? "none" : "code";
      const codes = NOT_STATIONS.has(text) ? [] : codesLike(text, readsAs);
      if (codes.length === 0) continue;
      const box = {
        u0: word[0]!.u0,
        u1: word.at(-1)!.u1,
        v0: Math.min(...word.map(({ v0 }) => v0)),
        v1: Math.max(...word.map(({ v1 }) => v1)),
      };
      const speller = spellerOf(readingOf(ink, "level"), box, line.band, reader);
      const station = speller === undefined ? undefined : bestCode(speller, codes, { letters: word.length, readsAs });
      if (station !== undefined) return { line, station };
    }
  return undefined;
}

/** Are these letters all in a longer code, in their order? */
function isPartOf(letters: string, code: string): boolean {
  let at = 0;
  for (const letter of code) if (letters[at] === letter) at++;
  return at === letters.length;
}

/** The lines of an ink, the likeliest title first. */
function readLines(ink: Ink, threshold: number, reader: GlyphReader): TextLine[] {
  const blobs = findBlobs(ink, threshold).filter((blob) => blob.right - blob.left < 0.3 * ink.widthPx);
  if (blobs.length > MAX_PIECES) return [];
  return groupLines(ink, withoutSpecks(blobs), "level")
    .filter(({ patches }) => patches.length >= 3)
    .map((line) => readLine(ink, line, "level", reader))
    .sort((a, b) => rank(b) - rank(a));
}

/** Single pixels are the dots of an i, but for where there are many: strewn over a title, they read as letters. */
function withoutSpecks(blobs: Blob[]): Blob[] {
  const text = blobs.filter(({ left, right, top, bottom }) => right > left || bottom > top);
  return blobs.length - text.length >= FEWEST_SPECKS ? text : blobs;
}

/** The title is the tallest line, unless it says when. */
function rank({ heightPx, glyphs, text }: TextLine): number {
  const isDate = text.replaceAll(/\D/g, "").length >= DATE_DIGITS;
  return heightPx * 4 + Math.min(40, glyphs.length) - (isDate ? DATE_RANK : 0);
}

/**
 * A word of three to five capitals (and digits after the first) that is no common word of titles: one like the codes
 * on Etna, else the first beside such a common word. Where there is none, the line is no title, or too damaged to be read.
 */
function findStation(line: TextLine, ink: Ink): string | undefined {
  const words = wordsOf(line);
  const codes = words.flatMap((word) => (isCut(word, ink) ? [] : (readCode(word) ?? [])));
  const isTitle = words.some((word) => NOT_STATIONS.has(capitalsOf(word)));
  return codes.find((code) => ETNA_CODE.test(code)) ?? (isTitle ? codes[0] : undefined);
}

/** Do its letters reach into a damaged edge? Without their tops they read as others. */
function isCut(word: readonly Glyph[], { topPx }: Ink): boolean {
  return topPx > 0 && word.some(({ v0 }) => v0 === 0);
}

function readCode(word: readonly Glyph[]): string | undefined {
  if (word.length < 3 || word.length > 5) return undefined;
  const letters = word.map((glyph) => bestOf(glyph, STATION_CHARACTERS));
  const code = letters.map(({ character }) => character).join("");
  if (NOT_STATIONS.has(code) || NOT_STATIONS.has(capitalsOf(word))) return undefined;
  const likelihood = word.reduce((sum, glyph) => sum + glyph.logLikelihood, 0) / word.length;
  const isSure = likelihood > MIN_LIKELIHOOD && letters.every(({ loss }) => loss < 2.5);
  if (!isSure || !/^[A-Z][A-Z0-9]+$/.test(code)) return undefined;
  // An O of a narrow font looks like a 0.
  const lettered = code.replaceAll(/[015]/g, (digit) => LOOK_ALIKES[digit]!);
  return !isKnownStation(code) && isKnownStation(lettered) ? lettered : code;
}

function capitalsOf(word: readonly Glyph[]): string {
  return word.map(({ character }) => character.toUpperCase()).join("");
}

/** Runs of letters and digits: `EMCN.HHZ` is two words. */
function wordsOf(line: TextLine): Glyph[][] {
  const words: Glyph[][] = [];
  let index = 0;
  for (const text of line.text.split(/([^A-Za-z0-9]+)/)) {
    const length = text.replaceAll(" ", "").length;
    words.push(line.glyphs.slice(index, index + length));
    index += length;
  }
  return words.filter((word) => /[A-Za-z0-9]/.test(word[0]?.character ?? ""));
}

/** The likeliest of some characters, and how much less likely it is than the likeliest of all. */
function bestOf({ scores, logLikelihood }: Glyph, allowed: readonly number[]): { character: string; loss: number } {
  const weigh = (c: number): number => scores[c]! - (c < 10 ? DIGIT_PENALTY : 0);
  const best = allowed.reduce((most, c) => (weigh(c) > weigh(most) ? c : most));
  return { character: CHARACTERS[best]!, loss: logLikelihood - scores[best]! };
}
