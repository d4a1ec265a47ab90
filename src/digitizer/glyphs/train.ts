/**
 * Makes `weights.ts`: draws characters in many fonts, sizes and conditions, and trains the network of `glyphs.ts`.
 * A developer's tool, never imported: `node src/digitizer/glyphs/train.ts FONT.ttf...`; the same fonts give the
 * same file. The fonts were the regular and the bold of the packages dejavu-fonts-ttf (Sans, Condensed, Mono, Serif) and
 * @expo-google-fonts/ arimo, roboto, roboto-condensed, lato, open-sans, noto-sans, noto-serif, inter, pt-sans, tinos,
 * cousine, source-sans-3, fira-sans, pt-sans-narrow, questrial, ubuntu, libre-franklin, jetbrains-mono, merriweather
 * and nunito-sans.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { INPUTS, measurePatch, type LineBand } from "../glyphs.ts";
import { INK_THRESHOLD } from "../ink.ts";

const CHARACTERS = "0123456789/:-.^,+()ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CLASSES = CHARACTERS.length + 1;
const HIDDEN = 96;
const FONT_SIZES_PX = [8.5, 9, 9.5, 10, 11, 12, 13, 14, 16, 19, 24];
const EPOCHS = 16;

/** A drawn character, its rows and columns cut to its cell, and the band of its line. */
interface Drawn {
  ink: Uint8Array;
  width: number;
  height: number;
  band: LineBand;
}
interface Example {
  inputs: Uint8Array;
  label: number;
}

const random = createRandom(20250513);

