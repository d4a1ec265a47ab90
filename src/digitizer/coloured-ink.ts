/**
 * A coloured line over any grey: a pixel's distance from grey, along the line's own hue, is the coverage, however
 * bright the grey beneath is. So watermark, gridlines and text need no model.
 */
import type { PlotReading } from "./calibration.ts";
import type { Coloured } from "./coloured-pixels.ts";
import { countGridlineColours } from "./gridline-colours.ts";
import { colourKey, lumaOf, rowColour, type Colour } from "./ink-colour.ts";
import { findLineColour, FULL_SHARE } from "./line-colour.ts";
import type { Raster } from "./png.ts";
import { cover, type Trace } from "./trace.ts";

/** Less than this much of a pixel is noise of the blending; in a lossy copy, of the copying. */
const FAINT = 0.02;
const FAINT_LOSSY = 0.1;
/** Where more of the plot area than this isn't grey, its ground is tinted. */
const TINTED_SHARE = 0.5;
/** Of the brightest channel, and how far a lossy copy may move it. */
const FULL_BRIGHTNESS = 254;
const COPY_NOISE = 8;
/** How far across its own hue, in squared shares of the line's distance from grey, ink may lie. */
const MAX_ACROSS = 0.06;

/** Gridlines are no further from grey than this; a colour on so much of them is theirs. */
const GRID_CHROMA = 60;
const GRID_SHARE = 0.1;

/** The same of other grounds, by the plot area: of faint ones, and of those that are pale beside the line and take more of it than a curve. */
const GROUND_CHROMA = 8;
const GROUND_SHARE = 0.02;
const BROAD_CHROMA = 48;
const BROAD_BESIDE_LINE = 0.25;
const BROAD_SHARE = 0.06;

/** Covers the trace with the line's ink; false when no hue spans enough columns to be a line. */
export function traceColoured(raster: Raster, reading: PlotReading, coloured: Coloured, trace: Trace): boolean {
  const colour = findLineColour(raster, reading, coloured, trace.columns);
  if (colour === undefined) return false;
  trace.colour = colour;
  const { rgb, widthPx } = raster;
  const { leftPx, topPx } = reading.calibration.plotArea;
  const grey = (colour[0] + colour[1] + colour[2]) / 3;
  const hue = [colour[0] - grey, colour[1] - grey, colour[2] - grey] as const;
  const length2 = hue[0] * hue[0] + hue[1] * hue[1] + hue[2] * hue[2];
  // A tinted ground (cream, say) has some of the line's hue, or of its opposite, where there is no line at all.
  const tint = groundTint(raster, reading, coloured);
  const tintShare = (tint[0] * hue[0] + tint[1] * hue[1] + tint[2] * hue[2]) / length2;
  const grounds = tintedGrounds(raster, reading, coloured, colour);
  const inked: number[] = [];
  for (let i = 0; i < coloured.pixels.length; i++) {
    const at = coloured.pixels[i]!;
    const red = rgb[at]!;
    const green = rgb[at + 1]!;
    const blue = rgb[at + 2]!;
    if (grounds.size > 0 && grounds.has(colourKey(rgb, at))) continue;
    const share = ((red * hue[0] + green * hue[1] + blue * hue[2]) / length2 - tintShare) / (1 - tintShare);
    if (share < FAINT) continue;
    // Another hue (a threshold's red line, say) leaves a rest across the line's own.
    const mean = (red + green + blue) / 3;
    const bare = 1 - share;
    const across =
      (red - mean - share * hue[0] - bare * tint[0]) ** 2 +
      (green - mean - share * hue[1] - bare * tint[1]) ** 2 +
      (blue - mean - share * hue[2] - bare * tint[2]) ** 2;
    if (across > MAX_ACROSS * length2) continue;
    if (trace.lossy) {
      if (share >= FAINT_LOSSY) inked.push(at);
      continue;
    }
    const pixel = at / 3;
    const y = Math.floor(pixel / widthPx);
    cover(trace, pixel - y * widthPx - leftPx, y - topPx, share);
  }
  if (trace.lossy) coverByLuma(raster, reading, inked, trace);
  return true;
}

