/** Glyphs that are sure of what they are, for tests of what labels mean. */
import { CHARACTERS } from "../../src/digitizer/glyphs/weights.ts";
import type { Glyph } from "../../src/digitizer/glyph-reader.ts";

/** A glyph for each character but blanks; those of `faint` might as well be another one. */
export function spell(text: string, faint: Record<number, string> = {}): Glyph[] {
  return [...text.replaceAll(" ", "")].map((character, index) => {
    const scores = new Float64Array(CHARACTERS.length + 1).fill(-9);
    scores[CHARACTERS.indexOf(character)] = -0.1;
    if (faint[index] !== undefined) scores[CHARACTERS.indexOf(faint[index])] = -0.05;
    return { character, scores, logLikelihood: -0.1, u0: 8 * index, u1: 8 * index + 5, v0: 0, v1: 8 };
  });
}
