import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { createAreaPen, createPlainPen, createWuPen } from "../../src/digitizer/pens.ts";
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

  // The wilder the series, the more of its columns look like others than they are, on the right grid, too.
  for (const { name, spread } of [
    { name: "lively", spread: 12 },
    { name: "wild", spread: 16 },
  ])
    test(`finds samples five minutes off the clock in a ${name} series, on the axis that the labels think less likely`, () => {
      const rows = noisyRows(500, { seed: 2, middle: 200, spread });
      const { trace, reading } = drawTrace(createWuPen(1), rows, { spacing: 0.93, height: 400 });
      const right = moved(reading.calibration.time, 5 * MINUTE_MS);
      const wrong = moved(right, 0, -10 * MINUTE_MS);
      const { calibration, grid } = findSampleGrid(trace, {
        ...reading,
        calibration: { ...reading.calibration, time: wrong },
        timeAxes: [wrong, right],
      });
      assert.deepEqual([calibration.time.endMs, grid.firstMs % 600_000], [right.endMs, 5 * MINUTE_MS]);
    });

  test("keeps samples on the clock that lie several columns apart, where some minute always looks better than all others", () => {
    for (const seed of [1, 2, 3, 4]) {
      const rows = noisyRows(145, { seed, spread: 20 });
      const { trace, reading } = drawTrace(createAreaPen(2, 0, true), rows, { spacing: 6.767 });
      assert.equal(findSampleGrid(trace, reading).grid.firstMs % 600_000, 0, `seed ${seed}`);
    }
  });

  test("keeps an axis and samples on the clock whose line, without anti-aliasing, lies in the pixels of their places", () => {
    for (const seed of [1, 2, 3]) {
      const rows = noisyRows(500, { seed, spread: 3 });
      const { trace, reading } = drawTrace(createPlainPen(0), rows, { spacing: 0.67 });
      const { calibration, grid } = findSampleGrid(trace, { ...reading, timeUncertaintyMs: 3 * MINUTE_MS });
      assert.equal(calibration.time.startMs, reading.calibration.time.startMs, `seed ${seed}`);
      assert.equal(grid.firstMs % 600_000, 0, `seed ${seed}`);
    }
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

  // Its 454 columns are 84 hours.
  const spacing = 454 / 504;
  for (const { pen, name } of [
    { pen: createWuPen(1), name: "as GD draws it" },
    { pen: createAreaPen(1.5, 0), name: "that is smooth" },
  ])
    for (const { axis, fromMin, toMin, offMin, uncertaintyMin, lateMin } of [
      { axis: "of whole hours", fromMin: 0, toMin: 0, offMin: 7, uncertaintyMin: 1, lateMin: 0 },
      { axis: "that starts ten minutes late", fromMin: 10, toMin: 10, offMin: 7, uncertaintyMin: 1, lateMin: 7 },
      { axis: "that ends ten minutes early", fromMin: 0, toMin: -10, offMin: 3, uncertaintyMin: 1, lateMin: 3 },
      { axis: "that ends ten minutes early", fromMin: 0, toMin: -10, offMin: 3, uncertaintyMin: 1.5, lateMin: 0 },
    ])
      test(`with a line ${name} and labels ${offMin} minutes off an axis ${axis}, uncertain by ${uncertaintyMin}, finds it ${lateMin} minutes late`, () => {
        const { trace, reading } = drawTrace(pen, noisyRows(500), { spacing, firstColumn: 0 });
        const time = moved(reading.calibration.time, fromMin * MINUTE_MS, toMin * MINUTE_MS);
        const { calibration } = findSampleGrid(trace, {
          ...reading,
          calibration: { ...reading.calibration, time },
          timeAxes: [time, moved(time, (offMin + 0.2) * MINUTE_MS, (offMin - 0.1) * MINUTE_MS)],
          middleUncertaintyMs: uncertaintyMin * MINUTE_MS,
        });
        assert.equal(calibration.time.startMs, time.startMs + lateMin * MINUTE_MS);
      });

  // 503 samples later the axis of whole ten minutes ends ten minutes before a whole hour, 504 later with one.
  for (const { saying, endMin, offMin, lateMin, fromMin = 10, samples = 504 } of [
    { saying: "the same of both ends", endMin: 0, offMin: 3, lateMin: 3 },
    { saying: "something else of the other end", endMin: 3, offMin: 3, lateMin: 0 },
    {
      saying: "something else of the other end of an axis from the first to the last sample of four days",
      endMin: 3,
      offMin: 3,
      lateMin: 5,
      samples: 575,
    },
    { saying: "the same of both ends", endMin: 0, offMin: 2, lateMin: 2 },
    { saying: "the same of both ends", endMin: 0, offMin: 1, lateMin: 0 },
    {
      saying: "the same of an axis that starts with a whole hour",
      endMin: 0,
      offMin: 3,
      lateMin: 3,
      fromMin: 0,
      samples: 503,
    },
    { saying: "the same of an axis of whole hours", endMin: 0, offMin: 3, lateMin: 0, fromMin: 0 },
  ])
    test(`with a line as it is published and uncertain labels ${offMin} minutes off, which say ${saying}, finds the axis ${lateMin} minutes late`, () => {
      const { trace, reading } = drawTrace(createWuPen(1), noisyRows(samples - 4), {
        spacing: 454 / samples,
        firstColumn: 0,
      });
      const time = moved(reading.calibration.time, fromMin * MINUTE_MS, fromMin * MINUTE_MS);
      const { calibration } = findSampleGrid(trace, {
        ...reading,
        calibration: { ...reading.calibration, time },
        timeAxes: [time, moved(time, (offMin + 0.2) * MINUTE_MS, (offMin + 0.1 + endMin) * MINUTE_MS)],
        middleUncertaintyMs: 5 * MINUTE_MS,
      });
      assert.equal(calibration.time.startMs, time.startMs + lateMin * MINUTE_MS);
    });

  test("takes the minute from labels where a smooth line's axis goes from the first to the last sample of four days", () => {
    const { trace, reading } = drawTrace(createAreaPen(1.5, 0), noisyRows(571), { spacing: 454 / 575, firstColumn: 0 });
    const time = moved(reading.calibration.time, 10 * MINUTE_MS);
    const { calibration } = findSampleGrid(trace, {
      ...reading,
      calibration: { ...reading.calibration, time },
      timeAxes: [time, moved(time, 3.2 * MINUTE_MS, 2.9 * MINUTE_MS)],
      middleUncertaintyMs: 2 * MINUTE_MS,
    });
    assert.equal(calibration.time.startMs, time.startMs + 3 * MINUTE_MS);
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
