/**
 * Stations: the codes of INGV's stations on Etna, the Aeolian islands and in eastern Sicily, and which of them a word may be.
 * Letters that touch, or have lost their tops to a damaged edge, read as others. A word that reads well as the letters
 * of a known code is that code; one that doesn't is left as it was read, since stations come and go.
 */
import { spell, type Speller } from "./spelling.ts";

/** None of mere strokes, such as ILLI: any broken word may look like these. */
const CODES =
  `EBCN EBDA EBEL ECBD ECHR ECNE ECPN ECTS ECZM EFIU EFIW EINT EMCN EMFO EMFS EMNR EMPL EMSG ENIC EPDN EPIT EPLC EPMN EPOZ EPZF
ESAL ESCV ESLN ESML ESPC ESPD ESVO ETFI EVRN HAGA HAVL HCRL HPAC HSRS HVZN IACL ILOS ISTR IST3 IVCR IVGP IVPL IVUG MCPD
MILZ MMME MNPE MPNC MSRU MTTG MUCR CAGR CLTA CSLB SSY STR1 STR5 STRA STRC STRD STRE SVO SVN`.split(/\s+/);
const KNOWN = new Set(CODES);

export function isKnownStation(code: string | undefined): boolean {
  return code !== undefined && KNOWN.has(code);
}

/**
 * Mean log likelihood of a code's letters, in a word that reads as another code and in one that reads as none. A letter of
 * another code that is really there makes it much less than that; of a wide letter, two make nearly as good a one.
 */
const LEAST_MEAN = { code: -0.6, none: -2 };
const LEAST_MEAN_OF_OTHER_LENGTH = -0.3;
/** The worst letter's, and by how much all of them together are likelier than those of any other code. */
const LEAST_LETTER = -4;
const MARGIN = 2;

/** So many of its letters may be misread, or be too few or too many. */
const MOST_EDITS = { code: 1, none: 2 };

/** The codes that a word may be, by how it was read. */
export function codesLike(text: string, readsAs: "code" | "none"): string[] {
  return CODES.filter((code) => editsBetween(text, code) <= MOST_EDITS[readsAs]);
}

/** Which of some codes a word reads best as, if it does well. @param letters of the word, as it was read */
export function bestCode(
  word: Speller,
  codes: readonly string[],
  { letters, readsAs }: { letters: number; readsAs: "code" | "none" },
): string | undefined {
  const spelled = codes.map((code) => ({ code, ...spell(word, code) })).sort((a, b) => b.sum - a.sum);
  const best = spelled[0];
  if (best === undefined || best.least < LEAST_LETTER) return undefined;
  const isRespelt = readsAs === "code" && best.code.length !== letters;
  const leastMean = isRespelt ? LEAST_MEAN_OF_OTHER_LENGTH : LEAST_MEAN[readsAs];
  if (best.sum < leastMean * best.code.length) return undefined;
  return best.sum - (spelled[1]?.sum ?? -Infinity) >= MARGIN ? best.code : undefined;
}

/** How many characters have to be changed, left out or put in to make one text of another. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
