/**
 * The trace: how much of each pixel of the plot area the curve covers.
 * Owns telling the curve's ink from background, bands, gridlines, watermark and frame; knows nothing of time or mV.
 */
import type { PlotArea } from "../model/plot.ts";
import type { PlotReading } from "./calibration.ts";
import type { Raster } from "./png.ts";

/** The curve's ink, column by column. Column 0 and row 0 are the left and the top line of the frame. */
export interface Trace {
  columns: number;
  rows: number;
  /** Coverage from 0 to 1 of each pixel: `coverage[column * rows + row]`. */
  coverage: Float32Array;
  /** First and last row with ink in each column; where there is none, the last lies before the first. */
  tops: Int32Array;
  bottoms: Int32Array;
  /** Red, green, blue of the line. */
  colour: Colour;
  /** Pixels from here on may be covered wholly: less than 1 as the blending rounds, and a lossy copy smears. */
  full: number;
}

type Found = Pick<Trace, "coverage" | "colour">;
type Colour = readonly [number, number, number];

/** A background this far from grey is a coloured band (pastel green on white is 45). */
const BAND_CHROMA = 24;
/** Ink this far from grey can be told from a watermark and its smoothed edges. */
const INK_CHROMA = 24;
/** Ink this much darker than its band can be told from gridlines. */
const INK_DARKNESS = 60;
/** Share of the ink pixels that the line covers wholly, at the least, so that they tell its colour. */
const FULL_SHARE = 0.03;
/** Less than this much of a pixel is noise of the blending; in a lossy copy, of the copying. */
const FAINT = 0.02;
const FAINT_LOSSY = 0.1;
const FULL = 0.96;
const FULL_LOSSY = 0.8;
/** Share of tinted greys among all pixels that are not grey: a lossless plot has next to none. */
const LOSSY_SHARE = 0.4;

/** The ink inside the frame; `undefined` when nothing has a line's colour. */
export function traceCurve(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  const columns = area.rightPx - area.leftPx + 1;
  const rows = area.bottomPx - area.topPx + 1;
  const background = rowColours(raster, area);
  const lossy = isLossy(raster, area);
  const banded = background.filter((colour) => chromaOf(colour) > BAND_CHROMA).length > 0.25 * rows;
  let found = banded ? undefined : traceColoured(raster, area, columns, rows);
  if (found !== undefined && lossy) found = traceLuma(raster, area, columns, rows, background, found);
  found ??= traceDark(raster, area, columns, rows, background);
  if (found === undefined) return undefined;
  clearBoxes(found.coverage, reading, columns, rows);
  return { columns, rows, ...found, full: lossy ? FULL_LOSSY : FULL, ...inkExtents(found.coverage, columns, rows) };
}

/** Legends and stamps inside the frame are not curve. */
function clearBoxes(
  coverage: Float32Array,
  { calibration, textBoxes }: PlotReading,
  columns: number,
  rows: number,
): void {
  const { leftPx, topPx } = calibration.plotArea;
  for (const box of textBoxes) {
    const from = Math.max(0, box.topPx - topPx);
    const to = Math.min(rows, box.bottomPx - topPx + 1);
    for (let column = Math.max(0, box.leftPx - leftPx); column <= Math.min(columns - 1, box.rightPx - leftPx); column++)
      if (to > from) coverage.fill(0, column * rows + from, column * rows + to);
  }
}

function inkExtents(coverage: Float32Array, columns: number, rows: number): { tops: Int32Array; bottoms: Int32Array } {
  const tops = new Int32Array(columns).fill(rows);
  const bottoms = new Int32Array(columns).fill(-1);
  for (let column = 0; column < columns; column++) {
    const base = column * rows;
    let [top, bottom] = [0, rows - 1];
    while (top < rows && coverage[base + top] === 0) top++;
    while (bottom >= top && coverage[base + bottom] === 0) bottom--;
    if (top < rows) [tops[column], bottoms[column]] = [top, bottom];
  }
  return { tops, bottoms };
}

/** A lossy copy (a JPEG made a PNG again) leaves faint tints around everything that is drawn. */
function isLossy({ rgb, widthPx }: Raster, area: PlotArea): boolean {
  let [tinted, coloured] = [0, 0];
  for (let row = area.topPx + 2; row < area.bottomPx - 1; row += 2) {
    let at = 3 * (row * widthPx + area.leftPx + 2);
    for (let column = area.leftPx + 2; column < area.rightPx - 1; column++, at += 3) {
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (red === green && green === blue) continue;
      if (Math.max(red, green, blue) - Math.min(red, green, blue) <= 8) tinted++;
      else coloured++;
    }
  }
  return tinted > LOSSY_SHARE * (tinted + coloured) && tinted > 100;
}

/**
 * A lossy copy smears colours over two pixels and more, but keeps brightness sharp: so brightness tells the coverage,
 * near where there is colour.
 */
