/**
 * Amplitude labels: what the characters beside the amplitude axis say, as powers of ten or plain numbers.
 * Owns the forms of numbers; the scale that they make together is `calibration`'s.
 */
import { CHARACTERS } from "./glyphs/weights.ts";
import type { AxisLabel } from "./labels.ts";
import type { LineBand } from "./glyphs.ts";
import type { Glyph } from "./glyph-reader.ts";

export interface AmplitudeTick {
  atPx: number;
  rmsMv: number;
  /** Written as a power of ten, so the axis is logarithmic. */
  isPower: boolean;
  /** Mean log likelihood of its characters. */
  confidence: number;
  /** What it says if a point before its last digit was lost. */
  pointedMv: number | undefined;
  /** What it says if a caret before its last digit was lost. */
  caretMv: number | undefined;
}

/** All characters of numbers. */
export const NUMBER_CHARACTERS = "0123456789^-.,eE+";
const NUMBER_INDEXES = [...NUMBER_CHARACTERS].map((character) => CHARACTERS.indexOf(character));
/** Labels that read worse than this on average are not numbers. */
const MIN_CONFIDENCE = -3.5;

/** A gap this wide, in heights of the digit behind it, parts a number from what isn't of it; a power of ten, a smaller one. */
const APART = 1;
const POWER_APART = 0.7;

/** No tremor is a kilovolt, or a picovolt: an exponent that says so is misread. */
const MOST_MV = 1e6;
const LEAST_MV = 1e-9;
/** Labels are even numbers: what has more digits than these is misread. */
const MOST_DIGITS = 3;

/** The labels that are numbers. */
export function readAmplitudeLabels(labels: readonly AxisLabel[]): AmplitudeTick[] {
  return labels.flatMap(({ atPx, glyphs, lines }) => {
    const { band } = lines[0]!;
    // A turned title's letters in the same rows stand before a number, and stretch its line.
    for (const { from, gap } of startsOf(glyphs)) {
      const own = glyphs.slice(from);
      const offPx = from === 0 ? 0 : (own[0]!.v0 + own[0]!.v1 - band.v0 - band.v1) / 2;
      const read = readNumber(own, from === 0 ? band : own[0]!);
      const isWhole = from === 0 || (read !== undefined && read.rmsMv > 0 && (gap > APART || read.isPower));
      if (read !== undefined && isLikely(read.rmsMv) && isWhole) return [{ atPx: atPx + offPx, ...read }];
    }
    return [];
  });
}

function isLikely(rmsMv: number): boolean {
  const isWithin = rmsMv <= MOST_MV && (rmsMv <= 0 || rmsMv >= LEAST_MV);
  return isWithin && Number(rmsMv.toPrecision(MOST_DIGITS)) === rmsMv;
}

/** The first character, and those behind a gap that few numbers have, in their heights. */
function startsOf(glyphs: readonly Glyph[]): { from: number; gap: number }[] {
  return glyphs
    .map(({ u0, v0, v1 }, from) => ({ from, gap: from === 0 ? Infinity : (u0 - glyphs[from - 1]!.u1) / (v1 - v0 + 1) }))
    .filter(({ gap }) => gap > POWER_APART);
}

function readNumber(glyphs: readonly Glyph[], band: LineBand): Omit<AmplitudeTick, "atPx"> | undefined {
  let text = "";
  let confidence = 0;
  for (const glyph of glyphs) {
    const { scores } = glyph;
    const best = NUMBER_INDEXES.reduce((most, c) => (scores[c]! > scores[most]! ? c : most));
    const character = "^1".includes(CHARACTERS[best]!) && isFlat(glyph, band) ? "-" : CHARACTERS[best]!;
    text += character === "-" && isAtFoot(glyph, band) ? "." : character;
    confidence += scores[best]! / glyphs.length;
  }
  if (confidence < MIN_CONFIDENCE) return undefined;
  // A small caret falls into its top and its feet.
  text = text.replace(/^10[.-]?\^\.?/, "10^");
  // A zero with a dot or a stroke in it looks like another digit, but what stands before a caret is a ten.
  const [, like] = /^1([689])\^/.exec(text) ?? [];
  if (like !== undefined) text = text.replaceAll(like, "0");
  // So is what its digits look like where they touch.
  if (isTwo(glyphs[0]!)) text = text.replace(/^.\^/, "10^");
  // One of two rows is as flat as a minus; but behind a minus, exponents without a caret are raised.
  if (/^10--?\d$/.test(text) && !isRaised(glyphs.at(-1)!, glyphs[1]!)) text = text.replace("-", "^");
  const power = /^10\^([+-]?\d{1,2})$/.exec(text) ?? /^1[eE]([+-]?\d{1,2})$/.exec(text);
  if (power !== null) return powerOfTen(power[1]!, confidence);
  const raised = /^10([+-]?\d)$/.exec(text);
  if (raised !== null && isRaised(glyphs.at(-1)!, glyphs[1]!)) return powerOfTen(raised[1]!, confidence);
  // Nobody writes 01: the point of 0.1 is a pixel that is easily lost.
  const plain = text.replace(",", ".").replace(/^0(?=\d+$)/, "0.");
  if (!/^-?(\d+\.?\d*|\.\d+|\d(\.\d+)?[eE][+-]?\d{1,2})$/.test(plain)) return undefined;
  const rmsMv = Number(plain);
  const pointedMv = /^\d{2,}$/.test(plain) ? rmsMv / 10 : undefined;
  const caretMv = /^10\d$/.test(plain) ? 10 ** Number(plain[2]) : undefined;
  return { rmsMv, isPower: /e/i.test(plain), confidence, pointedMv, caretMv };
}

function powerOfTen(exponent: string, confidence: number): Omit<AmplitudeTick, "atPx"> {
  return { rmsMv: 10 ** Number(exponent), isPower: true, confidence, pointedMv: undefined, caretMv: undefined };
}

/** Is it a mere stroke, as a raised minus is, and lower than any caret or digit? */
function isFlat({ u0, u1, v0, v1 }: Glyph, band: LineBand): boolean {
  const height = v1 - v0 + 1;
  return height <= 0.2 * (band.v1 - band.v0 + 1) + 1 && u1 - u0 + 1 >= 1.5 * height;
}

/** Is it too wide for a single digit? */
function isTwo({ u0, u1, v0, v1 }: Glyph): boolean {
  return u1 - u0 >= v1 - v0;
}

/** Does it lie where a point does? */
function isAtFoot({ v0 }: Glyph, band: LineBand): boolean {
  return v0 >= band.v1 - 0.15 * (band.v1 - band.v0 + 1);
}

/** Is it an exponent: does it end well above the foot of the 0 in 10? */
function isRaised(glyph: Glyph, zero: Glyph): boolean {
  return zero.v1 - glyph.v1 > 0.2 * (zero.v1 - zero.v0 + 1);
}
