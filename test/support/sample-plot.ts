/** Small whole PNGs, each with its own bytes, for tests that keep plots and don't read them. */
import { createHash } from "node:crypto";
import type { FetchedPlot } from "../../src/model/plot.ts";
import { idat, ihdr, iend, png } from "./build-png.ts";

/** A PNG of about 28 kB, as large as a published plot; the same for the same seed. */
export function samplePng(seed: string | number, sidePx = 96): Uint8Array {
  const pixels = Buffer.alloc(sidePx * (1 + 3 * sidePx));
  let noise = createHash("sha256").update(String(seed)).digest();
  for (let at = 0; at < pixels.length; at += noise.length) {
    noise.copy(pixels, at);
    noise = createHash("sha256").update(noise).digest();
  }
  for (let row = 0; row < sidePx; row++) pixels[row * (1 + 3 * sidePx)] = 0; // the filter byte
  return new Uint8Array(png(ihdr({ width: sidePx, height: sidePx }), idat(pixels), iend()));
}

/** Such a PNG as it was fetched, by default at noon of 4 November 2025. */
export function samplePlot(seed: string | number, fetchedAt = "2025-11-04T12:00:00Z", rest: Partial<FetchedPlot> = {}) {
  return {
    png: samplePng(seed),
    sourceUrl: "https://plots.example/2.png",
    fetchedMs: Date.parse(fetchedAt),
    version: {},
    ...rest,
  } satisfies FetchedPlot;
}
