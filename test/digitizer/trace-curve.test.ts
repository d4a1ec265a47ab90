import assert from "node:assert/strict";
import { describe, test } from "vitest";
import type { PlotReading } from "../../src/digitizer/calibration.ts";
import { createAreaPen, createPlainPen, createWuPen, type Pen } from "../../src/digitizer/pens.ts";
import type { Raster } from "../../src/digitizer/png.ts";
import { traceCurve } from "../../src/digitizer/trace-curve.ts";
import type { Trace } from "../../src/digitizer/trace.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";
import { lossyCopy } from "../support/lossy-copy.ts";

type Colour = readonly [number, number, number];

const BANDS: readonly Colour[] = [
  [235, 40, 30],
  [255, 235, 0],
  [0, 200, 60],
];
const PASTEL: readonly Colour[] = [
  [255, 190, 180],
  [255, 245, 170],
  [190, 235, 190],
];
const MUTED: readonly Colour[] = [
  [238, 102, 86],
  [255, 221, 85],
  [102, 204, 102],
];
const WHITE: readonly Colour[] = [[255, 255, 255]];

/** Spikes through all bands. */
const wild = noisyRows(300, { middle: 150, spread: 14 }).map((row, k) => (k % 23 === 7 ? 20 + (k % 60) : row));
const calm = noisyRows(300, { middle: 150 });
/** Along the frame's lower line. */
const lowest = Array.from({ length: 300 }, (_, k) => 197 + (k % 2));

/** A picture of the trace's ink over grounds of equal height, framed in black, with a watermark's shade where asked. */
function paint(
  trace: Trace,
  reading: PlotReading,
  line: Colour,
  grounds: readonly Colour[],
  shade: number,
  noise: number,
): Raster {
  const { leftPx, topPx, rightPx, bottomPx } = reading.calibration.plotArea;
  const [widthPx, heightPx] = [rightPx + 12, bottomPx + 15];
  const rgb = new Uint8Array(3 * widthPx * heightPx).fill(255);
  for (let y = topPx; y <= bottomPx; y++)
    for (let x = leftPx; x <= rightPx; x++) {
      const [column, row] = [x - leftPx, y - topPx];
      const frame = x === leftPx || x === rightPx || y === topPx || y === bottomPx;
      const ground = grounds[Math.floor((row * grounds.length) / trace.rows)]!;
      const shaded = shade > 0 && column > 60 && column < 160 ? 1 - shade * (0.6 + 0.4 * (column / 160)) : 1;
      const share = trace.coverage[column * trace.rows + row]!;
      for (let channel = 0; channel < 3; channel++)
        rgb[3 * (y * widthPx + x) + channel] = frame
          ? 0
          : within8Bits(
              shaded * ground[channel]! * (1 - share) +
                line[channel]! * share +
                noise * (((x * 131 + y * 197 + channel * 89 + x * y * 7) % 101) / 50 - 1),
            );
    }
  return { widthPx, heightPx, rgb };
}

