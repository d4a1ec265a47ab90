/** Renders SVG to pixels with resvg, its WebAssembly and the fonts read from the packages' own files: no network. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { imageOfRgba, type RgbImage } from "./rgb-image.ts";

export type SvgRenderer = (svg: string) => RgbImage;

/** Not `import.meta.resolve`: a test runner that puts its own in place fails on Deno. */
const require = createRequire(import.meta.url);

let opened: Promise<SvgRenderer> | undefined;

/** The renderer; a process has one, since resvg can be initialized only once. */
export function getSvgRenderer(): Promise<SvgRenderer> {
  opened ??= openRenderer();
  return opened;
}

async function openRenderer(): Promise<SvgRenderer> {
  await initWasm(await readFile(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  // The two fonts that an SVG may name: bold Arimo (the metrics of Arial and Liberation Sans) and DejaVu Sans.
  const fontBuffers = await Promise.all([
    readFile(require.resolve("@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf")),
    readFile(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf")),
  ]);
  return (svg) => {
    const resvg = new Resvg(svg, { background: "#ffffff", font: { fontBuffers } });
    const rendered = resvg.render();
    try {
      return imageOfRgba(rendered.width, rendered.height, rendered.pixels);
    } finally {
      rendered.free();
      resvg.free();
    }
  };
}