function traceLuma(
  { rgb, widthPx }: Raster,
  area: PlotArea,
  columns: number,
  rows: number,
  background: readonly Colour[],
  { coverage: tint, colour }: Found,
): Found {
  const darkness = new Float32Array(columns * rows);
  const values: number[] = [];
  for (let row = 1; row < rows - 1; row++) {
    const ground = lumaOf(...background[row]!);
    for (let column = 1; column < columns - 1; column++) {
      const to = column * rows + row;
      if (tint[to]! < FAINT_LOSSY) continue;
      const at = 3 * ((area.topPx + row) * widthPx + area.leftPx + column);
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      // Smeared colour over white is cut off at full brightness, which only looks darker.
      if (Math.max(red, green, blue) >= 254) continue;
      const darker = ground - lumaOf(red, green, blue);
      if (darker <= 0) continue;
      darkness[to] = darker;
      values.push(darker);
    }
  }
  values.sort((a, b) => a - b);
  const full = values[Math.floor((1 - 2 * FULL_SHARE) * values.length)] ?? 1;
  for (let at = 0; at < darkness.length; at++) {
    const share = Math.min(1, darkness[at]! / full);
    darkness[at] = share < FAINT_LOSSY ? 0 : share;
  }
  return { coverage: darkness, colour };
}

