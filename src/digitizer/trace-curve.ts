/**
 * Traces the curve: finds which kind of ink it is drawn with.
 * `coloured-ink` and `dark-ink` tell that ink from all else inside the frame.
 */
import type { PlotArea } from "../model/plot.ts";
import type { PlotReading } from "./calibration.ts";
import { traceColoured } from "./coloured-ink.ts";
import { isLossy, listColoured } from "./coloured-pixels.ts";
import { traceDark } from "./dark-ink.ts";
import type { Raster } from "./png.ts";
import { clearSpecks } from "./specks.ts";
import { clearFrame, clearText } from "./text-boxes.ts";
import { createTrace, isTooLarge, type Trace } from "./trace.ts";

/** A background this far from grey is a coloured band (pastel green on white is 45). */
const BAND_CHROMA = 24;
/** A curve colours less than this of its plot area; bands colour nearly all of it. */
const BANDED_SHARE = 0.3;
const LOOKS_DOWN = 24;
const LOOKS_ACROSS = 40;
const LEAST_SIDE_PX = 8;
/** A curve of thirty days covers some 4 % of its plot area; more than this is a picture of something else. */
const MOST_INK = 0.2;

/** The ink inside the frame; `undefined` when nothing has a line's colour. */
export function traceCurve(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  const [wide, high] = [area.rightPx - area.leftPx, area.bottomPx - area.topPx];
  if (Math.min(wide, high) < LEAST_SIDE_PX || isTooLarge(area)) return undefined;
  const trace = fillTrace(raster, reading);
  if (trace === undefined || inkShare(trace) > MOST_INK) return undefined;
  clearSpecks(trace);
  clearFrame(trace);
  clearText(trace, reading);
  return trace;
}

function fillTrace(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  if (isBanded(raster, area)) {
    const trace = createTrace(area, false);
    return traceDark(raster, reading, trace) ? trace : undefined;
  }
  const coloured = listColoured(raster, reading);
  const trace = createTrace(area, isLossy(raster, coloured));
  if (traceColoured(raster, reading, coloured, trace)) return trace;
  return traceDark(raster, reading, trace) ? trace : undefined;
}

function inkShare({ coverage, columns, rows, tops, bottoms }: Trace): number {
  let inked = 0;
  for (let column = 0; column < columns; column++)
    for (let at = column * rows + tops[column]!; at <= column * rows + bottoms[column]!; at++)
      if (coverage[at]! > 0) inked++;
  return inked / coverage.length;
}

/** Is much of the plot area far from grey? Some pixels are enough to tell. */
function isBanded({ rgb, widthPx }: Raster, area: PlotArea): boolean {
  let [coloured, looked] = [0, 0];
  const down = Math.max(1, (area.bottomPx - area.topPx) / LOOKS_DOWN);
  const across = Math.max(1, (area.rightPx - area.leftPx) / LOOKS_ACROSS);
  for (let y = area.topPx + 1; y < area.bottomPx; y += down)
    for (let x = area.leftPx + 1; x < area.rightPx; x += across, looked++) {
      const at = 3 * (Math.floor(y) * widthPx + Math.floor(x));
      const [red, green, blue] = [rgb[at]!, rgb[at + 1]!, rgb[at + 2]!];
      if (Math.max(red, green, blue) - Math.min(red, green, blue) > BAND_CHROMA) coloured++;
    }
  return coloured > BANDED_SHARE * looked;
}
