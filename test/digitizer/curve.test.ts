import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { readCurve } from "../../src/digitizer/curve.ts";
import { createAreaPen, createPlainPen, createWuPen } from "../../src/digitizer/pens.ts";
import { cover, markLossy, type Trace } from "../../src/digitizer/trace.ts";
import { CADENCE_MS, drawTrace, noisyRows, START_MS } from "../support/drawn-trace.ts";

const DAY = 144;
/** Level at both ends, so that nothing of a hidden sample's line shows. */
const rows = noisyRows(DAY, { seed: 3 }).map((row, k) => (k < 3 || k >= DAY - 3 ? 90 : row));

/** Samples that a cut takes from the right, and the columns that `drawTrace` leaves blank there. */
const CUT_OFF = 3;
const MARGIN = 4;

describe("the period of a curve", () => {
  for (const { name, spacing = 0.9014, firstColumn, drawn, isCutOff = false, first, last } of [
    { name: "is that of its samples", firstColumn: 4, drawn: rows, first: 0, last: DAY - 1 },
    {
      name: "leaves out a first sample that would share the column and the row of the next one",
      firstColumn: 2.41,
      drawn: rows,
      first: 0,
      last: DAY - 1,
    },
    {
      name: "leaves out a first and a last sample that would share column and row of those beside them",
      spacing: 0.66,
      firstColumn: 2.3,
      drawn: rows,
      first: 0,
      last: DAY - 1,
    },
    {
      name: "leaves out a first sample where its column holds more than show",
      spacing: 0.214,
      firstColumn: 0.8,
      drawn: noisyRows(DAY, { seed: 4 }),
      first: 0,
      last: DAY - 1,
    },
    {
      name: "is no whole day where more than a frame can hide is missing",
      firstColumn: 4,
      drawn: rows
        .with(DAY - 1, NaN)
        .with(DAY - 2, NaN)
        .with(DAY - 3, NaN),
      first: 0,
      last: DAY - 4,
    },
    {
      name: "is of whole days where the picture was cut off before its end",
      firstColumn: 4,
      drawn: [...rows, ...rows].slice(0, -CUT_OFF),
      isCutOff: true,
      first: 0,
      last: 2 * DAY - 1,
    },
    {
      name: "is of whole days where the line leaves the frame for good",
      firstColumn: 4,
      drawn: [...rows, ...rows].map((row, k) => (k < DAY ? row : -60)),
      first: 0,
      last: 2 * DAY - 1,
    },
    {
      name: "reaches to no later day than that",
      firstColumn: 4,
      drawn: [...rows, ...rows, ...rows].map((row, k) => (k < DAY ? row : k === DAY ? -60 : NaN)),
      first: 0,
      last: 2 * DAY - 1,
    },
    {
      name: "takes in a first sample that the frame hides",
      firstColumn: 0,
      drawn: rows.with(0, NaN),
      first: 0,
      last: DAY - 1,
    },
  ])
    test(name, () => {
      const { trace, reading } = drawTrace(createWuPen(1), drawn, { spacing, firstColumn });
      const curve = readCurve(
        isCutOff ? { ...trace, columns: trace.columns - MARGIN } : trace,
        isCutOff ? { ...reading, isCutOff: { left: false, right: true } } : reading,
      );
      assert.deepEqual(curve?.window, { startMs: START_MS + first * CADENCE_MS, endMs: START_MS + last * CADENCE_MS });
    });
});

/** Spreads a trace's ink over the pixels above and below, as a lossy copy does. */
function smear(trace: Trace): void {
  const { coverage } = trace;
  const sharp = coverage.slice();
  markLossy(trace);
  for (let at = 1; at < sharp.length - 1; at++) {
    const share = 0.76 * sharp[at]! + 0.12 * (sharp[at - 1]! + sharp[at + 1]!);
    if (share > 0) cover(trace, Math.floor(at / trace.rows), at % trace.rows, share);
  }
}

describe("samples five minutes after whole ten minutes are found there", () => {
  const LATE_MS = CADENCE_MS / 2;
  for (const { name, pen, change = () => undefined } of [
    { name: "in a line as wide as no pen", pen: createAreaPen(1.75, 0, true) },
    { name: "in a lossy copy", pen: createWuPen(1), change: smear },
  ])
    test(name, () => {
      const { trace, reading } = drawTrace(pen, noisyRows(2 * DAY, { seed: 5 }), { spacing: 0.9014, firstColumn: 4 });
      change(trace);
      const { time } = reading.calibration;
      const [originMs, startMs, endMs] = [time.originMs, time.startMs, time.endMs].map((timeMs) => timeMs + LATE_MS);
      const late = { ...time, originMs: originMs!, startMs: startMs!, endMs: endMs! };
      const calibration = { ...reading.calibration, time: late };
      const { grid } = readCurve(trace, { ...reading, calibration, timeAxes: [late] })!;
      assert.equal(grid.firstMs % CADENCE_MS, LATE_MS);
    });
});

describe("a column that holds many samples", () => {
  const MONTH = 30 * DAY;
  for (const { name, pen, spacing, mostPx } of [
    { name: "of a line as GD draws it, five a column", pen: createWuPen(1), spacing: 0.2116, mostPx: 5.5 },
    { name: "of the same, six a column", pen: createWuPen(1), spacing: 0.1634, mostPx: 6.2 },
    {
      name: "of a soft line, whose vertices are not rounded",
      pen: createAreaPen(1.5, 0, true),
      spacing: 0.2116,
      mostPx: 7,
    },
    { name: "of a line without anti-aliasing", pen: createPlainPen(0), spacing: 0.1634, mostPx: 7.1 },
  ])
    test(`${name}, shows the most likely places of those within it, and its extremes`, () => {
      const drawn = noisyRows(MONTH, { seed: 2, spread: 14 });
      const { trace, reading } = drawTrace(pen, drawn, { spacing, firstColumn: 2.3 });
      const { grid, rows } = readCurve(trace, reading)!;
      const first = Math.round((START_MS - grid.firstMs) / CADENCE_MS);
      const off = drawn.flatMap((row, k) => (Number.isNaN(rows[first + k]!) ? [] : [Math.abs(rows[first + k]! - row)]));
      const meanPx = off.reduce((sum, px) => sum + px, 0) / off.length;
      assert.ok(off.length > 0.99 * MONTH && meanPx < mostPx, `${off.length} samples, ${meanPx} px off`);
      const shown = rows.filter((row) => !Number.isNaN(row));
      assert.ok(Math.abs(Math.min(...shown) - Math.min(...drawn)) <= 1.5);
      assert.ok(Math.abs(Math.max(...shown) - Math.max(...drawn)) <= 1.5);
    });
});
