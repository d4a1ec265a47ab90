/**
 * A dark line over coloured bands, or over grey: how far a pixel is on the way from the ground beneath to the line.
 * The ground is the row's own colour, followed from pixel to pixel where a watermark shades it.
 */
import type { PlotReading } from "./calibration.ts";
import type { Raster } from "./png.ts";
import { rowColour, strongestColour, type Colour } from "./ink-colour.ts";
import { createTextTest } from "./text-boxes.ts";
import { cover, type Trace } from "./trace.ts";

/** Ink this much darker than its ground can be told from gridlines and watermarks. */
const INK_DARKNESS = 60;
/** Share of the ink pixels that the line covers wholly, at the least, so that they tell its colour. */
const FULL_SHARE = 0.03;
/** Less than this much of a pixel is noise of the blending. */
const FAINT = 0.02;
/** The ground may differ this much from its row's colour: a watermark. */
const SHADE = 0.14;
/** Ground changes no faster than this from pixel to pixel, in levels. */
const SMOOTH = 4;
/** How far off the way from ground to line ink may lie, in squared shares of that way. */
const MAX_ACROSS = 0.06;

/** Covers the trace with the line's ink; false when there is too little of it to be a line. */
export function traceDark(raster: Raster, reading: PlotReading, trace: Trace): boolean {
  const { rgb, widthPx } = raster;
  const { leftPx, topPx, rightPx } = reading.calibration.plotArea;
  const isText = createTextTest(reading);
  const grounds = groundColours(raster, reading, trace.rows);
  const dark: number[] = [];
  const strengths: number[] = [];
  for (let row = 1; row < trace.rows - 1; row++) {
    const [red, green, blue] = grounds[row]!;
    const bright = Math.max(red, green, blue);
    const y = topPx + row;
    const end = 3 * (y * widthPx + rightPx);
    for (let at = 3 * (y * widthPx + leftPx + 1); at < end; at += 3) {
      if (rgb[at] === red && rgb[at + 1] === green && rgb[at + 2] === blue) continue;
      const darker = bright - Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
      if (darker < INK_DARKNESS || isText(at / 3 - y * widthPx, y)) continue;
      dark.push(at);
      strengths.push(Math.round((255 * darker) / bright));
    }
  }
  if (dark.length < trace.columns / 4) return false;
  const colour = strongestColour(raster, dark, strengths, FULL_SHARE);
  trace.colour = colour;
  const gridColours = gridlineColours(raster, reading, grounds);

  for (let row = 1; row < trace.rows - 1; row++) {
    const own = grounds[row]!;
    let [red, green, blue] = own;
    const y = topPx + row;
    const start = 3 * (y * widthPx + leftPx + 1);
    const end = 3 * (y * widthPx + rightPx);
    const ownWay = distance2(colour, own[0], own[1], own[2]);
    for (let at = start; at < end; at += 3) {
      const [r, g, b] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (r === red && g === green && b === blue) continue;
      const isShade = distance2(own, r, g, b) < SHADE * SHADE * ownWay;
      const isSteady = at > start && near(rgb, at - 3, r, g, b);
      if (isShade && isSteady) {
        [red, green, blue] = [r, g, b];
        continue;
      }
      const way = [colour[0] - red, colour[1] - green, colour[2] - blue] as const;
      const length2 = way[0] * way[0] + way[1] * way[1] + way[2] * way[2];
      const [offRed, offGreen, offBlue] = [r - red, g - green, b - blue];
      const share = (offRed * way[0] + offGreen * way[1] + offBlue * way[2]) / length2;
      if (share < FAINT) continue;
      const across =
        (offRed - share * way[0]) ** 2 + (offGreen - share * way[1]) ** 2 + (offBlue - share * way[2]) ** 2;
      if (across > MAX_ACROSS * length2) continue;
      const x = at / 3 - y * widthPx;
      if (gridColours.some((grid) => distance2(grid, r, g, b) <= 3 * SMOOTH * SMOOTH) || isText(x, y)) continue;
      cover(trace, x - leftPx, row, share);
    }
  }
  return true;
}

function distance2(colour: Colour, red: number, green: number, blue: number): number {
  return (colour[0] - red) ** 2 + (colour[1] - green) ** 2 + (colour[2] - blue) ** 2;
}

function near(rgb: Uint8Array, at: number, red: number, green: number, blue: number): boolean {
  return (
    Math.abs(rgb[at]! - red) <= SMOOTH &&
    Math.abs(rgb[at + 1]! - green) <= SMOOTH &&
    Math.abs(rgb[at + 2]! - blue) <= SMOOTH
  );
}

/**
 * Each row's own colour. Rows that the line itself fills (many samples a column) and gridlines take that of the
 * nearest row that they don't.
 */
function groundColours(raster: Raster, { calibration, gridRowsPx }: PlotReading, rows: number): Colour[] {
  const { plotArea } = calibration;
  const medians = Array.from({ length: rows }, (_, row) => rowColour(raster, plotArea, plotArea.topPx + row));
  const grid = new Set(gridRowsPx);
  const isGround = (row: number): boolean =>
    row > 0 && row < rows - 1 && Math.max(...medians[row]!) >= 110 && !grid.has(plotArea.topPx + row);
  return medians.map((own, row) => {
    for (let away = 0; away < rows; away++)
      for (const near of [row - away, row + away]) if (isGround(near)) return medians[near]!;
    return own;
  });
}

/** Colours of the gridlines over each ground, so that a gridline is not taken for faint ink. */
function gridlineColours(raster: Raster, { calibration, gridColumnsPx, gridRowsPx }: PlotReading, grounds: Colour[]) {
  const { rgb, widthPx } = raster;
  const { leftPx, topPx, rightPx, bottomPx } = calibration.plotArea;
  const counts = new Map<number, number>();
  const count = (x: number, y: number): void => {
    const at = 3 * (y * widthPx + x);
    const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
    const [r, g, b] = grounds[y - topPx]!;
    if (red === r && green === g && blue === b) return;
    const key = (red << 16) | (green << 8) | blue;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  for (const x of gridColumnsPx) for (let y = topPx + 1; y < bottomPx; y++) count(x, y);
  for (const y of gridRowsPx) for (let x = leftPx + 1; x < rightPx; x++) count(x, y);
  const least = 0.1 * (bottomPx - topPx) * gridColumnsPx.length + 0.2 * (rightPx - leftPx) * gridRowsPx.length;
  return [...counts]
    .filter(([, seen]) => least > 0 && seen > 0.1 * least)
    .map(([key]): Colour => [key >> 16, (key >> 8) & 255, key & 255]);
}
