import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createWuPen } from "../../src/digitizer/pens.ts";
import { clearFrame, clearText } from "../../src/digitizer/text-boxes.ts";
import { cover } from "../../src/digitizer/trace.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

/** A curve along row 150, and a legend's mark of 20 px on row 30. */
function drawn() {
  const { trace, reading } = drawTrace(createWuPen(1), noisyRows(200, { middle: 150 }), { spacing: 0.9014 });
  for (let column = 40; column < 60; column++) cover(trace, column, 30, 1);
  const { leftPx, topPx } = reading.calibration.plotArea;
  const box = (left: number, right: number, top: number, bottom: number) => ({
    leftPx: leftPx + left,
    rightPx: leftPx + right,
    topPx: topPx + top,
    bottomPx: topPx + bottom,
  });
  const inkIn = (from: number, to: number, top: number, bottom: number): number => {
    let ink = 0;
    for (let column = from; column <= to; column++)
      for (let row = top; row <= bottom; row++) ink += trace.coverage[column * trace.rows + row]!;
    return ink;
  };
  return { trace, reading, box, inkIn };
}

test("clearFrame takes the inner half of a thick frame out of the trace, and leaves the curve beside it", () => {
  const { trace, inkIn } = drawn();
  const [right, bottom] = [trace.columns - 2, trace.rows - 2];
  const curve = inkIn(2, right - 1, 2, bottom - 1);
  for (let row = 1; row <= bottom; row++) for (const column of [1, right]) cover(trace, column, row, 1);
  for (let column = 1; column <= right; column++) for (const row of [1, bottom]) cover(trace, column, row, 1);
  clearFrame(trace);
  assert.deepEqual([inkIn(1, right, 1, bottom), trace.tops[1]], [curve, trace.rows]);
});

describe("clearText", () => {
  test("takes a legend's mark out of the trace", () => {
    const { trace, reading, box, inkIn } = drawn();
    const curve = inkIn(0, trace.columns - 1, 100, 199);
    clearText(trace, { ...reading, textBoxes: [box(30, 90, 20, 40)] });
    assert.equal(inkIn(0, trace.columns - 1, 0, 99), 0);
    assert.equal(inkIn(0, trace.columns - 1, 100, 199), curve);
    for (let column = 40; column < 60; column++) assert.ok(trace.tops[column]! > 100, `column ${column}`);
  });

  test("leaves a stretch of curve that was taken for text", () => {
    const { trace, reading, box, inkIn } = drawn();
    const before = inkIn(0, trace.columns - 1, 0, 199);
    clearText(trace, { ...reading, textBoxes: [box(70, 120, 130, 170)] });
    assert.equal(inkIn(0, trace.columns - 1, 0, 199), before);
  });

  test("clears a box that reaches over the frame", () => {
    const { trace, reading, box, inkIn } = drawn();
    clearText(trace, { ...reading, textBoxes: [box(-5, 90, -8, 40)] });
    assert.equal(inkIn(0, trace.columns - 1, 0, 99), 0);
  });
});
