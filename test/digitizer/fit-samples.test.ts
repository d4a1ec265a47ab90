import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { fitSamples } from "../../src/digitizer/fit-samples.ts";
import { createAreaPen, createPlainPen, createWuPen } from "../../src/digitizer/pens.ts";
import { worst } from "../../src/digitizer/pen-fit.ts";
import { createThinPen } from "../../src/digitizer/thin-pen.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

describe("the pen of a line is found", () => {
  for (const { widthPx, offsetPx, wholeColumns } of [
    { widthPx: 1.25, offsetPx: 0, wholeColumns: true },
    { widthPx: 1.25, offsetPx: 0.5, wholeColumns: false },
    { widthPx: 1.5, offsetPx: 0.5, wholeColumns: false },
    { widthPx: 2.5, offsetPx: 0, wholeColumns: false },
    { widthPx: 1.5, offsetPx: 0.5, wholeColumns: true },
  ]) {
    const pen = createAreaPen(widthPx, offsetPx, wholeColumns);
    test(pen.name, () => {
      const rows = noisyRows(250, { seed: 3, spread: 14 }).map((row, k) => row + ((k * 37) % 100) / 100);
      const { trace, grid } = drawTrace(pen, rows, { spacing: 0.7013 });
      const fit = fitSamples(trace, grid, []);
      assert.equal(fit.pen.name, pen.name);
      const off = [...fit.rows].map((row, k) => Math.abs(row - (rows[k]! - offsetPx))).sort((a, b) => a - b);
      assert.ok(off[off.length >> 1]! <= 0.2, `median ${off[off.length >> 1]} px`);
    });
  }

  test("around corners rather than middles of pixels, where these are a whole sample apart and draw the same", () => {
    for (const seed of [1, 7]) {
      const rows = noisyRows(300, { seed, spread: 6 }).map((row, k) => row + ((k * 53) % 100) / 100);
      const { trace, grid } = drawTrace(createAreaPen(1, 0), rows, { spacing: 0.5 });
      assert.equal(fitSamples(trace, { ...grid, count: grid.count + 1 }, []).pen.offsetPx, 0, `seed ${seed}`);
    }
  });

  test("beside a straight join, which has no vertices to tell it by", () => {
    const pen = createWuPen(2);
    const rows = Array.from({ length: 600 }, (_, k) => Math.round(100 + 12 * Math.sin(k / 22) + 2 * Math.sin(k / 5)));
    const [fromSample, toSample] = [300, 366];
    const bridged = rows.map((row, k) => (k > fromSample && k < toSample ? NaN : k < toSample ? row : row + 60));
    const { trace, grid } = drawTrace(pen, bridged, { spacing: 0.9015, joined: true });
    assert.equal(fitSamples(trace, grid, [{ fromSample, toSample }]).pen.name, pen.name);
  });

  test("without anti-aliasing where GD's explains nearly as much of a calm line", () => {
    const pen = createPlainPen(0);
    const { trace, grid } = drawTrace(pen, noisyRows(600, { seed: 3, spread: 6 }), { spacing: 0.36 });
    assert.equal(fitSamples(trace, grid, []).pen.name, pen.name);
  });

  for (const offsetPx of [0, 0.5]) {
    const pen = createThinPen(offsetPx);
    test(`${pen.name}: a peak's row is not that of its highest pixel, and its slopes tell the vertices beside it`, () => {
      const rows = noisyRows(400, { seed: 5, spread: 9 }).map((row, k) => row + ((k * 37) % 100) / 100);
      const { trace, grid } = drawTrace(pen, rows, { spacing: 0.9015 });
      const fit = fitSamples(trace, grid, []);
      assert.equal(fit.pen.name, pen.name);
      assert.ok(worst(fit) >= 0.97, `fidelity ${worst(fit)}`);
      const off = [...fit.rows].map((row, k) => Math.abs(row - (rows[k]! - offsetPx))).sort((a, b) => a - b);
      assert.ok(off[off.length >> 1]! <= 0.4, `median ${off[off.length >> 1]} px`);
    });
  }

  for (const pen of [createPlainPen(0.5), createPlainPen(0.5, true), createPlainPen(0)])
    test(`${pen.name}: a line between whole pixels isn't taken for a thin one, which explains nearly all of it, too`, () => {
      const rows = noisyRows(400, { seed: 5, spread: 9 });
      const { trace, grid } = drawTrace(pen, rows, { spacing: 0.9015 });
      const fit = fitSamples(trace, grid, []);
      assert.equal(fit.pen.name, pen.name);
      assert.ok(worst(fit) >= 0.99, `fidelity ${worst(fit)}`);
    });
});
