/** Renders SVG to pixels with resvg, its WebAssembly and the fonts read from the packages' own files: no network. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { imageOfRgba, type RgbImage } from "./rgb-image.ts";

export type SvgRenderer = (svg: string) => RgbImage;

/** Bold Arimo (the metrics of Arial and Liberation Sans) and DejaVu Sans are the two fonts that an SVG may name. */
const FONTS = ["@expo-google-fonts/arimo/700Bold/Arimo_700Bold.ttf", "dejavu-fonts-ttf/ttf/DejaVuSans.ttf"];

let opened: Promise<SvgRenderer> | undefined;

/** The renderer; a process has one, since resvg can be initialized only once. */
export function getSvgRenderer(): Promise<SvgRenderer> {
  opened ??= openRenderer();
  return opened;
}

async function openRenderer(): Promise<SvgRenderer> {
  const [wasm, ...fontBuffers] = await Promise.all(["@resvg/resvg-wasm/index_bg.wasm", ...FONTS].map(readPackageFile));
  await initWasm(wasm!);
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

/** Not `import.meta.resolve`: a test runner that puts its own in place fails on Deno. */
function readPackageFile(name: string): Promise<Buffer> {
  return readFile(createRequire(import.meta.url).resolve(name));
}
