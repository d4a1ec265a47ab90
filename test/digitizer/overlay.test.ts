import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { digitize } from "../../src/digitizer/digitize.ts";
import { drawOverlay } from "../../src/digitizer/overlay.ts";
import { decodePng } from "../../src/digitizer/png.ts";
import { PlotRejected } from "../../src/model/errors.ts";
import { createPlotPainter } from "../../src/source/demo/draw-plot.ts";
import { noisyRows, START_MS } from "../support/drawn-trace.ts";

const painter = await createPlotPainter();
const png = painter.draw({
  samples: noisyRows(1008).map((row, k) => ({
    timeMs: START_MS + k * 600_000,
    rmsMv: 0.4 * 10 ** ((row - 100) / 140),
  })),
});
const reading = digitize(png);

describe("drawOverlay", () => {
  test("is three times as large as the plot", () => {
    const { widthPx, heightPx } = decodePng(drawOverlay(png, reading));
    assert.deepEqual([widthPx, heightPx], [3 * 1024, 3 * 400]);
  });

  test("marks each sample red in the middle of its pixel, on the curve", () => {
    const plot = decodePng(png);
    const { rgb, widthPx } = decodePng(drawOverlay(png, reading));
    const { time, amplitude } = reading.calibration!;
    let [red, onCurve] = [0, 0];
    for (const { timeMs, rmsMv } of reading.samples) {
      const column = Math.round((timeMs - time.originMs) / time.msPerPx);
      const row = Math.round((Math.log10(rmsMv) - amplitude.atRow0) / amplitude.perPx);
      const at = 3 * ((3 * row + 1) * widthPx + 3 * column + 1);
      if (rgb[at]! > 200 && rgb[at + 1] === 0) red++;
      const under = 3 * (row * plot.widthPx + column);
      if (plot.rgb[under + 1]! - plot.rgb[under]! > 100) onCurve++;
    }
    assert.ok(red > 0.98 * reading.samples.length, `${red} of ${reading.samples.length} are marked`);
    assert.ok(onCurve > 0.98 * reading.samples.length, `${onCurve} of ${reading.samples.length} lie on the curve`);
  });

  test("says what is wrong with a plot without a reading", () => {
    const blank = painter.draw({ samples: [], windowStartMs: START_MS, windowEndMs: START_MS + 86_400_000 });
    assert.ok(drawOverlay(blank, digitize(blank)).length > 1000);
  });

  test("refuses what isn't a PNG", () => assert.throws(() => drawOverlay(new Uint8Array(9), reading), PlotRejected));
});
