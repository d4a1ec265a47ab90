import assert from "node:assert/strict";
import { test } from "vitest";
import { curvePath } from "../../src/web/day/curve.ts";

/** As of the published plots: 914 columns of seven days and an hour, 273 rows of two decades. */
const calibration = {
  plotArea: { left: 80, top: 27, right: 994, bottom: 300 },
  time: {
    found: "LABELS" as const,
    start: "2025-05-06T00:00:00Z",
    end: "2025-05-13T01:00:00Z",
    secondsPerPixel: (169 * 3600) / 914,
    residual: 0,
  },
  amplitude: { found: "LABELS" as const, scale: "LOG" as const, min: 0.1, max: 10, residual: 0 },
};
const point = (timestamp: string, value: number) => ({ timestamp, value, clipped: false });

test("the curve lies where the plot's own renderer draws it, in the middle of its pixels", () => {
  const points = [point("2025-05-06T00:00:00Z", 10), point("2025-05-06T00:10:00Z", 1)];
  assert.equal(curvePath({ points, calibration }), "M80.50 27.50L81.40 164.00");
});

test("the pen is lifted over a gap", () => {
  const points = ["00:00", "00:10", "00:30"].map((clock) => point(`2025-05-06T${clock}:00Z`, 0.1));
  assert.deepEqual(curvePath({ points, calibration }).match(/[ML]/g), ["M", "L", "M"]);
});

test("a linear axis is linear", () => {
  const linear = { ...calibration, amplitude: { ...calibration.amplitude, scale: "LINEAR" as const, min: 0 } };
  const points = [point("2025-05-06T00:00:00Z", 5)];
  assert.equal(curvePath({ points, calibration: linear }), "M80.50 164.00");
});

test("there is none without a calibration", () =>
  assert.equal(curvePath({ points: [point("2025-05-06T00:00:00Z", 1)], calibration: null }), ""));
