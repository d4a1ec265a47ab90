/**
 * A dark line over coloured bands, or over grey: how far a pixel is on the way from the ground beneath to the line.
 * The ground is the row's own colour, followed from pixel to pixel where a watermark shades it.
 */
import type { PlotReading } from "./calibration.ts";
import type { Raster } from "./png.ts";
import { countGridlineColours } from "./gridline-colours.ts";
import { lumaOf, rowColour, strongestColour, toColour, type Colour } from "./ink-colour.ts";
import { FRAME_REST_PX } from "./text-boxes.ts";
import { cover, markLossy, type Trace } from "./trace.ts";

/** Ink this much darker than its ground, in levels and in shares of it, can be told from gridlines and watermarks. */
const INK_DARKNESS = 25;
const INK_DARKENING = 0.3;
/** Share of the ink pixels that the line covers wholly, at the least, so that they tell its colour. */
const FULL_SHARE = 0.03;
/** A picture with more ink pixels than this is no plot: one of thirty days on the largest plot area has a quarter of it. */
const MOST_PIXELS = 1_000_000;
/** Less than this much of a pixel is noise of the blending. */
const FAINT = 0.02;
/** Nothing darker than this is a ground: a saturated red band has 97, a maroon line 38. */
const LEAST_GROUND = 70;
/** A ground this far from grey is a band; bands have no watermark that shades them. */
const BAND_CHROMA = 24;
/** The same in a lossy copy, and how one is told: by its pixels that are near their ground, in levels, but not on it. */
const FAINT_LOSSY = 0.12;
const LOSSY_SHARE = 0.03;
const NEAR_GROUND = 10;
/** How strong and how wide the frame's echo in a lossy copy is. */
const FRAME_ECHO = 0.5;
const ECHO_PX = 6;
/** The ground may differ this much from its row's colour: a watermark. */
const SHADE = 0.14;
/** Ground changes no faster than this from pixel to pixel, in levels. */
const SMOOTH = 4;
/** How far off the way from ground to line ink may lie, in squared shares of that way. */
const MAX_ACROSS = 0.06;
/**
 * The same in a lossy copy, which keeps the brightness of each pixel, but one hue for several: a thin line takes on its
 * band's, and its colour as found is that over one of the bands.
 */
const MAX_ACROSS_LOSSY = 0.3;
/**
 * The least share of the way from ground to line that brightness makes, squared: of one from a red to a grey that is about
 * as bright, brightness tells nothing.
 */
const LEAST_BRIGHTNESS = 0.05;

/** Covers the trace with the line's ink; false when there is too little of it to be a line. */
export function traceDark(raster: Raster, found: PlotReading, trace: Trace): boolean {
  const { rgb, widthPx } = raster;
  const { leftPx, topPx, rightPx } = found.calibration.plotArea;
  const commonest = rowColours(raster, found, trace.rows);
  const reading = { ...found, gridRowsPx: [...new Set([...found.gridRowsPx, ...ruledRows(commonest, topPx)])] };
  const grounds = groundColours(commonest, reading);
  const banded = grounds.some((ground) => Math.max(...ground) - Math.min(...ground) > BAND_CHROMA);
  const colour =
    findLineColour(raster, reading, grounds, 1 + FRAME_REST_PX) ?? findLineColour(raster, reading, grounds, 1);
  if (colour === undefined) return false;
  trace.colour = colour;
  // Where the line crosses gridlines it leaves its own colour on them.
  const gridColours = gridlineColours(raster, reading, grounds).filter(
    (grid) => distance2(colour, ...grid) > 3 * SMOOTH * SMOOTH,
  );
  if (banded && isLossy(raster, reading, grounds)) markLossy(trace);
  const faint = trace.lossy ? FAINT_LOSSY : FAINT;
  const takesHues = banded && trace.lossy;

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
      const isShade = !banded && distance2(own, r, g, b) < SHADE * SHADE * ownWay;
      const isSteady = at > start && near(rgb, at - 3, r, g, b);
      if (isShade && isSteady) {
        [red, green, blue] = [r, g, b];
        continue;
      }
      const way = [colour[0] - red, colour[1] - green, colour[2] - blue] as const;
      const length2 = way[0] * way[0] + way[1] * way[1] + way[2] * way[2];
      if (length2 === 0) continue; // over its own colour a line doesn't show
      const [offRed, offGreen, offBlue] = [r - red, g - green, b - blue];
      const along = (offRed * way[0] + offGreen * way[1] + offBlue * way[2]) / length2;
      const luma = takesHues ? lumaOf(...way) : 0;
      const isByLuma = luma * luma > LEAST_BRIGHTNESS * length2;
      const share = isByLuma ? Math.min(along, lumaOf(offRed, offGreen, offBlue) / luma) : along;
      if (share < faint) continue;
      const across =
        (offRed - along * way[0]) ** 2 + (offGreen - along * way[1]) ** 2 + (offBlue - along * way[2]) ** 2;
      if (across > (isByLuma ? MAX_ACROSS_LOSSY : MAX_ACROSS) * length2) continue;
      const x = at / 3 - y * widthPx;
      if (trace.lossy && share < FRAME_ECHO && isNearFrame(x - leftPx, row, trace)) continue;
      if (gridColours.some((grid) => distance2(grid, r, g, b) <= 3 * SMOOTH * SMOOTH)) continue;
      cover(trace, x - leftPx, row, share);
    }
  }
  return true;
}

/**
 * The darkest colour of the pixels over that ground which has most ink, beside gridlines and the black of a legend or of a
 * thick frame.
 * Brightness falls evenly from ground to line, whatever their hues; over another ground the same brightness means another
 * share of ink.
 * @param inner so far from the frame, in px: a line may run along it all the time
 */
