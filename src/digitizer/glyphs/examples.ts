/**
 * The examples that the network learns from: characters in the conditions in which plots show them.
 * Owns what happens to a character between its font and the reader; drawing it is left to `draw-characters`.
 */
import { INPUTS, measurePatch } from "../glyphs.ts";
import { INK_THRESHOLD } from "../ink.ts";
import { CHARACTERS, drawCharacters, inkBox, type Drawn } from "./draw-characters.ts";
import type { Random } from "./random.ts";

export interface Example {
  inputs: Uint8Array;
  /** Which of the characters it is, or `NO_CHARACTER`. */
  label: number;
}

const NO_CHARACTER = CHARACTERS.length;
/** All that an example may be. */
export const CLASSES = CHARACTERS.length + 1;
/** Of `CHARACTERS`, those before these places are what dates are made of, and then the other signs and the capitals. */
const DATES_END = 14;
const CAPITALS_END = 19 + 26;
const FONT_SIZES_PX = [8.5, 9, 9.5, 10, 11, 12, 13, 14, 16, 19, 24];

export function makeExamples(fonts: readonly Buffer[], random: Random): Example[] {
  const examples: Example[] = [];
  for (const font of fonts)
    for (const sizePx of FONT_SIZES_PX) {
      const drawn = drawCharacters(font, sizePx + random(), random);
      drawn.forEach((one, label) => {
        const add = (example: Example | undefined): void => void (example && examples.push(example));
        const times = label < DATES_END ? 6 : label < CAPITALS_END ? 4 : 2;
        for (let i = 0; i < times; i++) add(exampleOf(weather(one, random), label, random));
        if (/[-+0-9.]/.test(CHARACTERS[label]!)) add(exampleOf(raise(weather(one, random), random), label, random));
        // Digits and their separators touch most often, and matter most.
        const spoilings = label < DATES_END ? 5 : label < CAPITALS_END ? 2 : 1;
        for (let i = 0; i < spoilings; i++) {
          const neighbour = pick(
            label < DATES_END ? drawn.slice(0, DATES_END) : drawn.slice(0, CAPITALS_END + (random() < 0.4 ? 26 : 0)),
            random,
          );
          add(spoiled(weather(one, random), weather(neighbour, random), label, random));
        }
      });
    }
  return examples;
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Blurs, sharpens, thins, thickens and stains the ink, as renderers and lossy copies do. */
function weather(drawn: Drawn, random: Random): Drawn {
  const { width, height } = drawn;
  let ink = drawn.ink;
  const blur = random() < 0.35 ? random() * 0.5 : 0;
  if (blur > 0) {
    const blurred = new Uint8Array(ink.length);
    const alongU = random() < 0.5;
    for (let v = 1; v < height - 1; v++)
      for (let u = 1; u < width - 1; u++) {
        const at = v * width + u;
        const step = alongU ? 1 : width;
        blurred[at] = (1 - blur) * ink[at]! + (blur / 2) * (ink[at - step]! + ink[at + step]!);
      }
    ink = blurred;
  }
  const gain = 0.75 + random() * 1.1;
  const offset = random() < 0.4 ? -random() * 60 : 0;
  const noise = random() < 0.4 ? random() * 45 : 0;
  const hard = random() < 0.18 ? 90 + random() * 80 : 0;
  const out = ink.map((value) => {
    if (hard > 0) return value > hard ? 255 : 0;
    return Math.min(255, Math.max(0, value * gain + (value > 0 ? offset : 0) + (random() - 0.5) * noise));
  });
  return { ...drawn, ink: out };
}

function exampleOf(drawn: Drawn, label: number, random: Random, box = inkBox(drawn)): Example | undefined {
  if (box.u1 < box.u0 || box.v1 < box.v0) return undefined;
  const inputs = new Float64Array(INPUTS);
  const jitter = (): number => Math.round((random() - 0.5) * 1.6);
  const band = { v0: drawn.band.v0 + jitter(), v1: drawn.band.v1 + jitter() };
  measurePatch({ ink: drawn.ink, at: 0, stepU: 1, stepV: drawn.width }, box, band, inputs);
  return { inputs: Uint8Array.from(inputs), label };
}

/** The character as an exponent: the same ink in a line half as high again, and raised. */
function raise(drawn: Drawn, random: Random): Drawn {
  const height = (drawn.band.v1 - drawn.band.v0 + 1) * (1.3 + random() * 0.4);
  const v1 = drawn.band.v1 + height * (0.25 + random() * 0.3);
  return { ...drawn, band: { v0: Math.round(v1 - height), v1: Math.round(v1) } };
}

/** A character with slivers of its neighbours, or, as "no character", a piece of one or two joined. */
function spoiled(drawn: Drawn, neighbour: Drawn, label: number, random: Random): Example | undefined {
  const box = inkBox(drawn);
  const other = inkBox(neighbour);
  if (box.u1 < box.u0 || other.u1 < other.u0) return undefined;
  const kind = random();
  if (kind < 0.2) {
    const width = box.u1 - box.u0 + 1;
    if (width < 4) return undefined;
    const cut = Math.round(width * (0.35 + random() * 0.3));
    return exampleOf(
      drawn,
      NO_CHARACTER,
      random,
      random() < 0.5 ? { ...box, u1: box.u0 + cut - 1 } : { ...box, u0: box.u0 + cut },
    );
  }
  const joined = { ...drawn, ink: drawn.ink.slice() };
  const otherWidth = other.u1 - other.u0 + 1;
  const columns = kind < 0.65 ? otherWidth : Math.min(otherWidth, 1 + Math.floor(random() * 2));
  const rise = Math.floor(drawn.band.v1 - neighbour.band.v1);
  const isPair = columns > 0.5 * otherWidth;
  const toTheLeft = !isPair && random() < 0.5;
  const overlap = random() < 0.4 ? 1 : 0;
  const start = toTheLeft ? box.u0 - columns + overlap : box.u1 + 1 - overlap;
  const from = toTheLeft ? other.u1 - columns + 1 : other.u0;
  let { v0, v1 } = box;
  for (let v = other.v0; v <= other.v1; v++)
    for (let i = 0; i < columns; i++) {
      const u = start + i;
      const at = (v + rise) * drawn.width + u;
      if (u < 0 || u >= drawn.width || v + rise < 0 || v + rise >= drawn.height) continue;
      const value = neighbour.ink[v * neighbour.width + from + i]!;
      joined.ink[at] = Math.max(joined.ink[at]!, value);
      if (value >= INK_THRESHOLD) [v0, v1] = [Math.min(v0, v + rise), Math.max(v1, v + rise)];
    }
  if (toTheLeft) return exampleOf(joined, label, random, { ...box, u0: Math.max(0, start), v0, v1 });
  return exampleOf(joined, isPair ? NO_CHARACTER : label, random, {
    ...box,
    u1: Math.min(drawn.width - 1, start + columns - 1),
    v0,
    v1,
  });
}