/** The colours of tinted gridlines and of grounds that few colours were left for: they have some of the line's hue. */
function tintedGrounds(raster: Raster, reading: PlotReading, { pixels, chromas }: Coloured, line: Colour): Set<number> {
  const { rgb } = raster;
  const { calibration, gridColumnsPx, gridRowsPx } = reading;
  const { leftPx, topPx, rightPx, bottomPx } = calibration.plotArea;
  const [widthPx, heightPx] = [rightPx - leftPx, bottomPx - topPx];
  const onGrid = countGridlineColours(raster, reading, (at) => {
    const chroma = chromaAt(rgb, at);
    return chroma > 0 && chroma <= GRID_CHROMA;
  });
  const nearGrey = new Map<number, number>();
  const pale = new Map<number, number>();
  const paleBesideLine = BROAD_BESIDE_LINE * chromaOf(line);
  const mostChroma = Math.max(GROUND_CHROMA, Math.min(BROAD_CHROMA, paleBesideLine));
  for (let i = 0; i < pixels.length; i++) {
    if (chromas[i]! > mostChroma) continue;
    const counts = chromas[i]! > GROUND_CHROMA ? pale : nearGrey;
    const key = colourKey(rgb, pixels[i]!);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const oftenSeen = (counts: Map<number, number>, least: number): number[] =>
    [...counts].filter(([, seen]) => seen > least).map(([key]) => key);
  return new Set([
    ...oftenSeen(onGrid, GRID_SHARE * (gridColumnsPx.length * heightPx + gridRowsPx.length * widthPx)),
    ...oftenSeen(nearGrey, GROUND_SHARE * widthPx * heightPx),
    ...oftenSeen(pale, BROAD_SHARE * widthPx * heightPx),
  ]);
}

function chromaAt(rgb: Uint8Array, at: number): number {
  const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
  return Math.max(red, green, blue) - Math.min(red, green, blue);
}

function chromaOf(colour: Colour): number {
  return Math.max(...colour) - Math.min(...colour);
}

/** How far the ground is from grey, channel by channel: nothing, unless most of the plot area is tinted. */
function groundTint(raster: Raster, { calibration }: PlotReading, { pixels }: Coloured): Colour {
  const { leftPx, topPx, rightPx, bottomPx } = calibration.plotArea;
  if (pixels.length < TINTED_SHARE * (rightPx - leftPx) * (bottomPx - topPx)) return [0, 0, 0];
  const [red, green, blue] = rowColour(raster, calibration.plotArea, (3 * topPx + bottomPx) >> 2);
  const mean = (red + green + blue) / 3;
  return [red - mean, green - mean, blue - mean];
}

/**
 * A lossy copy smears colours over two pixels and more, but keeps brightness sharp: so brightness tells the coverage,
 * near where there is colour.
 */
function coverByLuma(raster: Raster, { calibration }: PlotReading, inked: readonly number[], trace: Trace): void {
  const { rgb, widthPx } = raster;
  const { plotArea } = calibration;
  const grounds = new Map<number, number>();
  const line = lumaOf(...trace.colour);
  const leastGround = line + (255 - line) / 2;
  const groundOf = (y: number): number => {
    let ground = grounds.get(y);
    if (ground === undefined) {
      const commonest = rowColour(raster, plotArea, y);
      // Of many days, the line itself may fill most of a row.
      const isLine = chromaOf(commonest) > chromaOf(trace.colour) / 2;
      ground = lumaOf(...(isLine ? rowColour(raster, plotArea, y, leastGround) : commonest));
      grounds.set(y, ground);
    }
    return ground;
  };
  const isBright = Math.max(...trace.colour) >= FULL_BRIGHTNESS - COPY_NOISE;
  const dark: number[] = [];
  const darkness: number[] = [];
  for (const at of inked) {
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    // Smeared colour over white is cut off at full brightness, which only looks darker; a line as bright is so itself.
    if (!isBright && Math.max(red, green, blue) >= FULL_BRIGHTNESS) continue;
    const darker = groundOf(Math.floor(at / 3 / widthPx)) - lumaOf(red, green, blue);
    if (darker <= 0) continue;
    dark.push(at);
    darkness.push(darker);
  }
  const full = darkness.toSorted((a, b) => a - b)[Math.floor((1 - 2 * FULL_SHARE) * darkness.length)] ?? 1;
  for (let i = 0; i < dark.length; i++) {
    const share = darkness[i]! / full;
    if (share < FAINT_LOSSY) continue;
    const pixel = dark[i]! / 3;
    const y = Math.floor(pixel / widthPx);
    cover(trace, pixel - y * widthPx - plotArea.leftPx, y - plotArea.topPx, share);
  }
}
