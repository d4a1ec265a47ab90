/** Glyphs that are sure of what they are, for tests of what labels mean. */
import { CHARACTERS } from "../../src/digitizer/glyphs/weights.ts";
import type { Glyph } from "../../src/digitizer/glyph-reader.ts";

/** Log likelihoods of characters. */
export type Looks = Record<string, number>;

/** A glyph for each character but blanks; those of `faint` might as well be another one, or are told what they look like. */
export function spell(text: string, faint: Record<number, string | Looks> = {}): Glyph[] {
  return [...text.replaceAll(" ", "")].map((character, index) => {
    const scores = new Float64Array(CHARACTERS.length + 1).fill(-9);
    scores[CHARACTERS.indexOf(character)] = -0.1;
    const other = faint[index] ?? {};
    for (const [one, score] of Object.entries(typeof other === "string" ? { [other]: -0.05 } : other))
      scores[CHARACTERS.indexOf(one)] = score;
    return { character, scores, logLikelihood: -0.1, u0: 8 * index, u1: 8 * index + 5, v0: 0, v1: 8 };
  });
}