function findLineColour(
  raster: Raster,
  reading: PlotReading,
  grounds: readonly Colour[],
  inner: number,
): Colour | undefined {
  const { rgb, widthPx } = raster;
  const { leftPx, topPx, rightPx } = reading.calibration.plotArea;
  const gridRows = new Set(reading.gridRowsPx);
  const byGround = new Map<string, { pixels: number[]; strengths: number[] }>();
  let total = 0;
  for (let row = inner; row < grounds.length - inner && total <= MOST_PIXELS; row++) {
    if (gridRows.has(topPx + row)) continue;
    const [red, green, blue] = grounds[row]!;
    const ground = lumaOf(red, green, blue);
    const least = Math.max(INK_DARKNESS, INK_DARKENING * ground);
    const key = grounds[row]!.join();
    let own = byGround.get(key);
    if (own === undefined) byGround.set(key, (own = { pixels: [], strengths: [] }));
    const y = topPx + row;
    const end = 3 * (y * widthPx + rightPx + 1 - inner);
    const texts = reading.textBoxes.filter(({ topPx, bottomPx }) => y >= topPx && y <= bottomPx);
    for (let at = 3 * (y * widthPx + leftPx + inner); at < end; at += 3) {
      if (rgb[at] === red && rgb[at + 1] === green && rgb[at + 2] === blue) continue;
      const darker = ground - lumaOf(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
      if (darker < least) continue;
      const x = at / 3 - y * widthPx;
      if (texts.some((text) => x >= text.leftPx && x <= text.rightPx)) continue;
      own.pixels.push(at);
      own.strengths.push(Math.round(darker));
      total++;
    }
  }
  if (total < (rightPx - leftPx) / 4 || total > MOST_PIXELS) return undefined;
  const [most] = [...byGround.values()].sort((a, b) => b.pixels.length - a.pixels.length);
  return strongestColour(raster, most!.pixels, most!.strengths, FULL_SHARE);
}

/** A lossy copy leaves many pixels near their ground's colour, and not on it. */
function isLossy({ rgb, widthPx }: Raster, { calibration }: PlotReading, grounds: readonly Colour[]): boolean {
  const { leftPx, topPx, rightPx } = calibration.plotArea;
  let [near, looked] = [0, 0];
  for (let row = 2; row < grounds.length - 2; row += 3) {
    const ground = grounds[row]!;
    for (let x = leftPx + 2; x < rightPx - 1; x += 3, looked++) {
      const at = 3 * ((topPx + row) * widthPx + x);
      const away = distance2(ground, rgb[at]!, rgb[at + 1]!, rgb[at + 2]!);
      if (away > 0 && away <= 3 * NEAR_GROUND * NEAR_GROUND) near++;
    }
  }
  return near > LOSSY_SHARE * looked;
}

/** The black frame echoes in the blocks beside it. */
function isNearFrame(column: number, row: number, { columns, rows }: Trace): boolean {
  return Math.min(column, columns - 1 - column, row, rows - 1 - row) <= ECHO_PX;
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

/** Each row's commonest colour, from the frame's top line on. */
function rowColours(raster: Raster, { calibration: { plotArea } }: PlotReading, rows: number): Colour[] {
  return Array.from({ length: rows }, (_, row) => rowColour(raster, plotArea, plotArea.topPx + row, LEAST_GROUND));
}

/** The rows, in the picture, of long dashes as pale as their ground: of another colour than the two beside them, which have one. */
function ruledRows(commonest: readonly Colour[], topPx: number): number[] {
  const differ = (a: Colour, b: Colour): boolean => distance2(a, ...b) > 3 * SMOOTH * SMOOTH;
  return [...commonest.keys()].slice(2, -2).flatMap((row) => {
    const [above, own, below] = commonest.slice(row - 1, row + 2) as [Colour, Colour, Colour];
    return differ(own, above) && differ(own, below) && !differ(above, below) ? [topPx + row] : [];
  });
}

/**
 * Each row's ground. Rows that the line itself fills (many samples a column) and gridlines take that of the nearest row
 * that they don't.
 */
function groundColours(commonest: readonly Colour[], { calibration, gridRowsPx }: PlotReading): Colour[] {
  const { plotArea } = calibration;
  const rows = commonest.length;
  const grid = new Set(gridRowsPx);
  const isGround = (row: number): boolean =>
    row > 0 && row < rows - 1 && lumaOf(...commonest[row]!) >= LEAST_GROUND && !grid.has(plotArea.topPx + row);
  const grounds = [...commonest.keys()].filter(isGround);
  let next = 0;
  return commonest.map((own, row) => {
    while (next < grounds.length && grounds[next]! < row) next++;
    const [above, below] = [grounds[next - 1] ?? -Infinity, grounds[next] ?? Infinity];
    return commonest[row - above <= below - row ? above : below] ?? own;
  });
}

/** Colours of the gridlines over each ground, so that a gridline is not taken for faint ink. */
function gridlineColours(raster: Raster, reading: PlotReading, grounds: Colour[]) {
  const { calibration, gridColumnsPx, gridRowsPx } = reading;
  const { rgb } = raster;
  const { leftPx, topPx, rightPx, bottomPx } = calibration.plotArea;
  const counts = countGridlineColours(raster, reading, (at, row) => {
    const [r, g, b] = grounds[row - topPx]!;
    return rgb[at] !== r || rgb[at + 1] !== g || rgb[at + 2] !== b;
  });
  const least = 0.1 * (bottomPx - topPx) * gridColumnsPx.length + 0.2 * (rightPx - leftPx) * gridRowsPx.length;
  return [...counts].filter(([, seen]) => least > 0 && seen > 0.1 * least).map(([key]) => toColour(key));
}