function lumaOf(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** The median colour of each row from the top to the bottom line of the frame. */
function rowColours({ rgb, widthPx }: Raster, area: PlotArea): Colour[] {
  const colours: Colour[] = [];
  const counts = [new Uint16Array(256), new Uint16Array(256), new Uint16Array(256)] as const;
  for (let row = area.topPx; row <= area.bottomPx; row++) {
    let total = 0;
    for (const channel of counts) channel.fill(0);
    for (let column = area.leftPx + 1; column < area.rightPx; column += 3, total++) {
      const at = 3 * (row * widthPx + column);
      for (let channel = 0; channel < 3; channel++) counts[channel]![rgb[at + channel]!]!++;
    }
    const [red, green, blue] = counts.map((channel) => medianOf(channel, total));
    colours.push([red!, green!, blue!]);
  }
  return colours;
}

function medianOf(counts: Uint16Array, total: number): number {
  let seen = 0;
  for (let value = 0; value < counts.length; value++) {
    seen += counts[value]!;
    if (2 * seen > total) return value;
  }
  return 0;
}

function chromaOf([red, green, blue]: Colour): number {
  return Math.max(red, green, blue) - Math.min(red, green, blue);
}

/**
 * A coloured line over any grey: the pixel's distance from grey, along the line's own hue, is the coverage,
 * however bright the grey beneath is. So watermark, gridlines and text need no model.
 */
function traceColoured(raster: Raster, area: PlotArea, columns: number, rows: number): Found | undefined {
  const colour = findLineColour(raster, area);
  if (colour === undefined) return undefined;
  const { rgb, widthPx } = raster;
  const grey = (colour[0] + colour[1] + colour[2]) / 3;
  const hue = [colour[0] - grey, colour[1] - grey, colour[2] - grey] as const;
  const length2 = hue[0] * hue[0] + hue[1] * hue[1] + hue[2] * hue[2];
  const coverage = new Float32Array(columns * rows);
  for (let row = 1; row < rows - 1; row++) {
    let at = 3 * ((area.topPx + row) * widthPx + area.leftPx + 1);
    for (let column = 1; column < columns - 1; column++, at += 3) {
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (red === green && green === blue) continue;
      const share = (red * hue[0] + green * hue[1] + blue * hue[2]) / length2;
      if (share < FAINT) continue;
      // Another hue (a threshold's red line, say) leaves a rest across the line's own.
      const mean = (red + green + blue) / 3;
      const across =
        (red - mean - share * hue[0]) ** 2 + (green - mean - share * hue[1]) ** 2 + (blue - mean - share * hue[2]) ** 2;
      if (across > 0.06 * length2) continue;
      coverage[column * rows + row] = Math.min(1, share);
    }
  }
  return { coverage, colour };
}

/** The colour of the line: the strongest of the hue that spans most columns. */
function findLineColour({ rgb, widthPx }: Raster, area: PlotArea): Colour | undefined {
  const hues = 24;
  const width = area.rightPx - area.leftPx + 1;
  const seen = new Uint8Array(hues * width);
  for (let row = area.topPx + 1; row < area.bottomPx; row++) {
    let at = 3 * (row * widthPx + area.leftPx + 1);
    for (let column = 1; column < width - 1; column++, at += 3) {
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (red === green && green === blue) continue;
      if (Math.max(red, green, blue) - Math.min(red, green, blue) < INK_CHROMA) continue;
      seen[hueOf(red, green, blue, hues) * width + column] = 1;
    }
  }
  let best = 0;
  let bestColumns = 0;
  const columnsOf = (hue: number): number => {
    let count = 0;
    for (let column = 0; column < width; column++) count += seen[hue * width + column]!;
    return count;
  };
  for (let hue = 0; hue < hues; hue++) {
    const count = columnsOf(hue);
    if (count > bestColumns) [best, bestColumns] = [hue, count];
  }
  if (bestColumns < Math.max(8, 0.02 * width)) return undefined;

  const counts = new Uint32Array(256);
  const sums = new Float64Array(3 * 256);
  let total = 0;
  for (let row = area.topPx + 1; row < area.bottomPx; row++) {
    let at = 3 * (row * widthPx + area.leftPx + 1);
    for (let column = 1; column < width - 1; column++, at += 3) {
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (red === green && green === blue) continue;
      const chroma = Math.max(red, green, blue) - Math.min(red, green, blue);
      if (chroma < INK_CHROMA) continue;
      const away = Math.abs(hueOf(red, green, blue, hues) - best);
      if (Math.min(away, hues - away) > 1) continue;
      counts[chroma]!++;
      sums[3 * chroma]! += red;
      sums[3 * chroma + 1]! += green;
      sums[3 * chroma + 2]! += blue;
      total++;
    }
  }
  return strongest(counts, sums, total);
}

/** The mean colour of the pixels at and just below the strength that `FULL_SHARE` of all reach. */
function strongest(counts: Uint32Array, sums: Float64Array, total: number): Colour | undefined {
  let reached = 0;
  for (let strength = counts.length - 1; strength >= 0; strength--) {
    reached += counts[strength]!;
    if (reached === 0 || reached < FULL_SHARE * total) continue;
    let count = 0;
    const sum = [0, 0, 0];
    for (let near = Math.max(0, strength - 2); near <= Math.min(255, strength + 2); near++) {
      count += counts[near]!;
      for (let channel = 0; channel < 3; channel++) sum[channel]! += sums[3 * near + channel]!;
    }
    return [sum[0]! / count, sum[1]! / count, sum[2]! / count];
  }
  return undefined;
}

function hueOf(red: number, green: number, blue: number, hues: number): number {
  const high = Math.max(red, green, blue);
  const span = high - Math.min(red, green, blue);
  const sector =
    high === red
      ? (6 + (green - blue) / span) % 6
      : high === green
        ? 2 + (blue - red) / span
        : 4 + (red - green) / span;
  return Math.min(hues - 1, Math.floor((sector * hues) / 6));
}

/** A dark line over bands: how far the pixel is on the way from its row's colour to the line's. */
function traceDark(
  raster: Raster,
  area: PlotArea,
  columns: number,
  rows: number,
  medians: readonly Colour[],
): Found | undefined {
  const { rgb, widthPx } = raster;
  const background = withoutDarkRows(medians);
  const counts = new Uint32Array(256);
  const sums = new Float64Array(3 * 256);
  let total = 0;
  for (let row = 1; row < rows - 1; row++) {
    const [red, green, blue] = background[row]!;
    let at = 3 * ((area.topPx + row) * widthPx + area.leftPx + 1);
    for (let column = 1; column < columns - 1; column++, at += 3) {
      if (rgb[at] === red && rgb[at + 1] === green && rgb[at + 2] === blue) continue;
      const darker = Math.max(red, green, blue) - Math.max(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
      if (darker < INK_DARKNESS) continue;
      const strength = Math.round((255 * darker) / Math.max(red, green, blue));
      counts[strength]!++;
      for (let channel = 0; channel < 3; channel++) sums[3 * strength + channel]! += rgb[at + channel]!;
      total++;
    }
  }
  if (total < columns / 4) return undefined;
  const colour = strongest(counts, sums, total);
  if (colour === undefined) return undefined;

  const coverage = new Float32Array(columns * rows);
  for (let row = 1; row < rows - 1; row++) {
    const [red, green, blue] = background[row]!;
    const way = [colour[0] - red, colour[1] - green, colour[2] - blue] as const;
    const length2 = way[0] * way[0] + way[1] * way[1] + way[2] * way[2];
    let at = 3 * ((area.topPx + row) * widthPx + area.leftPx + 1);
    for (let column = 1; column < columns - 1; column++, at += 3) {
      const [offRed, offGreen, offBlue] = [rgb[at]! - red, rgb[at + 1]! - green, rgb[at + 2]! - blue];
      if (offRed === 0 && offGreen === 0 && offBlue === 0) continue;
      const share = (offRed * way[0] + offGreen * way[1] + offBlue * way[2]) / length2;
      if (share < FAINT) continue;
      const across =
        (offRed - share * way[0]) ** 2 + (offGreen - share * way[1]) ** 2 + (offBlue - share * way[2]) ** 2;
      if (across > 0.06 * length2) continue;
      coverage[column * rows + row] = Math.min(1, share);
    }
  }
  return { coverage, colour };
}

/** Rows that the line itself fills (many samples a column) take the colour of the nearest row that it doesn't. */
function withoutDarkRows(medians: readonly Colour[]): Colour[] {
  const isDark = (colour: Colour): boolean => Math.max(...colour) < 110;
  return medians.map((colour, row) => {
    if (!isDark(colour)) return colour;
    for (let away = 1; away < medians.length; away++)
      for (const near of [medians[row - away], medians[row + away]])
        if (near !== undefined && !isDark(near)) return near;
    return [255, 255, 255];
  });
}
