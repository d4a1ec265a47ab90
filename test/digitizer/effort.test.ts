import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readCurve } from "../../src/digitizer/curve.ts";
import { MOST_EFFORT } from "../../src/digitizer/effort.ts";
import { createAreaPen, createPlainPen, createWuPen, type Pen } from "../../src/digitizer/pens.ts";
import { synthesizePlain } from "../../src/digitizer/plain-synthesis.ts";
import { refine } from "../../src/digitizer/refinement.ts";
import { synthesize } from "../../src/digitizer/synthesis.ts";
import { createThinPen } from "../../src/digitizer/thin-pen.ts";
import { guessThinRows } from "../../src/digitizer/thin-search.ts";
import type { Trace } from "../../src/digitizer/trace.ts";
import { drawTrace, noisyRows } from "../support/drawn-trace.ts";

const HEIGHT = 60;
/** From the frame's upper line to its lower one and back: each sample may lie on many rows, and beyond either line. */
const zigzag = (count: number): number[] => Array.from({ length: count }, (_, k) => (k % 2 === 0 ? 1 : HEIGHT - 2));

/** How often a trace's ink is asked for while a search is at work with so much effort. */
function readsOf(trace: Trace, left: number, search: (trace: Trace) => unknown): number {
  let reads = 0;
  const coverage = new Proxy(trace.coverage, {
    get(ink, at) {
      reads++;
      return Reflect.get(ink, at) as unknown;
    },
  });
  search({ ...trace, coverage, effort: { left } });
  return reads;
}

/** How many pixels a pen draws while a line is moved with so much effort. */
function drawnBy(trace: Trace, left: number, search: (trace: Trace, pen: Pen) => unknown): number {
  let pixels = 0;
  const pen = createAreaPen(1, 0);
  search(
    { ...trace, effort: { left } },
    {
      ...pen,
      drawColumn(ink, top, bottom, ...rest) {
        pixels += bottom - top + 1;
        pen.drawColumn(ink, top, bottom, ...rest);
      },
    },
  );
  return pixels;
}

describe("the effort of a search", () => {
  test("for GD's vertices ends where it is spent: fewer rows are tried then", () => {
    const { trace, grid } = drawTrace(createWuPen(1), zigzag(10), { spacing: 0.9, height: HEIGHT });
    const search = (trace: Trace): unknown => synthesize(trace, grid, [], 1);
    const effort = 30_000;
    assert.ok(readsOf(trace, Infinity, search) > 10 * effort, "all rows are far more work");
    assert.ok(readsOf(trace, effort, search) <= effort);
  });

  test("for the vertices of other pens ends where it is spent: they stay where they are", () => {
    const rows = noisyRows(60, { middle: 30, spread: 25 });
    const { trace, grid } = drawTrace(createPlainPen(0), rows, { spacing: 2.3, height: HEIGHT });
    const search = (trace: Trace, pen: Pen): unknown => refine(trace, grid, [], pen);
    const all = drawnBy(trace, Infinity, search);
    const half = { left: 0 };
    const guess = { ...trace, effort: half };
    for (half.left = 1000; refine(guess, grid, [], createAreaPen(1, 0)).samples.length === 0;) half.left *= 2;
    assert.ok(drawnBy(trace, 2 * half.left, search) < all / 2, `${all} px are drawn for all moves`);
  });

  test("for a thin line goes by the columns of each stretch, so that a join of many days counts", () => {
    const { trace } = drawTrace(createThinPen(0), [20, 21], { spacing: 400, height: HEIGHT });
    const spentOn = (across: number): number => {
      const effort = { left: MOST_EFFORT };
      const line = {
        columns: Float64Array.of(2.4, 2.4 + across),
        rows: new Float64Array(2),
        joined: Uint8Array.of(1, 0),
      };
      assert.ok(guessThinRows({ ...trace, effort }, line));
      return MOST_EFFORT - effort.left;
    };
    assert.ok(spentOn(400) > 20 * spentOn(1), `${spentOn(400)} for 400 columns, ${spentOn(1)} for one`);
  });

  test("finds nothing where there is too little for a beginning", () => {
    const { trace, grid } = drawTrace(createWuPen(1), zigzag(10), { spacing: 0.9, height: HEIGHT });
    const spent = { ...trace, effort: { left: 10 } };
    assert.ok(synthesize(spent, grid, [], 1).every(Number.isNaN));
    assert.equal(synthesizePlain(spent, grid, [], createPlainPen(0)).samples.length, 0);
    assert.equal(refine(spent, grid, [], createAreaPen(1, 0)).samples.length, 0);
    assert.equal(spent.effort.left, 10);
  });

  for (const { name, pen, most } of [
    { name: "GD's line", pen: createWuPen(1), most: 0.002 },
    { name: "a line of another plotter", pen: createAreaPen(1.5, 0), most: 0.2 },
  ])
    test(`is enough for a week of ${name} many times over`, () => {
      const { trace, reading } = drawTrace(pen, noisyRows(1008), { spacing: 0.9014 });
      assert.ok(readCurve(trace, reading) !== undefined);
      assert.ok(MOST_EFFORT - trace.effort.left < most * MOST_EFFORT, `${MOST_EFFORT - trace.effort.left} px`);
    });
});
