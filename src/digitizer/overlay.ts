/**
 * The overlay: what was read, drawn over the plot it was read from, for a person to judge at a look.
 * Owns drawing only. Blue: the axes, with a line wherever they put a decade and a whole day. Red: the samples.
 * Violet: clipped samples. Orange: straight joins. Grey: stretches without samples.
 */
import { encode } from "fast-png";
import type { Calibration, Digitization } from "../model/plot.ts";
import { decodePng, type Raster } from "./png.ts";
import { drawText, TEXT_HEIGHT, textWidth } from "./pixel-font.ts";

/** Each pixel of the plot becomes so many, so that a dot in its middle shows on which pixel a sample lies. */
const SCALE = 3;
/** How much of the plot's own contrast stays. */
const FADED = 0.45;

const AXIS: Colour = [0, 70, 220];
const SAMPLE: Colour = [220, 0, 0];
const CLIPPED: Colour = [160, 0, 200];
const JOIN: Colour = [255, 130, 0];
const GAP: Colour = [150, 150, 150];

type Colour = readonly [number, number, number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Draws a reading over its plot.
 * @returns a PNG three times as wide and as high
 * @throws {PlotRejected} when the bytes aren't a whole PNG
 */
export function drawOverlay(png: Uint8Array, reading: Digitization): Uint8Array {
  const canvas = enlarge(decodePng(png));
  const { calibration } = reading;
  if (calibration !== undefined) {
    for (const { startMs, endMs } of reading.gaps) shade(canvas, calibration, startMs, endMs);
    drawAxes(canvas, calibration);
    for (const join of reading.joins)
      drawLine(
        canvas,
        placeOf(calibration, join.startMs, join.startMv),
        placeOf(calibration, join.endMs, join.endMv),
        JOIN,
      );
    for (const { timeMs, rmsMv, clipped } of reading.samples) {
      const { x, y } = placeOf(calibration, timeMs, rmsMv);
      drawDot(canvas, x, y, clipped ? CLIPPED : SAMPLE);
    }
  }
  const fidelity = reading.fidelity;
  const summary = [
    reading.station ?? "no station",
    `${reading.samples.length} samples`,
    fidelity === undefined
      ? ""
      : `explained ${(100 * fidelity.explained).toFixed(1)}% present ${(100 * fidelity.present).toFixed(1)}%`,
    ...reading.problems,
  ];
  drawText(canvas, 4, 4, summary.filter(Boolean).join(" / "), AXIS);
  return encode({ width: canvas.widthPx, height: canvas.heightPx, data: canvas.rgb, channels: 3, depth: 8 });
}

function enlarge({ widthPx, heightPx, rgb }: Raster): Raster {
  const wide = widthPx * SCALE;
  const large = new Uint8Array(3 * wide * heightPx * SCALE);
  for (let y = 0; y < heightPx * SCALE; y++) {
    const row = 3 * Math.floor(y / SCALE) * widthPx;
    for (let x = 0; x < wide; x++) {
      const from = row + 3 * Math.floor(x / SCALE);
      const to = 3 * (y * wide + x);
      for (let channel = 0; channel < 3; channel++) large[to + channel] = 255 - FADED * (255 - rgb[from + channel]!);
    }
  }
  return { widthPx: wide, heightPx: heightPx * SCALE, rgb: large };
}

/** The middle of an enlarged pixel, for a place in the plot's own pixels. */
function enlarged(px: number): number {
  return Math.round(px * SCALE + (SCALE - 1) / 2);
}

function placeOf({ time, amplitude }: Calibration, timeMs: number, rmsMv: number): { x: number; y: number } {
  const value = amplitude.scale === "log" ? Math.log10(rmsMv) : rmsMv;
  return {
    x: enlarged((timeMs - time.originMs) / time.msPerPx),
    y: enlarged((value - amplitude.atRow0) / amplitude.perPx),
  };
}

function drawAxes(canvas: Raster, calibration: Calibration): void {
  const { plotArea, time, amplitude } = calibration;
  const [left, right] = [enlarged(plotArea.leftPx), enlarged(plotArea.rightPx)];
  const [top, bottom] = [enlarged(plotArea.topPx), enlarged(plotArea.bottomPx)];
  for (const x of [left, right]) drawLine(canvas, { x, y: top }, { x, y: bottom }, AXIS);
  for (const y of [top, bottom]) drawLine(canvas, { x: left, y }, { x: right, y }, AXIS);
  const stepMs = time.endMs - time.startMs > 2 * DAY_MS ? DAY_MS : 2 * HOUR_MS;
  for (let at = Math.ceil(time.startMs / stepMs) * stepMs; at <= time.endMs; at += stepMs) {
    const { x } = placeOf(calibration, at, 1);
    drawDashes(canvas, { x, y: top }, { x, y: bottom });
    const text = new Date(at)
      .toISOString()
      .slice(0, stepMs === DAY_MS ? 10 : 16)
      .replace("T", " ");
    drawText(canvas, Math.min(x + 3, right - textWidth(text)), bottom - TEXT_HEIGHT - 3, text, AXIS);
  }
  for (const mark of amplitudeMarks(amplitude.scale, amplitude.minMv, amplitude.maxMv)) {
    const { y } = placeOf(calibration, time.startMs, mark);
    drawDashes(canvas, { x: left, y }, { x: right, y });
    const above = Math.min(bottom - 3 * TEXT_HEIGHT, Math.max(top + 3, y - TEXT_HEIGHT - 2));
    drawText(canvas, left + 4, above, `${Number(mark.toPrecision(3))} mV`, AXIS);
  }
}

/** Whole decades; on a linear axis, fifths of it. */
function amplitudeMarks(scale: "log" | "linear", minMv: number, maxMv: number): number[] {
  if (scale === "linear") return [1, 2, 3, 4, 5].map((fifth) => minMv + ((maxMv - minMv) * fifth) / 5);
  const marks: number[] = [];
  for (let decade = Math.ceil(Math.log10(minMv) - 0.01); decade <= Math.log10(maxMv) + 0.01; decade++)
    marks.push(10 ** decade);
  return marks;
}

function shade(canvas: Raster, calibration: Calibration, startMs: number, endMs: number): void {
  const { plotArea } = calibration;
  const from = placeOf(calibration, startMs, 1).x;
  const to = placeOf(calibration, endMs, 1).x;
  for (let y = enlarged(plotArea.topPx); y <= enlarged(plotArea.bottomPx); y++)
    for (let x = from; x <= to; x++) if ((x + y) % 4 === 0) setPixel(canvas, x, y, GAP);
}

interface Place {
  x: number;
  y: number;
}

function drawLine(canvas: Raster, from: Place, to: Place, colour: Colour): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let k = 0; k <= steps; k++)
    setPixel(
      canvas,
      Math.round(from.x + ((to.x - from.x) * k) / steps),
      Math.round(from.y + ((to.y - from.y) * k) / steps),
      colour,
    );
}

function drawDashes(canvas: Raster, from: Place, to: Place): void {
  const steps = Math.max(1, Math.abs(to.x - from.x), Math.abs(to.y - from.y));
  for (let k = 0; k <= steps; k += k % 9 === 4 ? 5 : 1)
    setPixel(
      canvas,
      Math.round(from.x + ((to.x - from.x) * k) / steps),
      Math.round(from.y + ((to.y - from.y) * k) / steps),
      AXIS,
    );
}

function drawDot(canvas: Raster, x: number, y: number, colour: Colour): void {
  for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) setPixel(canvas, x + dx, y + dy, colour);
}

function setPixel({ widthPx, heightPx, rgb }: Raster, x: number, y: number, colour: Colour): void {
  if (x < 0 || y < 0 || x >= widthPx || y >= heightPx) return;
  rgb.set(colour, 3 * (y * widthPx + x));
}