function within8Bits(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

/** Leaves each pixel its brightness, but one hue to all of a block, and some noise, as a lossy copy does. */
function blurHues({ rgb, widthPx, heightPx }: Raster): void {
  const side = 8;
  for (let top = 0; top < heightPx; top += side)
    for (let left = 0; left < widthPx; left += side) {
      const places: number[] = [];
      for (let y = top; y < Math.min(heightPx, top + side); y++)
        for (let x = left; x < Math.min(widthPx, left + side); x++) places.push(3 * (y * widthPx + x));
      const hueOf = (at: number): number[] => [0, 1, 2].map((channel) => rgb[at + channel]! - lumaAt(rgb, at));
      const mean = places
        .map(hueOf)
        .reduce((sum, hue) => sum.map((own, channel) => own + hue[channel]!))
        .map((sum) => sum / places.length);
      for (const at of places) {
        const luma = lumaAt(rgb, at) + ((at % 7) - 3) / 2;
        mean.forEach((own, channel) => (rgb[at + channel] = within8Bits(luma + own)));
      }
    }
}

function lumaAt(rgb: Uint8Array, at: number): number {
  return 0.299 * rgb[at]! + 0.587 * rgb[at + 1]! + 0.114 * rgb[at + 2]!;
}

describe("traceCurve", () => {
  const wu = createWuPen(1);
  const rows: {
    name: string;
    pen?: Pen;
    series?: number[];
    line: Colour;
    grounds: readonly Colour[];
    shade?: number;
    noise?: number;
  }[] = [
    { name: "a green line on white", line: [64, 222, 40], grounds: WHITE },
    { name: "a dark green line on white", line: [0, 90, 20], grounds: WHITE },
    { name: "a green line over a watermark", line: [64, 222, 40], grounds: WHITE, shade: 0.06 },
    { name: "wild slate grey on white", pen: createAreaPen(3, 0), series: wild, line: [112, 128, 144], grounds: WHITE },
    { name: "a black line on white", line: [0, 0, 0], grounds: WHITE },
    { name: "a black line over a watermark", line: [0, 0, 0], grounds: WHITE, shade: 0.06 },
    { name: "a black line on bands", line: [0, 0, 0], grounds: BANDS },
    { name: "a navy line on bands", line: [0, 0, 128], grounds: BANDS },
    { name: "a maroon line on bands", line: [128, 0, 0], grounds: BANDS },
    { name: "a dark grey line on bands", line: [60, 60, 60], grounds: BANDS },
    { name: "a navy line on pastel bands", line: [0, 0, 128], grounds: PASTEL },
    { name: "a black line on bands, with the noise of a lossy copy", line: [0, 0, 0], grounds: BANDS, noise: 5 },
    { name: "a navy line on pastel bands, with such noise", line: [0, 0, 128], grounds: PASTEL, noise: 5 },
    { name: "spikes on bands", series: wild, line: [0, 0, 0], grounds: BANDS },
    { name: "a black line along the frame on bands", series: lowest, line: [0, 0, 0], grounds: BANDS },
    { name: "navy spikes on bands", series: wild, line: [0, 0, 128], grounds: BANDS },
    { name: "maroon spikes on pastel bands", series: wild, line: [128, 0, 0], grounds: PASTEL },
    { name: "an anti-aliased navy line 2 px wide", pen: createAreaPen(2, 0), line: [0, 0, 128], grounds: BANDS },
    {
      name: "an anti-aliased maroon line 2 px wide",
      pen: createAreaPen(2, 0),
      series: wild,
      line: [128, 0, 0],
      grounds: BANDS,
    },
  ];
  for (const { name, pen = wu, series = calm, line, grounds, shade = 0, noise = 0 } of rows)
    test(`tells how much of each pixel is ${name}`, () => {
      const { trace, reading } = drawTrace(pen, series, { spacing: 0.9014 });
      const drawn = trace.coverage.slice(); // its memory is the next trace's
      const found = traceCurve(paint(trace, reading, line, grounds, shade, noise), reading);
      assert.ok(found, "finds a curve");
      for (const [channel, value] of found.colour.entries())
        assert.ok(Math.abs(value - line[channel]!) < 6 + noise, `colour ${found.colour} for ${line}`);
      let [off, ink] = [0, 0];
      for (const [at, share] of drawn.entries()) {
        off += Math.abs(found.coverage[at]! - share);
        ink += share;
      }
      assert.ok(off < (noise > 0 ? 0.12 : 0.03) * ink, `${((100 * off) / ink).toFixed(1)} % of the ink is wrong`);
    });

  test("is not told from a lossy copy's by a tinted ground", () => {
    const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
    const drawn = trace.coverage.slice();
    const found = traceCurve(paint(trace, reading, [64, 222, 40], [[244, 244, 248]], 0, 0), reading)!;
    assert.equal(found.lossy, false);
    const off = found.coverage.reduce((sum, share, at) => sum + Math.abs(share - drawn[at]!), 0);
    assert.ok(off < 0.05 * drawn.reduce((sum, share) => sum + share, 0));
  });
  test("is found in a lossy copy where it fills most of many rows", () => {
    const { trace, reading } = drawTrace(createWuPen(1), noisyRows(1500, { spread: 14 }), { spacing: 0.21 });
    const drawn = trace.coverage.reduce((sum, share) => sum + share, 0);
    const { rgb, widthPx, heightPx } = paint(trace, reading, [64, 222, 40], WHITE, 0, 0);
    const found = traceCurve({ rgb: lossyCopy(rgb, widthPx, heightPx, 80), widthPx, heightPx }, reading)!;
    const ink = found.coverage.reduce((sum, share) => sum + share, 0);
    assert.ok(found.lossy && ink > 0.9 * drawn, `${((100 * ink) / drawn).toFixed(0)} % of the ink`);
  });
  test("is found on each band in a lossy copy, where a black line takes on the hue of its band", () => {
    const series = noisyRows(300, { middle: 40 }).map((row, k) => (k < 220 ? row : row + 125));
    const { trace, reading } = drawTrace(createWuPen(1), series, { spacing: 0.9014 });
    const inkFrom = (coverage: Float32Array, column: number): number =>
      coverage.subarray(column * trace.rows).reduce((sum, share) => sum + share, 0);
    const onGreen = Math.ceil(221 * 0.9014) + 4;
    const drawn = inkFrom(trace.coverage, onGreen);
    const raster = paint(trace, reading, [0, 0, 0], MUTED, 0, 0);
    blurHues(raster);
    const found = traceCurve(raster, reading)!;
    const ink = inkFrom(found.coverage, onGreen);
    assert.ok(found.lossy && Math.abs(ink - drawn) < 0.1 * drawn, `${((100 * ink) / drawn).toFixed(0)} % of the ink`);
  });
  test("is found in a lossy copy on a band that is about as bright as the line", () => {
    const red: Colour = [255, 0, 0];
    const { trace, reading } = drawTrace(createWuPen(1), wild, { spacing: 0.9014 });
    const inkOnRed = (coverage: Float32Array): number =>
      coverage.reduce((sum, share, at) => sum + (at % trace.rows < trace.rows / 3 ? share : 0), 0);
    const drawn = inkOnRed(trace.coverage);
    const { rgb, widthPx, heightPx } = paint(trace, reading, [70, 70, 110], [red, [255, 255, 0], [0, 255, 0]], 0, 0);
    const found = traceCurve({ rgb: lossyCopy(rgb, widthPx, heightPx, 90), widthPx, heightPx }, reading)!;
    const ink = inkOnRed(found.coverage);
    assert.ok(found.lossy && ink > 0.9 * drawn, `${((100 * ink) / drawn).toFixed(0)} % of the ink`);
  });
  test("leaves out a watermark in a pale shade of the line's own colour", () => {
    for (const pale of [
      [239, 250, 236],
      [219, 249, 213],
    ] as const) {
      const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
      const { leftPx, topPx, bottomPx } = reading.calibration.plotArea;
      const raster = paint(trace, reading, [64, 222, 40], WHITE, 0, 0);
      for (let x = leftPx + 60; x < leftPx + 110; x++)
        for (let y = topPx + 1; y < bottomPx; y++) {
          const at = 3 * (y * raster.widthPx + x);
          if (raster.rgb[at] === 255) raster.rgb.set(pale, at);
        }
      const drawn = trace.coverage.slice();
      const found = traceCurve(raster, reading);
      assert.ok(found, "finds a curve");
      assert.ok(found.coverage.every((share, at) => drawn[at]! > 0 || share === 0));
    }
  });
  test("leaves out gridlines tinted much as the line is", () => {
    const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
    const { leftPx, topPx, bottomPx } = reading.calibration.plotArea;
    const gridColumnsPx = Array.from({ length: 6 }, (_, i) => leftPx + 40 * (i + 1));
    const raster = paint(trace, reading, [0, 192, 96], WHITE, 0, 0);
    for (const x of gridColumnsPx)
      for (let y = topPx + 1; y < bottomPx; y++) {
        const at = 3 * (y * raster.widthPx + x);
        if (raster.rgb[at] === 255) raster.rgb.set([176, 196, 222], at);
      }
    const drawn = trace.coverage.slice();
    const found = traceCurve(raster, { ...reading, gridColumnsPx })!;
    for (const x of gridColumnsPx)
      for (let row = 1; row < trace.rows - 1; row++) {
        const at = (x - leftPx) * trace.rows + row;
        if (drawn[at] === 0) assert.equal(found.coverage[at], 0);
      }
  });
  test("takes its colour from the line and not from the inner half of a frame two pixels wide", () => {
    const line = [0, 0, 160] as const;
    const { trace, reading } = drawTrace(createAreaPen(2, 0), calm, { spacing: 0.9014 });
    const { leftPx, topPx, rightPx, bottomPx } = reading.calibration.plotArea;
    const raster = paint(trace, reading, line, PASTEL, 0, 0);
    for (let x = leftPx; x <= rightPx; x++) raster.rgb.set([0, 0, 0], 3 * ((bottomPx - 1) * raster.widthPx + x));
    for (let y = topPx; y <= bottomPx; y++) raster.rgb.set([0, 0, 0], 3 * (y * raster.widthPx + leftPx + 1));
    const found = traceCurve(raster, reading)!;
    for (const [channel, value] of found.colour.entries())
      assert.ok(Math.abs(value - line[channel]!) < 6, `colour ${found.colour}`);
  });
  test("leaves out gridlines of long dashes as pale as the bands, which nobody found", () => {
    const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
    const { leftPx, topPx, rightPx, bottomPx } = reading.calibration.plotArea;
    const raster = paint(trace, reading, [0, 0, 0], PASTEL, 0, 0);
    const drawn = trace.coverage.slice();
    for (let y = topPx + 10; y < bottomPx; y += 12)
      for (let x = leftPx + 1; x < rightPx; x++)
        if ((x - leftPx) % 9 < 6 && drawn[(x - leftPx) * trace.rows + y - topPx] === 0)
          raster.rgb.set([224, 224, 224], 3 * (y * raster.widthPx + x));
    const found = traceCurve(raster, reading)!;
    assert.ok(found.coverage.every((share, at) => share === 0 || drawn[at]! > 0));
  });
  test("keeps a dark line whose own colour lies on the gridlines it crosses", () => {
    const { trace, reading } = drawTrace(createPlainPen(0), wild, { spacing: 0.9014 });
    const gridColumnsPx = Array.from({ length: 13 }, (_, i) => reading.calibration.plotArea.leftPx + 20 * (i + 1));
    const drawn = trace.coverage.slice();
    const found = traceCurve(paint(trace, reading, [0, 0, 0], BANDS, 0, 0), { ...reading, gridColumnsPx });
    assert.deepEqual(found?.coverage, drawn);
  });
  test("takes no black of a legend for a navy line's", () => {
    const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
    const { leftPx, topPx, bottomPx } = reading.calibration.plotArea;
    const raster = paint(trace, reading, [0, 0, 128], BANDS, 0, 0);
    const box = { leftPx: leftPx + 12, rightPx: leftPx + 142, topPx: bottomPx - 28, bottomPx: bottomPx - 8 };
    for (let y = box.topPx; y <= box.bottomPx; y++)
      for (let x = box.leftPx; x <= box.rightPx; x++) {
        const isBorder = x === box.leftPx || x === box.rightPx || y === box.topPx || y === box.bottomPx;
        raster.rgb.fill(isBorder ? 0 : 255, 3 * (y * raster.widthPx + x), 3 * (y * raster.widthPx + x + 1));
      }
    const drawn = trace.coverage.slice();
    const found = traceCurve(raster, { ...reading, textBoxes: [box] })!;
    assert.deepEqual([...found.colour].map(Math.round), [0, 0, 128]);
    for (let row = 1; row < box.topPx - topPx; row++)
      for (let column = 1; column < trace.columns - 1; column++) {
        const at = column * trace.rows + row;
        assert.ok(Math.abs(found.coverage[at]! - drawn[at]!) < 0.02, `${column}, ${row}`);
      }
  });
  test("takes no colour of many gridlines for the line's", () => {
    const { trace, reading } = drawTrace(createWuPen(1), calm, { spacing: 0.9014 });
    const { leftPx, topPx, rightPx, bottomPx } = reading.calibration.plotArea;
    const raster = paint(trace, reading, [0, 0, 0], BANDS, 0, 0);
    const gridRowsPx: number[] = [];
    for (let y = topPx + 10; y < bottomPx; y += 6) {
      // Of one the curve hides too much for it to be found.
      if (y !== topPx + 64) gridRowsPx.push(y);
      for (let x = leftPx + 1; x < rightPx; x++) {
        const at = 3 * (y * raster.widthPx + x);
        if (trace.coverage[(x - leftPx) * trace.rows + y - topPx] === 0) raster.rgb.set([128, 128, 128], at);
      }
    }
    const found = traceCurve(raster, { ...reading, gridRowsPx })!;
    assert.ok(Math.max(...found.colour) < 40, `rgb ${found.colour.join()}`);
    assert.ok(!found.coverage.some(Number.isNaN));
  });
});
