/**
 * Traces the curve: finds which kind of ink it is drawn with.
 * `coloured-ink` and `dark-ink` tell that ink from all else inside the frame.
 */
import type { PlotArea } from "../model/plot.ts";
import type { PlotReading } from "./calibration.ts";
import { isLossy, listColoured, traceColoured } from "./coloured-ink.ts";
import { traceDark } from "./dark-ink.ts";
import { rowColour } from "./ink-colour.ts";
import type { Raster } from "./png.ts";
import { createTrace, type Trace } from "./trace.ts";

/** A background this far from grey is a coloured band (pastel green on white is 45). */
const BAND_CHROMA = 24;
/** A curve of thirty days covers some 4 % of its plot area; more than this is a picture of something else. */
const MOST_INK = 0.2;

/** The ink inside the frame; `undefined` when nothing has a line's colour. */
export function traceCurve(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  if (area.rightPx - area.leftPx < 8 || area.bottomPx - area.topPx < 8) return undefined;
  const trace = fillTrace(raster, reading);
  return trace !== undefined && inkShare(trace) < MOST_INK ? trace : undefined;
}

function fillTrace(raster: Raster, reading: PlotReading): Trace | undefined {
  const area = reading.calibration.plotArea;
  if (isBanded(raster, area)) {
    const trace = createTrace(area, false);
    return traceDark(raster, reading, trace) ? trace : undefined;
  }
  const coloured = listColoured(raster, reading);
  const trace = createTrace(area, isLossy(coloured));
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

/** Are the rows' own colours far from grey? Some rows are enough to tell. */
function isBanded(raster: Raster, area: PlotArea): boolean {
  let [banded, looked] = [0, 0];
  const step = Math.max(1, Math.floor((area.bottomPx - area.topPx) / 24));
  for (let row = area.topPx + 1; row < area.bottomPx; row += step, looked++) {
    const colour = rowColour(raster, area, row);
    if (Math.max(...colour) - Math.min(...colour) > BAND_CHROMA) banded++;
  }
  return banded > 0.25 * looked;
}
