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
  /** What it says if a point before its last digit was lost. */
  pointedMv: number | undefined;
}

/** All characters of numbers. */
export const NUMBER_CHARACTERS = "0123456789^-.,eE+";
const NUMBER_INDEXES = [...NUMBER_CHARACTERS].map((character) => CHARACTERS.indexOf(character));
/** Labels that read worse than this on average are not numbers. */
const MIN_CONFIDENCE = -3.5;

/** No tremor is a kilovolt: an exponent that says so is misread. */
const MOST_MV = 1e6;

/** The labels that are numbers. */
export function readAmplitudeLabels(labels: readonly AxisLabel[]): AmplitudeTick[] {
  return labels.flatMap(({ atPx, glyphs, lines }) => {
    const read = readNumber(glyphs, lines[0]!.band);
    return read === undefined || read.rmsMv > MOST_MV ? [] : [{ atPx, ...read }];
  });
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
  text = text.replace(/^10\.?\^\.?/, "10^");
  const power = /^10\^([+-]?\d{1,2})$/.exec(text) ?? /^1[eE]([+-]?\d{1,2})$/.exec(text);
  if (power !== null) return { rmsMv: 10 ** Number(power[1]), isPower: true, pointedMv: undefined };
  const raised = /^10([+-]?\d)$/.exec(text);
  if (raised !== null && isRaised(glyphs.at(-1)!, glyphs[1]!))
    return { rmsMv: 10 ** Number(raised[1]), isPower: true, pointedMv: undefined };
  // Nobody writes 01: the point of 0.1 is a pixel that is easily lost.
  const plain = text.replace(",", ".").replace(/^0(?=\d+$)/, "0.");
  if (!/^-?(\d+\.?\d*|\.\d+|\d(\.\d+)?[eE][+-]?\d{1,2})$/.test(plain)) return undefined;
  const rmsMv = Number(plain);
  return { rmsMv, isPower: /e/i.test(plain), pointedMv: /^\d{2,}$/.test(plain) ? rmsMv / 10 : undefined };
}

/** Is it a mere stroke, as a raised minus is, and lower than any caret or digit? */
function isFlat({ u0, u1, v0, v1 }: Glyph, band: LineBand): boolean {
  const height = v1 - v0 + 1;
  return height <= 0.2 * (band.v1 - band.v0 + 1) + 1 && u1 - u0 + 1 >= 1.5 * height;
}

/** Does it lie where a point does? */
function isAtFoot({ v0 }: Glyph, band: LineBand): boolean {
  return v0 >= band.v1 - 0.15 * (band.v1 - band.v0 + 1);
}

/** Is it an exponent: does it end well above the foot of the 0 in 10? */
function isRaised(glyph: Glyph, zero: Glyph): boolean {
  return zero.v1 - glyph.v1 > 0.2 * (zero.v1 - zero.v0 + 1);
}