/** Mulberry32: small, and the same everywhere. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

/** Draws every character once, each in a cell of its own at a random fraction of a pixel. */
function drawCharacters(font: Buffer, sizePx: number): Drawn[] {
  const cellWidth = Math.ceil(2.6 * sizePx);
  const cellHeight = Math.ceil(2 * sizePx);
  const columns = 16;
  const [width, height] = [columns * cellWidth, Math.ceil(CHARACTERS.length / columns) * cellHeight];
  const cells = [...CHARACTERS].map((character, index) => {
    const left = (index % columns) * cellWidth;
    const top = Math.floor(index / columns) * cellHeight;
    const baseline = 1.4 * sizePx + random();
    const svg = `<text x="${left + 0.3 * sizePx + random()}" y="${top + baseline}">${character}</text>`;
    return { left, top, baseline, svg };
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="white"/><g font-size="${sizePx}">${cells.map((cell) => cell.svg).join("")}</g></svg>`;
  const { pixels } = new Resvg(svg, { font: { fontBuffers: [font], loadSystemFonts: false } } as never).render();
  const drawn = cells.map(({ left, top, baseline }) => {
    const ink = new Uint8Array(cellWidth * cellHeight);
    for (let v = 0; v < cellHeight; v++)
      for (let u = 0; u < cellWidth; u++) ink[v * cellWidth + u] = 255 - pixels[4 * ((top + v) * width + left + u)]!;
    return { ink, width: cellWidth, height: cellHeight, baseline };
  });
  const capital = inkBox(drawn[CHARACTERS.indexOf("H")]!);
  const capitalHeight = capital.v1 - capital.v0 + 1;
  return drawn.map((one) => {
    const baseline = Math.floor(one.baseline);
    return { ...one, band: { v0: baseline - capitalHeight, v1: baseline - 1 } };
  });
}

function inkBox({ ink, width, height }: Omit<Drawn, "band">): { u0: number; u1: number; v0: number; v1: number } {
  const box = { u0: width, u1: -1, v0: height, v1: -1 };
  for (let v = 0; v < height; v++)
    for (let u = 0; u < width; u++) {
      if (ink[v * width + u]! < INK_THRESHOLD) continue;
      box.u0 = Math.min(box.u0, u);
      box.u1 = Math.max(box.u1, u);
      box.v0 = Math.min(box.v0, v);
      box.v1 = Math.max(box.v1, v);
    }
  return box;
}

/** Blurs, sharpens, thins, thickens and stains the ink, as renderers and lossy copies do. */
function weather(drawn: Drawn): Drawn {
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

function exampleOf(drawn: Drawn, label: number, box = inkBox(drawn)): Example | undefined {
  if (box.u1 < box.u0 || box.v1 < box.v0) return undefined;
  const inputs = new Float64Array(INPUTS);
  const jitter = (): number => Math.round((random() - 0.5) * 1.6);
  const band = { v0: drawn.band.v0 + jitter(), v1: drawn.band.v1 + jitter() };
  measurePatch({ ink: drawn.ink, at: 0, stepU: 1, stepV: drawn.width }, box, band, inputs);
  return { inputs: Uint8Array.from(inputs), label };
}

/** The character as an exponent: the same ink in a line half as high again, and raised. */
function raise(drawn: Drawn): Drawn {
  const height = (drawn.band.v1 - drawn.band.v0 + 1) * (1.3 + random() * 0.4);
  const v1 = drawn.band.v1 + height * (0.25 + random() * 0.3);
  return { ...drawn, band: { v0: Math.round(v1 - height), v1: Math.round(v1) } };
}

/** A character with slivers of its neighbours, or, as "no character", a piece of one or two joined. */
function spoiled(drawn: Drawn, neighbour: Drawn, label: number): Example | undefined {
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
      CLASSES - 1,
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
  if (toTheLeft) return exampleOf(joined, label, { ...box, u0: Math.max(0, start), v0, v1 });
  return exampleOf(joined, isPair ? CLASSES - 1 : label, {
    ...box,
    u1: Math.min(drawn.width - 1, start + columns - 1),
    v0,
    v1,
  });
}

function makeExamples(fonts: readonly Buffer[]): Example[] {
  const examples: Example[] = [];
  for (const font of fonts)
    for (const sizePx of FONT_SIZES_PX) {
      const drawn = drawCharacters(font, sizePx + random());
      drawn.forEach((one, label) => {
        const add = (example: Example | undefined): void => void (example && examples.push(example));
        const times = label < 14 ? 6 : label < 19 + 26 ? 4 : 2;
        for (let i = 0; i < times; i++) add(exampleOf(weather(one), label));
        if (/[-+0-9.]/.test(CHARACTERS[label]!)) add(exampleOf(raise(weather(one)), label));
        // Digits and their separators touch most often, and matter most.
        const spoilings = label < 14 ? 5 : label < 19 + 26 ? 2 : 1;
        for (let i = 0; i < spoilings; i++) {
          const neighbour = pick(label < 14 ? drawn.slice(0, 14) : drawn.slice(0, 19 + 26 + (random() < 0.4 ? 26 : 0)));
          add(spoiled(weather(one), weather(neighbour), label));
        }
      });
    }
  return examples;
}

interface Network {
  first: Float64Array;
  firstBias: Float64Array;
  second: Float64Array;
  secondBias: Float64Array;
}

function train(examples: readonly Example[]): Network {
  const normal = (count: number, scale: number): Float64Array =>
    Float64Array.from({ length: count }, () => (random() + random() + random() - 1.5) * 2 * scale);
  const network = {
    first: normal(INPUTS * HIDDEN, Math.sqrt(1 / INPUTS)),
    firstBias: new Float64Array(HIDDEN),
    second: normal(HIDDEN * CLASSES, Math.sqrt(1 / HIDDEN)),
    secondBias: new Float64Array(CLASSES),
  };
  const order = examples.map((_, index) => index);
  const hidden = new Float64Array(HIDDEN);
  const hiddenSlope = new Float64Array(HIDDEN);
  const scores = new Float64Array(CLASSES);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = 0.008 * Math.pow(0.03, epoch / (EPOCHS - 1));
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    let wrong = 0;
    for (const index of order) {
      const { inputs, label } = examples[index]!;
      hidden.set(network.firstBias);
      for (let i = 0; i < INPUTS; i++) {
        const value = inputs[i]! / 255;
        if (value !== 0)
          for (let unit = 0, at = i * HIDDEN; unit < HIDDEN; unit++, at++) hidden[unit]! += value * network.first[at]!;
      }
      scores.set(network.secondBias);
      for (let unit = 0; unit < HIDDEN; unit++)
        if (hidden[unit]! > 0)
          for (let c = 0; c < CLASSES; c++) scores[c]! += hidden[unit]! * network.second[unit * CLASSES + c]!;
      const largest = Math.max(...scores);
      if (scores[label]! < largest) wrong++;
      let sum = 0;
      for (let c = 0; c < CLASSES; c++) sum += scores[c] = Math.exp(scores[c]! - largest);
      for (let c = 0; c < CLASSES; c++) scores[c] = scores[c]! / sum - (c === label ? 1 : 0);
      for (let unit = 0; unit < HIDDEN; unit++) {
        let slope = 0;
        if (hidden[unit]! > 0)
          for (let c = 0, at = unit * CLASSES; c < CLASSES; c++, at++) {
            slope += scores[c]! * network.second[at]!;
            network.second[at]! -= rate * scores[c]! * hidden[unit]!;
          }
        hiddenSlope[unit] = slope;
        network.firstBias[unit]! -= rate * slope;
      }
      for (let c = 0; c < CLASSES; c++) network.secondBias[c]! -= rate * scores[c]!;
      for (let i = 0; i < INPUTS; i++) {
        const value = (rate * inputs[i]!) / 255;
        if (value !== 0)
          for (let unit = 0, at = i * HIDDEN; unit < HIDDEN; unit++, at++)
            network.first[at]! -= value * hiddenSlope[unit]!;
      }
    }
    console.error(`epoch ${epoch + 1}: ${((100 * wrong) / order.length).toFixed(2)} % wrong of ${order.length}`);
  }
  return network;
}

/** Numbers as bytes: each the 127th part of the largest. */
function pack(numbers: Float64Array): { scale: number; packed: string } {
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = Int8Array.from(numbers, (value) => Math.round((127 * value) / largest));
  return { scale: Number((largest / 127).toPrecision(9)), packed: Buffer.from(bytes.buffer).toString("base64") };
}

const require = createRequire(import.meta.url);
await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
const network = train(makeExamples(process.argv.slice(2).map((path) => readFileSync(path))));
const lines = Object.entries(network).map(([name, numbers]) => `  ${name}: ${JSON.stringify(pack(numbers))},`);
writeFileSync(
  new URL("weights-data.ts", import.meta.url),
  `/** Made by \`train.ts\`; don't edit. */\nexport const CHARACTERS = ${JSON.stringify(CHARACTERS)};\nexport const HIDDEN = ${HIDDEN};\nexport const PACKED = {\n${lines.join("\n")}\n};\n`,
);
