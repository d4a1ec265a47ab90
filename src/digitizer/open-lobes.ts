/**
 * Open lobes: what tells digits apart that differ by a pixel or two at small sizes, such as a 3 and an 8. Hinted to whole
 * pixels, these are smeared over by the network's grid of another size.
 */
import { CHARACTERS } from "./glyphs/weights.ts";
import type { Patch, Reading, Scores } from "./glyphs.ts";

/** Lower characters have no rows that are all within a lobe. */
const LEAST_HEIGHT = 7;
/** Where the upper and the lower lobe are, in shares of the height, and how far their sides reach in, in shares of the width. */
const UPPER = [0.2, 0.42] as const;
const LOWER = [0.58, 0.8] as const;
const LOWER_WHOLE = [0.5, 0.9] as const;
const SIDE = 0.4;
/** Of the patch's strongest ink: less is none, and more is a stroke. */
const NO_INK = 0.05;
const STROKE = 0.75;

/** A side of a lobe is open where it has a row without ink, and closed where each has a stroke. */
interface Sides {
  isOpen(lobe: readonly [number, number], side: "left" | "right"): boolean;
  isClosed(lobe: readonly [number, number], side: "left" | "right"): boolean;
}

/** What a digit is that reads as another one: where each stands in the scores. */
const MISREAD: readonly { as: number; is: number; where: (sides: Sides) => boolean }[] = [
  {
    as: CHARACTERS.indexOf("8"),
    is: CHARACTERS.indexOf("3"),
    where: ({ isOpen, isClosed }) =>
      isOpen(UPPER, "left") && isOpen(LOWER, "left") && isClosed(UPPER, "right") && isClosed(LOWER, "right"),
  },
  {
    as: CHARACTERS.indexOf("5"),
    is: CHARACTERS.indexOf("6"),
    where: ({ isOpen, isClosed }) => isClosed(UPPER, "left") && isClosed(LOWER_WHOLE, "left") && isOpen(UPPER, "right"),
  },
];

/** Scores in which a digit that can't be what it reads as has changed places with what it is. */
export function mendByLobes(scores: Scores, reading: Reading, patch: Patch): Scores {
  const misread = MISREAD.find(({ as, is, where }) => scores[as]! > scores[is]! && where(sidesOf(reading, patch)));
  if (misread === undefined) return scores;
  const { as, is } = misread;
  return scores.with(as, scores[is]!).with(is, scores[as]!);
}

function sidesOf(reading: Reading, { u0, u1, v0, v1 }: Patch): Sides {
  const [width, height] = [u1 - u0 + 1, v1 - v0 + 1];
  if (height < LEAST_HEIGHT) return { isOpen: () => false, isClosed: () => false };
  const sidePx = Math.max(1, Math.floor(SIDE * width));
  const strongest = (v: number, from: number, count: number): number => {
    let most = 0;
    for (let u = from; u < from + count; u++)
      most = Math.max(most, reading.ink[reading.at + u * reading.stepU + v * reading.stepV]!);
    return most;
  };
  const rows = Array.from({ length: height }, (_, row) => ({ v: v0 + row, middle: (row + 0.5) / height }));
  const full = Math.max(...rows.map(({ v }) => strongest(v, u0, width)));
  const inkIn = ([from, to]: readonly [number, number], side: "left" | "right"): number[] =>
    rows
      .filter(({ middle }) => middle >= from && middle <= to)
      .map(({ v }) => strongest(v, side === "left" ? u0 : u1 - sidePx + 1, sidePx) / full);
  return {
    isOpen: (lobe, side) => inkIn(lobe, side).some((ink) => ink <= NO_INK),
    isClosed: (lobe, side) => inkIn(lobe, side).every((ink) => ink >= STROKE),
  };
}
