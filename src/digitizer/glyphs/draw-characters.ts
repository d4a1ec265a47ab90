/**
 * Draws the characters that the network learns, each as a renderer of plots might.
 */
import { Resvg } from "@resvg/resvg-wasm";
import type { LineBand } from "../glyphs.ts";
import { INK_THRESHOLD } from "../ink.ts";
import type { Random } from "./random.ts";

export const CHARACTERS = "0123456789/:-.^,+()ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A drawn character, its rows and columns cut to its cell, and the band of its line. */
export interface Drawn {
  ink: Uint8Array;
  width: number;
  height: number;
  band: LineBand;
}

/** Draws every character once, each in a cell of its own at a random fraction of a pixel. Resvg is to be started before. */
export function drawCharacters(font: Buffer, sizePx: number, random: Random): Drawn[] {
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

/** The box around what is drawn; `u1 < u0` where nothing is. */
export function inkBox({ ink, width, height }: Omit<Drawn, "band">): {
  u0: number;
  u1: number;
  v0: number;
  v1: number;
} {
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
