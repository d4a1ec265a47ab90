/**
 * Draws tremor plots as INGV publishes them, from a series that we know: for the demo, and for the tests of all
 * that reads plots. Geometry and curve follow a published picture to the pixel; text and globe only look alike.
 */
import { CADENCE_MS, type Sample, type TimeRange } from "../../model/series.ts";
import type { PlotArea } from "../../model/plot.ts";
import { drawPolyline, type Vertex } from "./gd-line.ts";
import { lookSvg, rowOf, TIME_LABEL, timeLabelSvg, type PlotLook, type PlotStyle } from "./plot-look.ts";
import { encodePng, offsetOf, type Colour, type RgbImage } from "./rgb-image.ts";
import { getSvgRenderer } from "./svg-renderer.ts";

export type DrawnSample = Pick<Sample, "timeMs" | "rmsMv">;

export interface PlotDrawing {
  /** By time. What lies beyond the axes is drawn as far as the frame. */
  samples: readonly DrawnSample[];
  /** First and last instant of the plot's period; default: those of the samples. */
  windowStartMs?: number;
  windowEndMs?: number;
  /** Times at the left and the right line of the frame; default: the whole hours around the window. */
  axis?: TimeRange;
  station?: string;
  /** Default: made from the station. */
  title?: string;
  style?: PlotStyle;
  /** Default: green `#40de28`, in the bands' style black. */
  lineColour?: Colour;
  widthPx?: number;
  heightPx?: number;
  plotArea?: PlotArea;
  /** The amplitude axis, in powers of ten of mV; default -1 and 1. */
  minDecade?: number;
  maxDecade?: number;
  watermark?: boolean;
  /** What is drawn where samples are missing: nothing, or a straight line. */
  gaps?: "gap" | "join";
  /** For tEXt chunks: keyword and text. */
  texts?: Record<string, string>;
}

export interface PlotPainter {
  /** The plot as a PNG file. @throws {RangeError} when there is neither a window nor a sample */
  draw(drawing: PlotDrawing): Uint8Array;
}

const HOUR_MS = 3_600_000;
const LABEL_EVERY_MS = 12 * HOUR_MS;
const GREEN: Colour = [0x40, 0xde, 0x28];
const BLACK: Colour = [0, 0, 0];
/** What most plots of a run share is rendered once. A background takes about 1 MB, a label 4 KB. */
const CACHED_BACKGROUNDS = 16;
const CACHED_LABELS = 256;

export async function createPlotPainter(): Promise<PlotPainter> {
  const render = await getSvgRenderer();
  const backgrounds = createCache(CACHED_BACKGROUNDS, (look: PlotLook) => render(lookSvg(look)));
  const labels = createCache(CACHED_LABELS, (label: string) => render(timeLabelSvg(label)));

  return {
    draw(drawing) {
      const look = lookOf(drawing);
      const axis = axisOf(drawing);
      const background = backgrounds(look);
      const image = { ...background, scanlines: background.scanlines.slice() };
      drawCurve(image, look, axis, drawing);
      for (let timeMs = axis.startMs; timeMs <= axis.endMs; timeMs += LABEL_EVERY_MS)
        multiply(image, labels(timeLabel(timeMs)), {
          columnPx: Math.round(columnOf(look, axis, timeMs)) - TIME_LABEL.middlePx,
          rowPx: look.plotArea.bottomPx + TIME_LABEL.belowAxisPx,
        });
      return encodePng(image, drawing.texts);
    },
  };
}

/** The column of an instant, not rounded. */
function columnOf({ plotArea: { leftPx, rightPx } }: PlotLook, { startMs, endMs }: TimeRange, timeMs: number): number {
  return leftPx + ((rightPx - leftPx) * (timeMs - startMs)) / (endMs - startMs);
}

function lookOf(drawing: PlotDrawing): PlotLook {
  const { widthPx = 1024, heightPx = 400, style = "green", station = "ECBD" } = drawing;
  return {
    title: drawing.title ?? `${station} - RMS (UTC Time)`,
    style,
    widthPx,
    heightPx,
    plotArea: drawing.plotArea ?? { leftPx: 80, topPx: 27, rightPx: widthPx - 30, bottomPx: heightPx - 100 },
    minDecade: drawing.minDecade ?? -1,
    maxDecade: drawing.maxDecade ?? 1,
    watermark: drawing.watermark ?? style === "green",
  };
}

function axisOf({ axis, samples, windowStartMs, windowEndMs }: PlotDrawing): TimeRange {
  if (axis !== undefined) return axis;
  const firstMs = windowStartMs ?? samples[0]?.timeMs;
  const lastMs = windowEndMs ?? samples.at(-1)?.timeMs;
  if (firstMs === undefined || lastMs === undefined) throw new RangeError("Found no sample and no window to draw");
  const startMs = Math.floor(firstMs / HOUR_MS) * HOUR_MS;
  return { startMs, endMs: Math.max(Math.ceil(lastMs / HOUR_MS) * HOUR_MS, startMs + HOUR_MS) };
}

function drawCurve(image: RgbImage, look: PlotLook, axis: TimeRange, drawing: PlotDrawing): void {
  const { leftPx, topPx, rightPx, bottomPx } = look.plotArea;
  // The frame is drawn over the curve, so the curve stays inside of it.
  const clip = { leftPx: leftPx + 1, topPx: topPx + 1, rightPx: rightPx - 1, bottomPx: bottomPx - 1 };
  const colour = drawing.lineColour ?? (look.style === "green" ? GREEN : BLACK);
  const stretches: Vertex[][] = [];
  let beforeMs = -Infinity;
  for (const { timeMs, rmsMv } of drawing.samples) {
    if (stretches.length === 0 || (drawing.gaps !== "join" && timeMs - beforeMs > CADENCE_MS)) stretches.push([]);
    const rowPx = Math.round(rowOf(look, rmsMv));
    stretches.at(-1)!.push({ columnPx: Math.round(columnOf(look, axis, timeMs)), rowPx });
    beforeMs = timeMs;
  }
  for (const stretch of stretches) drawPolyline(image, stretch, colour, clip);
}

/** `06/05/25 H00`: day, month, year and hour, UTC. */
function timeLabel(timeMs: number): string {
  const [year, month, day, hour] = new Date(timeMs).toISOString().split(/[-T:]/);
  return `${day}/${month}/${year!.slice(-2)} H${hour}`;
}

/** Prints the stamp on the image as dark ink; what lies outside is left away. */
function multiply(image: RgbImage, stamp: RgbImage, at: Vertex): void {
  for (let row = Math.max(0, -at.rowPx); row < Math.min(stamp.heightPx, image.heightPx - at.rowPx); row++)
    for (
      let column = Math.max(0, -at.columnPx);
      column < Math.min(stamp.widthPx, image.widthPx - at.columnPx);
      column++
    ) {
      const from = offsetOf(stamp, column, row);
      const to = offsetOf(image, at.columnPx + column, at.rowPx + row);
      for (let part = 0; part < 3; part++)
        image.scanlines[to + part] = Math.round((image.scanlines[to + part]! * stamp.scanlines[from + part]!) / 255);
    }
}

/** Makes each value once, and forgets the oldest ones over the limit. */
function createCache<Key, Value>(limit: number, make: (key: Key) => Value): (key: Key) => Value {
  const values = new Map<string, Value>();
  return (key) => {
    const name = JSON.stringify(key);
    const value = values.get(name) ?? make(key);
    values.set(name, value);
    if (values.size > limit) values.delete(values.keys().next().value!);
    return value;
  };
}
