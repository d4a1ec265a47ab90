/** Pictures drawn from SVG in the fonts of published plots, for tests that need real letters. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import type { Raster } from "../../src/digitizer/png.ts";

const { resolve } = createRequire(import.meta.url);
let ready: Promise<void> | undefined;

/** To be awaited once before anything is drawn. */
export function prepareDrawing(): Promise<void> {
  return (ready ??= initWasm(readFileSync(resolve("@resvg/resvg-wasm/index_bg.wasm"))));
}

export const FONTS = {
  "Arimo (as Liberation Sans)": "@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf",
  "Arimo bold": "@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf",
  "DejaVu Serif bold": "dejavu-fonts-ttf/ttf/DejaVuSerif-Bold.ttf",
  "DejaVu Sans": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "DejaVu Sans Condensed": "dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf",
};
export type Font = keyof typeof FONTS;

/** Draws SVG elements over a ground; all text is in one font. */
export function draw(widthPx: number, heightPx: number, font: Font, content: string, ground = "#ffffff"): Raster {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${widthPx}" height="${heightPx}"><rect width="100%" height="100%" fill="${ground}"/>${content}</svg>`;
  const fontBuffers = [readFileSync(resolve(FONTS[font]))];
  const { pixels } = new Resvg(svg, { font: { fontBuffers, loadSystemFonts: false } } as never).render();
  return { widthPx, heightPx, rgb: pixels.filter((_, index) => index % 4 !== 3) };
}
