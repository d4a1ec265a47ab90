/**
 * Makes `weights-data.ts`: draws characters in many fonts, sizes and conditions, and trains the network of `glyphs.ts`.
 * A developer's tool, never imported: `node src/digitizer/glyphs/train.ts FONT.ttf...`; the same fonts give the
 * same file. The fonts were the regular and the bold of the packages dejavu-fonts-ttf (Sans, Condensed, Mono, Serif) and
 * @expo-google-fonts/ arimo, roboto, roboto-condensed, lato, open-sans, noto-sans, noto-serif, inter, pt-sans, tinos,
 * cousine, source-sans-3, fira-sans, pt-sans-narrow, questrial, ubuntu, libre-franklin, jetbrains-mono, merriweather
 * and nunito-sans.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm } from "@resvg/resvg-wasm";
import { CHARACTERS } from "./draw-characters.ts";
import { makeExamples } from "./examples.ts";
import { HIDDEN, trainNetwork } from "./network.ts";
import { createRandom } from "./random.ts";

const require = createRequire(import.meta.url);
await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
const random = createRandom(20250513);
const fonts = process.argv.slice(2).map((path) => readFileSync(path));
const network = trainNetwork(makeExamples(fonts, random), random);
const lines = Object.entries(network).map(([name, numbers]) => `  ${name}: ${JSON.stringify(pack(numbers))},`);
writeFileSync(
  new URL("weights-data.ts", import.meta.url),
  `/** Made by \`train.ts\`; don't edit. */\nexport const CHARACTERS = ${JSON.stringify(CHARACTERS)};\nexport const HIDDEN = ${HIDDEN};\nexport const PACKED = {\n${lines.join("\n")}\n};\n`,
);

/** Numbers as bytes: each the 127th part of the largest. */
function pack(numbers: Float64Array): { scale: number; packed: string } {
  const largest = numbers.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const bytes = Int8Array.from(numbers, (value) => Math.round((127 * value) / largest));
  return { scale: Number((largest / 127).toPrecision(9)), packed: Buffer.from(bytes.buffer).toString("base64") };
}
