import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createAreaPen, createWuPen } from "../../src/digitizer/pens.ts";
import { findSampleGrid } from "../../src/digitizer/sample-phase.ts";
import type { TimeAxis } from "../../src/model/plot.ts";
import { drawTrace, noisyRows, START_MS } from "../support/drawn-trace.ts";

const MINUTE_MS = 60_000;
const moved = (time: TimeAxis, startMs: number, endMs = startMs): TimeAxis => {
  const columns = (time.endMs - time.startMs) / time.msPerPx;
  const leftPx = (time.startMs - time.originMs) / time.msPerPx;
  const msPerPx = time.msPerPx + (endMs - startMs) / columns;
  return {
    ...time,
    startMs: time.startMs + startMs,
    endMs: time.endMs + endMs,
    msPerPx,
    originMs: time.startMs + startMs - leftPx * msPerPx,
  };
};

describe("findSampleGrid", () => {
  const drawn = (spacing = 0.9014) => drawTrace(createWuPen(1), noisyRows(500), { spacing });

  test("keeps an axis that the curve agrees with", () => {
    const { trace, reading } = drawn();
    const { calibration, grid } = findSampleGrid(trace, reading);
    assert.equal(calibration, calibration);
    assert.equal(calibration.time.startMs, reading.calibration.time.startMs);
    assert.equal(grid.firstMs % 600_000, 0);
  });

  for (const minutes of [2, 3, 7])
    test(`finds samples ${minutes} minutes after whole ten minutes`, () => {
      const { trace, reading } = drawn();
      // The axis is what the labels say; it is the samples that lie off the clock.
      const time = moved(reading.calibration.time, minutes * MINUTE_MS);
      const { grid } = findSampleGrid(trace, {
        ...reading,
        calibration: { ...reading.calibration, time },
        timeAxes: [time],
        timeUncertaintyMs: 0,
      });
      assert.equal(grid.firstMs % 600_000, minutes * MINUTE_MS);
    });

  test("takes the axis that the curve speaks for, of those that the labels allow", () => {
    const { trace, reading } = drawn();
    const right = reading.calibration.time;
    const wrong = moved(right, -6 * MINUTE_MS, 9 * MINUTE_MS);
    const { calibration } = findSampleGrid(trace, {
      ...reading,
      calibration: { ...reading.calibration, time: wrong },
      timeAxes: [wrong, right],
    });
    assert.equal(calibration.time.startMs, right.startMs);
  });

  test("takes the axis of the labels where the curve, smooth as it is, speaks for none", () => {
    const { trace, reading } = drawTrace(createAreaPen(1, 0), noisyRows(500), { spacing: 0.8503 });
    const time = reading.calibration.time;
    for (const other of [
      moved(time, 0, 10 * MINUTE_MS),
      moved(time, 0, -10 * MINUTE_MS),
      moved(time, 10 * MINUTE_MS, 0),
    ])
      assert.equal(findSampleGrid(trace, { ...reading, timeAxes: [time, other] }).calibration.time.endMs, time.endMs);
  });

  for (const { start, afterHour, lateMs } of [
    { start: "a whole hour", afterHour: 0, lateMs: 0 },
    { start: "ten to", afterHour: 50 * MINUTE_MS, lateMs: 7 * MINUTE_MS },
  ])
    test(`with labels seven minutes off an axis from ${start}, finds it ${lateMs / MINUTE_MS} minutes late`, () => {
      const { trace, reading } = drawTrace(createWuPen(1), noisyRows(500), { spacing: 0.9014, firstColumn: 0 });
      const time = moved(reading.calibration.time, afterHour);
      const { calibration } = findSampleGrid(trace, {
        ...reading,
        calibration: { ...reading.calibration, time },
        timeAxes: [time, moved(time, 7.2 * MINUTE_MS, 7.1 * MINUTE_MS)],
      });
      assert.equal(calibration.time.startMs, time.startMs + lateMs);
    });

  test("stretches an axis whose labels were some minutes off", () => {
    const { trace, reading } = drawn();
    const right = reading.calibration.time;
    const wrong = moved(right, 0, 6 * MINUTE_MS);
    const { calibration, grid } = findSampleGrid(trace, {
      ...reading,
      calibration: { ...reading.calibration, time: wrong },
      timeAxes: [wrong],
      timeUncertaintyMs: 4 * MINUTE_MS,
    });
    assert.ok(
      Math.abs(calibration.time.endMs - right.endMs) <= 2 * MINUTE_MS,
      new Date(calibration.time.endMs).toISOString(),
    );
    assert.ok(Math.abs(grid.spacing - 0.9014) < 0.0003, `${grid.spacing}`);
  });

  test("lets the labels decide on a plot of thirty days, whose columns all hold several samples", () => {
    const { trace, reading } = drawTrace(createWuPen(1), noisyRows(2000), { spacing: 0.211 });
    const { grid } = findSampleGrid(trace, reading);
    assert.equal((START_MS - grid.firstMs) % 600_000, 0);
  });
});
